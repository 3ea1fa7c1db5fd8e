/**
 * Defaults of fields: whether one can be used, and its binary encoding. As in Java, defaults become
 * values by being encoded and read again, so every reader gets a fresh copy and one set of rules
 * holds for all values. This is the one answer to "is this default usable": encoder, decoder, the
 * generated types and the warnings of code generation all ask {@link Defaults}.
 *
 * Invariants:
 * - A default is usable when it can be encoded and a reader of the same mapping accepts the encoding.
 *   Any other default is neither written nor filled in.
 * - A union default takes the first branch that it fits (specification 1.12). The mapping has no say
 *   in that: a default that it cannot show is unusable, other programs would still take that branch.
 * - A default that comes to contain itself is unusable, even where a later branch would end it.
 * - Work and memory are bounded by (types × values) of the text: each pair of a type and a container
 *   is judged once, each own default once, and the size of a default is counted before anything is made.
 */
import { CodecFault } from "./codec-fault.ts";
import { putLeaf } from "./default-leaf.ts";
import { printJson } from "./json-print.ts";
import {
  BYTES_PER_UNIT,
  DEFAULT_BYTES_MAX,
  DEFAULT_DEPTH_MAX,
  DEFAULT_VALUES_MAX,
  NULL_UNITS,
  RECORD_UNITS,
} from "./limits.ts";
import type { MappingOptions } from "./mapping.ts";
import { fieldMapping, fieldPath } from "./mapping.ts";
import type { Json, RecordField, RecordSchema, Schema, UnionSchema } from "./model.ts";
import { writeString } from "./text.ts";
import { writeInt } from "./varint.ts";

/** A default that can be used. */
export interface DefaultValue {
  /** What filling it in costs, in the units of `limits.ts`. */
  readonly units: number;
  /** Length of the encoding. */
  readonly size: number;
  /** The encoding; long ones are made anew each time, so that schemas cannot fill memory. */
  bytes(): Buffer;
}

/** What a value comes to. */
interface Facts {
  readonly size: number;
  readonly values: number;
  readonly units: number;
  /** Levels of values inside each other. */
  readonly depth: number;
}

/** Why a value is not a usable default; `path` leads from the default to the place. */
interface Problem {
  readonly problem: string;
  readonly path: string;
  /** Whether no other branch of a union may be tried. */
  readonly isFinal: boolean;
  /** Whether it is so only from where the search began. */
  readonly isTooDeep?: boolean;
}

type Verdict = Facts | Problem;

const NOTHING = Buffer.alloc(0);
const KEPT_BYTES_MAX = 4096;
const SHOWN_CHARS_MAX = 250;

/** The defaults of schemas under one mapping; keep one for a whole schema. */
export class Defaults {
  readonly #mapping: MappingOptions;
  readonly #own = new Map<RecordField, Verdict>();
  /** Own defaults that are being judged; one that needs itself has no end. */
  readonly #open = new Set<RecordField>();
  readonly #judged = new Map<MappingOptions, Map<object, Map<Schema, Verdict>>>();

  constructor(mapping: MappingOptions) {
    this.#mapping = mapping;
  }

  /** The default of a field that has one, or the fault of one that can't be used. */
  of(record: RecordSchema, field: RecordField): DefaultValue | CodecFault {
    const verdict = this.#judgeOwn(record, field, 0);
    if (isProblem(verdict)) return unusable(record, field, verdict);
    const { size, units } = verdict;
    let kept: Buffer | undefined;
    const bytes = (): Buffer => {
      if (kept !== undefined) return kept;
      const made = Buffer.alloc(size);
      this.#putOwn(record, field, { buffer: made, pos: 0 });
      if (size <= KEPT_BYTES_MAX) kept = made;
      return made;
    };
    return { units, size, bytes };
  }

  #judgeOwn(record: RecordSchema, field: RecordField, level: number): Verdict {
    if (field.default === undefined) return problem(`field ${field.name} is missing`);
    const known = this.#own.get(field);
    if (known !== undefined) return atLevel(known, level);
    if (this.#open.has(field)) return { ...problem("it contains itself"), isFinal: true };
    this.#open.add(field);
    const inside = fieldMapping(record, field, this.#mapping);
    const verdict = this.#judge(field.schema, field.default, inside, level);
    this.#open.delete(field);
    if (!isTooDeep(verdict)) this.#own.set(field, verdict);
    return verdict;
  }

  #judge(schema: Schema, json: Json, mapping: MappingOptions, level: number): Verdict {
    if (level > DEFAULT_DEPTH_MAX) return TOO_DEEP;
    if (json === null || typeof json !== "object" || !isContainer(json)) {
      return this.#judgeParts(schema, json, mapping, level);
    }
    const byNode = this.#judged.get(mapping) ?? new Map<object, Map<Schema, Verdict>>();
    const bySchema = byNode.get(json) ?? new Map<Schema, Verdict>();
    this.#judged.set(mapping, byNode.set(json, bySchema));
    const known = bySchema.get(schema);
    if (known !== undefined) return atLevel(known, level);
    const verdict = this.#judgeParts(schema, json, mapping, level);
    if (!isTooDeep(verdict)) bySchema.set(schema, verdict);
    return verdict;
  }

  #judgeParts(schema: Schema, json: Json, mapping: MappingOptions, level: number): Verdict {
    switch (schema.kind) {
      case "union": {
        const [index, verdict] = this.#choose(schema, json, mapping, level);
        if (isProblem(verdict)) return verdict;
        return { ...verdict, size: verdict.size + writeInt(NOTHING, 0, index) };
      }
      case "record":
        return json instanceof Map
          ? this.#judgeRecord(schema, json, level)
          : problem("it is no object");
      case "array": {
        if (!Array.isArray(json)) return problem("it is no array");
        const items = (json as readonly Json[]).entries();
        return this.#sum(items, schema.items, mapping, level);
      }
      case "map": {
        if (!(json instanceof Map)) return problem("it is no object");
        return this.#sum(
          (json as ReadonlyMap<string, Json>).entries(),
          schema.values,
          mapping,
          level,
        );
      }
      default: {
        const end = putLeaf({ buffer: NOTHING, pos: 0 }, schema, json, mapping);
        if (typeof end !== "number") return { path: "", ...end };
        const units = schema.kind === "null" ? NULL_UNITS : 2 + Math.ceil(end / BYTES_PER_UNIT);
        return { size: end, values: 1, units, depth: 0 };
      }
    }
  }

  /** The first branch that a value fits, or the one that proves that no branch fits. */
  #choose(
    { branches }: UnionSchema,
    json: Json,
    mapping: MappingOptions,
    level: number,
  ): readonly [number, Verdict] {
    for (const [index, branch] of branches.entries()) {
      if (!mayFit(branch, json)) continue;
      const verdict = this.#judge(branch, json, mapping, level);
      if (!isProblem(verdict) || verdict.isFinal) return [index, verdict];
    }
    return [-1, problem("it fits no branch of the union")];
  }

  #sum(
    members: Iterable<readonly [string | number, Json]>,
    schema: Schema,
    mapping: MappingOptions,
    level: number,
  ): Verdict {
    const total = new Total();
    let count = 0;
    for (const [key, member] of members) {
      count++;
      if (typeof key === "string") total.size += writeString(NOTHING, 0, key);
      const refused = total.add(this.#judge(schema, member, mapping, level + 1), stepTo(key));
      if (refused !== undefined) return refused;
    }
    total.size += count === 0 ? 1 : writeInt(NOTHING, 0, count) + 1;
    return total.facts();
  }

  #judgeRecord(schema: RecordSchema, members: ReadonlyMap<string, Json>, level: number): Verdict {
    const total = new Total();
    total.units += RECORD_UNITS;
    for (const field of schema.fields) {
      const member = members.get(field.name);
      const verdict =
        member === undefined
          ? this.#judgeOwn(schema, field, level + 1)
          : this.#judge(
              field.schema,
              member,
              fieldMapping(schema, field, this.#mapping),
              level + 1,
            );
      const refused = total.add(verdict, stepTo(field.name));
      if (refused !== undefined) return refused;
    }
    return total.facts();
  }

  #put(sink: Sink, schema: Schema, json: Json, mapping: MappingOptions): void {
    switch (schema.kind) {
      case "union": {
        const [index] = this.#choose(schema, json, mapping, 0);
        sink.pos = writeInt(sink.buffer, sink.pos, index);
        this.#put(sink, schema.branches[index] as Schema, json, mapping);
        return;
      }
      case "record":
        this.#putRecord(sink, schema, json as ReadonlyMap<string, Json>);
        return;
      case "array": {
        const items = json as readonly Json[];
        if (items.length > 0) sink.pos = writeInt(sink.buffer, sink.pos, items.length);
        for (const item of items) this.#put(sink, schema.items, item, mapping);
        sink.pos = writeInt(sink.buffer, sink.pos, 0);
        return;
      }
      case "map": {
        const members = json as ReadonlyMap<string, Json>;
        if (members.size > 0) sink.pos = writeInt(sink.buffer, sink.pos, members.size);
        for (const [key, member] of members) {
          sink.pos = writeString(sink.buffer, sink.pos, key);
          this.#put(sink, schema.values, member, mapping);
        }
        sink.pos = writeInt(sink.buffer, sink.pos, 0);
        return;
      }
      default:
        sink.pos = putLeaf(sink, schema, json, mapping) as number;
    }
  }

  #putRecord(sink: Sink, schema: RecordSchema, members: ReadonlyMap<string, Json>): void {
    for (const field of schema.fields) {
      const member = members.get(field.name);
      if (member === undefined) this.#putOwn(schema, field, sink);
      else this.#put(sink, field.schema, member, fieldMapping(schema, field, this.#mapping));
    }
  }

  #putOwn(record: RecordSchema, field: RecordField, sink: Sink): void {
    const json = field.default as Json;
    this.#put(sink, field.schema, json, fieldMapping(record, field, this.#mapping));
  }
}

/** Where an encoding goes. */
interface Sink {
  readonly buffer: Buffer;
  pos: number;
}

/** Adds up the parts of a value. */
class Total {
  size = 0;
  units = 2;
  #values = 1;
  #depth = 0;

  /** Adds a part; answers the problem that makes the whole unusable, if there is one. */
  add(part: Verdict, step: string): Problem | undefined {
    if (isProblem(part)) return { ...part, path: shortened(step + part.path) };
    this.size += part.size;
    this.units += part.units;
    this.#values += part.values;
    this.#depth = Math.max(this.#depth, part.depth + 1);
    if (this.#values > DEFAULT_VALUES_MAX) {
      return { ...problem(`it has more than ${DEFAULT_VALUES_MAX} values`), isFinal: true };
    }
    if (this.size > DEFAULT_BYTES_MAX) {
      return { ...problem(`it takes more than ${DEFAULT_BYTES_MAX} bytes`), isFinal: true };
    }
    return undefined;
  }

  facts(): Facts {
    const { size, units } = this;
    return { size, values: this.#values, units, depth: this.#depth };
  }
}

function problem(text: string): Problem {
  return { problem: text, path: "", isFinal: false };
}

const TOO_DEEP: Problem = {
  ...problem(`it is nested deeper than ${DEFAULT_DEPTH_MAX} levels`),
  isFinal: true,
  isTooDeep: true,
};

function isProblem(verdict: Verdict): verdict is Problem {
  return "problem" in verdict;
}

function isTooDeep(verdict: Verdict): boolean {
  return isProblem(verdict) && verdict.isTooDeep === true;
}

function atLevel(verdict: Verdict, level: number): Verdict {
  return !isProblem(verdict) && level + verdict.depth > DEFAULT_DEPTH_MAX ? TOO_DEEP : verdict;
}

function isContainer(json: object): boolean {
  return json instanceof Map || Array.isArray(json);
}

/** Whether a branch can have a value of this kind of JSON, before the value is looked at. */
function mayFit({ kind }: Schema, json: Json): boolean {
  if (json === null) return kind === "null";
  if (typeof json === "boolean") return kind === "boolean";
  if (json instanceof Map) return kind === "record" || kind === "map";
  if (Array.isArray(json)) return kind === "array";
  return !(kind === "null" || kind === "boolean" || kind === "record" || kind === "map");
}

function stepTo(key: string | number): string {
  return typeof key === "number" ? `[${key}]` : `.${key}`;
}

function shortened(text: string): string {
  return text.length > SHOWN_CHARS_MAX ? text.slice(0, SHOWN_CHARS_MAX) : text;
}

/** A default as messages show it, text with its quotes. */
export function shownDefault({ default: json = null }: RecordField): unknown {
  return typeof json === "string" ? Object(shortened(json)) : shortened(printJson(json));
}

function unusable(record: RecordSchema, field: RecordField, found: Problem): CodecFault {
  const place = found.path === "" ? "" : `at ${found.path} `;
  return new CodecFault("AVRO_DEFAULT_UNUSABLE", {
    field: fieldPath(record, field),
    default: shownDefault(field),
    problem: `${place}${found.problem}`,
  });
}

/** Why the default of a field that has one can't be used under a mapping; for warnings. */
export function defaultProblem(
  defaults: Defaults,
  record: RecordSchema,
  field: RecordField,
): string | undefined {
  if (field.default === undefined) return undefined;
  const found = defaults.of(record, field);
  return found instanceof CodecFault ? String(found.details["problem"]) : undefined;
}
