/** Apache Avro for Java as the referee of a few thousand generated cases, asked in one batch. */
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { Schema } from "../../src/avro/index.ts";
import {
  createCodec,
  createDecoder,
  fingerprintHex,
  namedTypes,
  parseSchema,
  parsingCanonicalForm,
  printSchema,
  readerIncompatibilities,
} from "../../src/avro/index.ts";
import { isTypewireError } from "../../src/base/index.ts";
import { arbDamagedText, arbSchemaPair, arbSchemaText } from "./arbitraries.ts";
import type { RefereeAnswer, RefereeCase } from "./java.ts";
import { askReferee, refereeProblem } from "./java.ts";
import { valuesOf } from "./values.ts";

const SEED = 20_261_121;
const schemas = fc.sample(arbSchemaText, { seed: SEED, numRuns: 3000 });
const damaged = fc.sample(arbDamagedText, { seed: SEED, numRuns: 6000 });
const pairs = fc.sample(arbSchemaPair, { seed: SEED, numRuns: 3000 });
/** Base types only: what a logical type does to a value is no business of the bytes. */
const MAPPING = { logical: "raw" } as const;
const data = fc.sample(arbSchemaPair.chain(writtenData), { seed: SEED, numRuns: 3000 });
const problem = refereeProblem();
const title = problem === undefined ? "Java agrees" : `Java agrees (skipped: ${problem})`;

describe.skipIf(problem !== undefined)(title, () => {
  let answers: Readonly<Record<"schemas" | "pairs" | "data" | "damaged", readonly RefereeAnswer[]>>;

  beforeAll(() => {
    const cases: RefereeCase[] = [
      ...schemas.map((text) => ({ op: "schema", text }) as const),
      ...pairs.map(([writer, reader]) => ({ op: "pair", reader, writer }) as const),
      ...data,
      ...damaged.map((text) => ({ op: "schema", text }) as const),
    ];
    const all = askReferee(cases);
    const take = (count: number): RefereeAnswer[] => all.splice(0, count);
    answers = {
      schemas: take(schemas.length),
      pairs: take(pairs.length),
      data: take(data.length),
      damaged: take(damaged.length),
    };
  });

  test("on stored text, canonical form and fingerprint of every generated schema", () => {
    expect(differences(schemas.map(ourSchema), answers.schemas)).toEqual([]);
  });

  test("on every finding of every generated pair of versions", () => {
    expect(differences(pairs.map(ourPair), answers.pairs)).toEqual([]);
  });

  test("on the bytes of generated data, read by the other version and written again", () => {
    expect(data.filter((one, index) => !isSameData(one, answers.data[index])).slice(0, 5)).toEqual(
      [],
    );
    expect(answers.data.filter(({ hex }) => hex !== undefined).length).toBeGreaterThan(
      data.length / 3,
    );
  });

  test("on what is no schema, and on the text of damaged ones that still are", () => {
    const theirs = answers.damaged.map((their) =>
      their.error === undefined || their.error === CANNOT_JUDGE ? their : REFUSED,
    );
    expect(differences(damaged.map(ourVerdict), theirs)).toEqual([]);
    expect(theirs.filter((their) => their !== REFUSED).length).toBeGreaterThan(damaged.length / 20);
  });

  test("on nearly all of them: it cannot judge a default that needs the record around it", () => {
    const all = Object.values(answers).flat();
    const given = all.filter(({ error }) => error === CANNOT_JUDGE);
    expect(given.length).toBeLessThan(all.length / 50);
  });
});

/** Java looks at the fields of a record that it has not finished; we let such defaults pass. */
const CANNOT_JUDGE = "Schema fields not set yet";

function differences(ours: readonly RefereeAnswer[], theirs: readonly RefereeAnswer[]): unknown[] {
  expect(theirs.length).toBe(ours.length);
  return ours
    .map((our, index) => ({ our, their: theirs[index] }))
    .filter(({ their }) => their?.error !== CANNOT_JUDGE)
    .filter(({ our, their }) => JSON.stringify(sorted(our)) !== JSON.stringify(sorted(their)))
    .slice(0, 5);
}

function sorted(answer: RefereeAnswer | undefined): unknown {
  return Object.entries(answer ?? {}).sort(([left], [right]) => (left < right ? -1 : 1));
}

interface DataCase {
  readonly op: "bytes";
  readonly writer: string;
  readonly reader: string;
  readonly hex: string;
}

function writtenData([writer, reader]: readonly [string, string]): fc.Arbitrary<DataCase> {
  const schema = parseSchema(writer, { mode: "strict" });
  const { toBuffer } = createCodec(schema, { mapping: MAPPING });
  return valuesOf(schema, MAPPING).map((value) => {
    return { op: "bytes", writer, reader, hex: toBuffer(value).toString("hex") };
  });
}

/** Equal bytes, equal values (Java shuffles maps), or an error on both sides. */
function isSameData(one: DataCase, their: RefereeAnswer | undefined): boolean {
  if (their?.error === CANNOT_JUDGE) return true;
  const [writer, reader] = [
    parseSchema(one.writer, { mode: "strict" }),
    parseSchema(one.reader, { mode: "strict" }),
  ];
  const bytes = Buffer.from(one.hex, "hex");
  let value: unknown;
  try {
    const { decode } = createDecoder(writer, reader, { mapping: MAPPING });
    value = decode(bytes, 0, bytes.length);
  } catch (error) {
    if (!isTypewireError(error)) throw error;
    return their?.error !== undefined;
  }
  if (their?.error !== undefined) {
    return isMovedType(their.error, reader) || isSizedByReader(their.error, one);
  }
  if (their?.hex === undefined || their.rest !== 0) return false;
  const codec = createCodec(reader, { mapping: MAPPING });
  if (codec.toBuffer(value).toString("hex") === their.hex) return true;
  return isDeepStrictEqual(codec.fromBuffer(Buffer.from(their.hex, "hex")), value);
}

/**
 * Java 1.12.2 looks whether a list can fit its bytes by the size of the reader's elements, though they are
 * the writer's: it refuses `[1, 2]` of ints where floats are read. Ours goes by the writer's.
 */
function isSizedByReader(error: string, { writer, reader }: DataCase): boolean {
  return writer !== reader && /^Collection claims \d+ elements with at least /.test(error);
}

/** Java's check passes an enum or fixed of another namespace to a union, its reader does not; ours does. */
function isMovedType(error: string, reader: Schema): boolean {
  const found = /^Found (\S+), expecting union/.exec(error)?.[1];
  return [...namedTypes(reader).values()].some(
    ({ kind, name }) =>
      kind !== "record" && name.fullName !== found && name.name === found?.split(".").at(-1),
  );
}

const REFUSED: RefereeAnswer = { error: "refused" };

function ourVerdict(text: string): RefereeAnswer {
  try {
    return ourSchema(text);
  } catch (error) {
    if (!isTypewireError(error)) throw error;
    return REFUSED;
  }
}

function ourSchema(text: string): RefereeAnswer {
  const schema = parseSchema(text, { mode: "strict" });
  return {
    text: printSchema(schema),
    canonical: parsingCanonicalForm(schema),
    rabin: fingerprintHex(schema).replace(/^0+/, ""),
  };
}

function ourPair([writer, reader]: readonly [string, string]): RefereeAnswer {
  try {
    const findings = readerIncompatibilities(
      parseSchema(reader, { mode: "strict" }),
      parseSchema(writer, { mode: "strict" }),
    );
    const plain = findings.map(({ type, location, message }) => ({ type, location, message }));
    return { incompatibilities: plain };
  } catch (error) {
    if (!isTypewireError(error, "AVRO_ALIAS_AMBIGUOUS")) throw error;
    return { error: String(error.details["javaMessage"]) };
  }
}
