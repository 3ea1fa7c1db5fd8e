/** The fields of a record by name. */
import type { RecordField, RecordSchema } from "./model.ts";

const LINEAR_FIELDS_MAX = 16;
const fieldsByName = new WeakMap<RecordSchema, ReadonlyMap<string, RecordField>>();

/** The field of a name; `hint` is the index at which it probably is. */
export function fieldNamed(record: RecordSchema, name: string, hint = 0): RecordField | undefined {
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
