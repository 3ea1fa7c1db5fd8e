/**
 * The shared case files: validity, canonical forms and fingerprints, compatibility of pairs and of
 * histories, public schemas. Our strict mode answers as Confluent does on new schemas, our lenient
 * mode accepts what Java's default parser accepts, and namespaces as up to Java 1.11; every case
 * passes.
 *
 * Where sources dispute a verdict we follow Java, which is what registries run: strict mode takes
 * forward references, primitive names in a namespace, and non-text docs; only letters outside ASCII
 * are told apart by the mode.
 */
import { describe, expect, test } from "vitest";
import type { Json, JsonObject, NamedSchema, ParseOptions, Schema } from "../../src/avro/index.ts";
import {
  fingerprint,
  fingerprint64,
  fingerprintHex,
  namedTypes,
  parseJson,
  parseSchema,
  parsingCanonicalForm,
  prettyJson,
  printSchema,
  readerIncompatibilities,
} from "../../src/avro/index.ts";
import { isTypewireError } from "../../src/base/index.ts";
import {
  checkCompatibility,
  describeIncompatibility,
  satisfiedLevels,
} from "../../src/confluent/index.ts";
import {
  hasPublicSchemas,
  PUBLIC_ABSENT,
  readCases,
  readCaseText,
  readPublic,
} from "./conformance.ts";

const STRICT: ParseOptions = { mode: "strict" };
const LENIENT: ParseOptions = { mode: "lenient", validateDefaults: true };

interface ValidityCase {
  readonly id: string;
  readonly schema_text: string;
  readonly confluent_new: string;
  readonly java_1_12_1: string;
  readonly java_1_11_4?: string;
  readonly expected: string | null;
  readonly disputed?: boolean;
  readonly canonical?: string;
}

interface FingerprintCase {
  readonly id: string;
  readonly schema_text: string;
  readonly canonical: string;
  readonly rabin_int64: string;
  readonly rabin_be_hex: string;
  readonly md5: string;
  readonly sha256: string;
}

interface Entry {
  readonly type: string;
  readonly location: string;
  readonly message: string;
}

interface Pair {
  readonly id: string;
  readonly compatible: boolean | null;
  readonly incompatibilities?: readonly Entry[];
  readonly java_exception?: string;
  readonly confluent_messages_reader_new_writer_old?: readonly string[];
}

interface History {
  readonly id: string;
  readonly level: "BACKWARD";
  readonly compatible: boolean;
  readonly confluent_messages?: readonly string[];
}

interface SchemaSet {
  readonly set: string;
  readonly registration_order: readonly string[];
}

interface Public {
  readonly file: string;
  readonly java: Readonly<Record<string, string>>;
  readonly rabin_int64?: string;
  readonly md5?: string;
  readonly sha256?: string;
}

function verdict(text: string, options: ParseOptions): string {
  try {
    parseSchema(text, options);
    return "accept";
  } catch (error) {
    if (!isTypewireError(error)) throw error;
    return "reject";
  }
}

function rabin(schema: Schema): string {
  return BigInt.asIntN(64, fingerprint64(schema)).toString();
}

/** The same cases twice: as plain data, and losslessly. */
function casesOf<T>(file: string): readonly { readonly plain: T; readonly exact: JsonObject }[] {
  const { cases } = readCases<{ cases: readonly T[] }>(file);
  const whole = parseJson(readCaseText(file)) as JsonObject;
  const exact = whole.get("cases") as readonly JsonObject[];
  return cases.map((plain, index) => ({ plain, exact: exact[index] as JsonObject }));
}

function schemaAt(one: JsonObject, member: string): Schema {
  return parseSchema(prettyJson(one.get(member) as Json), { mode: "lenient" });
}

describe("schema-validity.json", () => {
  const cases = casesOf<ValidityCase>("schema-validity.json").map(({ plain }) => plain);

  test("has cases", () => expect(cases.length).toBeGreaterThan(500));

  test.each(cases)("$id: strict mode is $confluent_new, lenient $java_1_12_1", (one) => {
    expect(verdict(one.schema_text, STRICT)).toBe(one.confluent_new);
    const isJava = [one.java_1_12_1, one.java_1_11_4].includes("accept");
    expect(verdict(one.schema_text, LENIENT)).toBe(isJava ? "accept" : "reject");
    if (one.disputed !== true && one.expected !== null) {
      expect(verdict(one.schema_text, STRICT)).toBe(one.expected);
    }
    if (one.canonical === undefined) return;
    const schema = parseSchema(one.schema_text, LENIENT);
    expect(parsingCanonicalForm(schema)).toBe(one.canonical);
    const printed = printSchema(schema);
    expect(printSchema(parseSchema(printed, LENIENT))).toBe(printed);
  });
});

describe("canonical-fingerprints.json", () => {
  const cases = casesOf<FingerprintCase>("canonical-fingerprints.json").map(({ plain }) => plain);

  test.each(cases)("$id", (one) => {
    const schema = parseSchema(one.schema_text, { mode: "lenient" });
    expect({
      canonical: parsingCanonicalForm(schema),
      rabin_int64: rabin(schema),
      rabin_be_hex: fingerprintHex(schema),
      md5: fingerprint(schema, "md5").toString("hex"),
      sha256: fingerprint(schema, "sha256").toString("hex"),
    }).toEqual({
      canonical: one.canonical,
      rabin_int64: one.rabin_int64,
      rabin_be_hex: one.rabin_be_hex,
      md5: one.md5,
      sha256: one.sha256,
    });
  });
});

describe("compat-pairs.json", () => {
  const cases = casesOf<Pair>("compat-pairs.json").map((one) => ({ id: one.plain.id, ...one }));
  const [failing, judged] = [
    cases.filter(({ plain }) => plain.java_exception !== undefined),
    cases.filter(({ plain }) => plain.java_exception === undefined),
  ];

  test.each(judged)("$id", ({ plain, exact }) => {
    const found = readerIncompatibilities(schemaAt(exact, "reader"), schemaAt(exact, "writer"));
    const entries = found.map(({ type, location, message }) => ({ type, location, message }));
    expect(entries).toEqual(plain.incompatibilities);
    expect(entries.length === 0).toBe(plain.compatible);
    const texts = plain.confluent_messages_reader_new_writer_old ?? [];
    expect(found.map((entry) => describeIncompatibility(entry, "backward"))).toEqual(
      entries.length === 0 ? [] : texts,
    );
  });

  test.each(failing)("$id ends with an error", ({ plain, exact }) => {
    let caught: unknown;
    try {
      readerIncompatibilities(schemaAt(exact, "reader"), schemaAt(exact, "writer"));
    } catch (error) {
      caught = error;
    }
    if (!isTypewireError(caught, "AVRO_ALIAS_AMBIGUOUS")) {
      expect(caught).toMatchObject({ name: "TypewireError" });
      expect(plain.java_exception).toMatch(/^SchemaParseException/);
    } else {
      expect(`AvroRuntimeException: ${String(caught.details["javaMessage"])}`).toBe(
        plain.java_exception,
      );
    }
  });
});

describe("compat-histories.json", () => {
  const cases = casesOf<History>("compat-histories.json").map((one) => ({
    id: one.plain.id,
    ...one,
  }));

  test.each(cases)("$id", ({ plain, exact }) => {
    const { level } = plain;
    const history = (exact.get("history") as readonly Json[]).map((json) => {
      const text = prettyJson(json);
      return { schema: parseSchema(text, { mode: "lenient" }), text };
    });
    const candidate = { schema: schemaAt(exact, "candidate") };
    const { isCompatible, messages } = checkCompatibility({ level, candidate, history });
    expect(isCompatible).toBe(plain.compatible);
    expect(satisfiedLevels(candidate.schema, history).has(level)).toBe(plain.compatible);
    if (plain.confluent_messages === undefined) return;
    const found = messages.filter((text) => /^(?:\{errorType|Unexpected)/.test(text));
    expect(found).toEqual(plain.confluent_messages);
  });
});

describe.skipIf(!hasPublicSchemas)(`public schemas ${PUBLIC_ABSENT}`, () => {
  const files = hasPublicSchemas ? (JSON.parse(readPublic("index.json")) as readonly Public[]) : [];

  test.each(files)("$file", ({ file, java, rabin_int64, md5, sha256 }) => {
    const text = readPublic(file);
    const accepted = (one: string): string =>
      java[one]?.startsWith("accept") ? "accept" : "reject";
    expect(verdict(text, STRICT)).toBe(accepted("1.12.1 STRICT_VALIDATOR"));
    expect(verdict(text, LENIENT)).toBe(accepted("1.12.1 Schema.Parser"));
    if (rabin_int64 === undefined) return;
    const schema = parseSchema(text, { mode: "strict" });
    expect(rabin(schema)).toBe(rabin_int64);
    expect(fingerprint(schema, "md5").toString("hex")).toBe(md5);
    expect(fingerprint(schema, "sha256").toString("hex")).toBe(sha256);
  });

  const sets = hasPublicSchemas
    ? (JSON.parse(readPublic("sets/index.json")) as readonly SchemaSet[])
    : [];

  test.each(sets)("set $set, each file with the types of those before it", (one) => {
    const types = new Map<string, NamedSchema>();
    for (const file of one.registration_order) {
      const schema = parseSchema(readPublic(`sets/${one.set}/${file}`), {
        mode: "strict",
        types,
      });
      const external = new Set(types.keys());
      const stored = printSchema(schema, { external });
      expect(printSchema(parseSchema(stored, { mode: "strict", types }), { external })).toBe(
        stored,
      );
      for (const [name, type] of namedTypes(schema)) types.set(name, type);
      expect(parsingCanonicalForm(parseSchema(printSchema(schema), { mode: "strict" }))).toBe(
        parsingCanonicalForm(schema),
      );
    }
    expect(types.size).toBeGreaterThan(0);
  });
});
