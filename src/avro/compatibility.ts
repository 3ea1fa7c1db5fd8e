/**
 * Whether a reader's schema can read everything that a writer's schema can write.
 *
 * This is Java's `SchemaCompatibility` (1.12.1) path for path and message for message:
 * - Results are kept by identity of the two nodes; a pair in progress counts as compatible, and a
 *   stored result comes back with its first location.
 * - Inside unions a check starts with a fresh location, and what it finds there is dropped.
 * - A record goes on to its fields after a wrong name, so one change can give several findings.
 * - Not looked at: logical types, namespaces (but for aliases), docs, orders, values of defaults.
 *
 * Beyond Java each finding carries the full pointers into both schemas, and the depth is bounded.
 */

import { avroErrors } from "./errors.ts";
import { byUnits } from "./identity.ts";
import type { EnumSchema, NamedSchema, RecordField, RecordSchema, Schema } from "./model.ts";
import { SCHEMA_DEPTH_MAX } from "./parse-finish.ts";
import { printSchema } from "./print.ts";

/** The kinds of findings, as Java and Confluent spell them. */
export type IncompatibilityType =
  | "NAME_MISMATCH"
  | "FIXED_SIZE_MISMATCH"
  | "MISSING_ENUM_SYMBOLS"
  | "READER_FIELD_MISSING_DEFAULT_VALUE"
  | "TYPE_MISMATCH"
  | "MISSING_UNION_BRANCH";

/** One reason why a reader may fail. */
export interface Incompatibility {
  readonly type: IncompatibilityType;
  /** Java's location: a pointer into the reader that starts again inside unions; `/` is the root. */
  readonly location: string;
  /** Java's message, for example `expected: 8, found: 4`. */
  readonly message: string;
  /** JSON pointer from the root of the reader's schema; references are followed. `""` is the root. */
  readonly readerPath: string;
  /** JSON pointer from the root of the writer's schema. */
  readonly writerPath: string;
}

/**
 * Why `reader` cannot read all data of `writer`; empty when it can.
 *
 * @throws AVRO_ALIAS_AMBIGUOUS when a reader's field fits several fields of the writer
 * @throws AVRO_SCHEMA_TOO_DEEP
 */
export function readerIncompatibilities(
  reader: Schema,
  writer: Schema,
): readonly Incompatibility[] {
  return new Checker().check(reader, writer, ROOT);
}

/** Where a check stands: Java's location, and the pointers into both schemas. */
interface Place {
  readonly location: string;
  readonly reader: string;
  readonly writer: string;
}

type Findings = readonly Incompatibility[];

const ROOT: Place = { location: "", reader: "", writer: "" };
const NONE: Findings = [];

const PROMOTIONS: ReadonlyMap<string, readonly string[]> = new Map([
  ["long", ["int"]],
  ["float", ["int", "long"]],
  ["double", ["int", "long", "float"]],
  ["bytes", ["string"]],
  ["string", ["bytes"]],
]);

class Checker {
  private readonly known = new Map<Schema, Map<Schema, Findings>>();
  private depth = 0;

  /** Only pairs with a named type can be met twice, so only those are remembered. */
  check(reader: Schema, writer: Schema, place: Place): Findings {
    if (!("name" in reader) && !("name" in writer)) return this.compare(reader, writer, place);
    let partners = this.known.get(reader);
    if (partners === undefined) {
      partners = new Map();
      this.known.set(reader, partners);
    }
    const earlier = partners.get(writer);
    if (earlier !== undefined) return earlier;
    partners.set(writer, NONE);
    if (++this.depth > SCHEMA_DEPTH_MAX) {
      throw avroErrors.create("AVRO_SCHEMA_TOO_DEEP", { limit: SCHEMA_DEPTH_MAX });
    }
    const findings = this.compare(reader, writer, place);
    this.depth--;
    partners.set(writer, findings);
    return findings;
  }

  private compare(reader: Schema, writer: Schema, place: Place): Findings {
    if (reader.kind === "union") {
      return writer.kind === "union"
        ? this.unions(reader, writer.branches, place)
        : this.readerUnion(reader.branches, writer, place);
    }
    if (writer.kind === "union") return this.writerUnion(reader, writer.branches, place);
    if (reader.kind === "record" && writer.kind === "record") {
      return join(compareNames(reader, writer, place), this.fields(reader, writer, place));
    }
    if (reader.kind === "array" && writer.kind === "array") {
      return this.check(reader.items, writer.items, below(place, "/items"));
    }
    if (reader.kind === "map" && writer.kind === "map") {
      return this.check(reader.values, writer.values, below(place, "/values"));
    }
    return compareLeaves(reader, writer, place);
  }

  private unions(reader: Schema, branches: readonly Schema[], place: Place): Findings {
    let findings = NONE;
    for (const [index, branch] of branches.entries()) {
      const writer = `${place.writer}/${index}`;
      const inner = this.check(reader, branch, { location: "", reader: place.reader, writer });
      if (inner.length === 0) continue;
      const location = `${place.location}/${index}`;
      findings = join(findings, missingBranch(branch, { ...place, location, writer }));
    }
    return findings;
  }

  private writerUnion(reader: Schema, branches: readonly Schema[], place: Place): Findings {
    let findings = NONE;
    for (const [index, branch] of branches.entries()) {
      const inner = {
        location: `${place.location}/${index}`,
        reader: place.reader,
        writer: `${place.writer}/${index}`,
      };
      findings = join(findings, this.check(reader, branch, inner));
    }
    return findings;
  }

  private readerUnion(branches: readonly Schema[], writer: Schema, place: Place): Findings {
    for (const [index, branch] of branches.entries()) {
      const inner = { location: "", reader: `${place.reader}/${index}`, writer: place.writer };
      if (this.check(branch, writer, inner).length === 0) return NONE;
    }
    return missingBranch(writer, place);
  }

  private fields(reader: RecordSchema, writer: RecordSchema, place: Place): Findings {
    let findings = NONE;
    for (const field of reader.fields) {
      const partner = writerField(writer, field);
      if (partner === undefined) {
        findings = join(findings, this.missingField(field, writer, place));
      } else if (!isSamePrimitive(field.schema, partner.schema)) {
        const inner = {
          location: `${place.location}/fields/${field.index}/type`,
          reader: `${place.reader}/fields/${field.index}/type`,
          writer: `${place.writer}/fields/${partner.index}/type`,
        };
        findings = join(findings, this.check(field.schema, partner.schema, inner));
      }
    }
    return findings;
  }

  /** Java compares an enum that has a default with the writer's record; so do we. */
  private missingField(field: RecordField, writer: RecordSchema, place: Place): Findings {
    if (field.default !== undefined) return NONE;
    const { schema } = field;
    const step = `/fields/${field.index}`;
    const here = { ...place, location: place.location + step, reader: place.reader + step };
    if (schema.kind === "enum" && schema.default !== undefined) {
      const { location, reader } = here;
      const inner = { ...here, location: `${location}/type`, reader: `${reader}/type` };
      return this.check(schema, writer, inner);
    }
    return found("READER_FIELD_MISSING_DEFAULT_VALUE", here, field.name);
  }
}

function compareLeaves(reader: Schema, writer: Schema, place: Place): Findings {
  if (reader.kind === "enum" && writer.kind === "enum") {
    return join(compareNames(reader, writer, place), compareSymbols(reader, writer, place));
  }
  if (reader.kind === "fixed" && writer.kind === "fixed") {
    const names = compareNames(reader, writer, place);
    if (reader.size === writer.size) return names;
    const message = `expected: ${writer.size}, found: ${reader.size}`;
    return join(names, found("FIXED_SIZE_MISMATCH", below(place, "/size"), message));
  }
  if (reader.kind === writer.kind || PROMOTIONS.get(reader.kind)?.includes(writer.kind)) {
    return NONE;
  }
  const message = `reader type: ${typeName(reader)} not compatible with writer type: ${typeName(writer)}`;
  return found("TYPE_MISMATCH", place, message);
}

function compareSymbols(reader: EnumSchema, writer: EnumSchema, place: Place): Findings {
  if (reader.default !== undefined) return NONE;
  const symbols = new Set(reader.symbols);
  const missing = writer.symbols.filter((symbol) => !symbols.has(symbol));
  if (missing.length === 0) return NONE;
  const message = `[${missing.sort(byUnits).join(", ")}]`;
  return found("MISSING_ENUM_SYMBOLS", below(place, "/symbols"), message);
}

function compareNames(reader: NamedSchema, writer: NamedSchema, place: Place): Findings {
  if (reader.name.name === writer.name.name || hasAlias(reader, writer.name.fullName)) return NONE;
  return found("NAME_MISMATCH", below(place, "/name"), `expected: ${writer.name.fullName}`);
}

/** For Java an alias of the null namespace on a type of another namespace matches nothing. */
function hasAlias(reader: NamedSchema, fullName: string): boolean {
  return (
    reader.aliases.includes(fullName) && (reader.name.namespace === "" || fullName.includes("."))
  );
}

function writerField(writer: RecordSchema, field: RecordField): RecordField | undefined {
  const direct = fieldNamed(writer, field.name, field.index);
  if (field.aliases.length === 0) return direct;
  const matches = direct === undefined ? [] : [direct];
  for (const alias of field.aliases) {
    const match = fieldNamed(writer, alias, field.index);
    if (match !== undefined) matches.push(match);
  }
  if (matches.length < 2) return matches[0];
  const shown = `${field.name} type:${typeName(field.schema)} pos:${field.index}`;
  throw avroErrors.create("AVRO_ALIAS_AMBIGUOUS", {
    field: field.name,
    record: writer.name.fullName,
    matches: matches.map((match) => match.name).join(", "),
    javaMessage: `Reader record field ${shown} matches multiple fields in writer record schema ${printSchema(writer)}`,
  });
}

const LINEAR_FIELDS_MAX = 16;
const fieldsByName = new WeakMap<RecordSchema, ReadonlyMap<string, RecordField>>();

function fieldNamed(record: RecordSchema, name: string, hint: number): RecordField | undefined {
  const guess = record.fields[hint];
  if (guess?.name === name) return guess;
  if (record.fields.length <= LINEAR_FIELDS_MAX) {
    return record.fields.find((field) => field.name === name);
  }
  let byName = fieldsByName.get(record);
  if (byName === undefined) {
    byName = new Map(record.fields.map((field) => [field.name, field]));
    fieldsByName.set(record, byName);
  }
  return byName.get(name);
}

function isSamePrimitive(reader: Schema, writer: Schema): boolean {
  if (reader.kind !== writer.kind || reader.kind === "union" || "name" in reader) return false;
  return reader.kind !== "array" && reader.kind !== "map";
}

function missingBranch(writer: Schema, place: Place): Findings {
  return found(
    "MISSING_UNION_BRANCH",
    place,
    `reader union lacking writer type: ${typeName(writer)}`,
  );
}

function found(type: IncompatibilityType, place: Place, message: string): Findings {
  const location = place.location === "" ? "/" : place.location;
  return [{ type, location, message, readerPath: place.reader, writerPath: place.writer }];
}

function below(place: Place, step: string): Place {
  return {
    location: place.location + step,
    reader: place.reader + step,
    writer: place.writer + step,
  };
}

function join(left: Findings, right: Findings): Findings {
  if (left.length === 0) return right;
  return right.length === 0 ? left : [...left, ...right];
}

function typeName(schema: Schema): string {
  return schema.kind.toUpperCase();
}
