/** Which records contain themselves: the strongly connected components of the graph of records. */
import type { RecordSchema, Schema } from "./model.ts";

const verdicts = new WeakMap<RecordSchema, boolean>();

/** Whether a value of the record can contain another value of the same record. */
export function isRecursive(record: RecordSchema): boolean {
  if (!verdicts.has(record)) new ComponentSearch().visit(record);
  return verdicts.get(record) === true;
}

/** Tarjan's algorithm. */
class ComponentSearch {
  readonly #order = new Map<RecordSchema, { index: number; low: number }>();
  readonly #stack: RecordSchema[] = [];

  visit(record: RecordSchema): number {
    const mark = { index: this.#order.size, low: this.#order.size };
    this.#order.set(record, mark);
    this.#stack.push(record);
    let selfContained = false;
    for (const next of new Set(containedRecords(record))) {
      if (next === record) selfContained = true;
      else if (!verdicts.has(next)) mark.low = Math.min(mark.low, this.#reach(next));
    }
    if (mark.low === mark.index) this.#close(record, selfContained);
    return mark.low;
  }

  #reach(record: RecordSchema): number {
    return this.#order.get(record)?.index ?? this.visit(record);
  }

  #close(record: RecordSchema, selfContained: boolean): void {
    const members = this.#stack.splice(this.#stack.indexOf(record));
    for (const member of members) verdicts.set(member, members.length > 1 || selfContained);
  }
}

function* containedRecords(record: RecordSchema): Generator<RecordSchema> {
  for (const field of record.fields) yield* recordsIn(field.schema);
}

function* recordsIn(schema: Schema): Generator<RecordSchema> {
  if (schema.kind === "record") yield schema;
  else if (schema.kind === "array") yield* recordsIn(schema.items);
  else if (schema.kind === "map") yield* recordsIn(schema.values);
  else if (schema.kind === "union") for (const branch of schema.branches) yield* recordsIn(branch);
}
