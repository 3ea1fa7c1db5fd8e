/**
 * `validateFields`: field names that metadata reserves (`confluent:reserved`, separated by commas)
 * may not come back.
 *
 * Names with `$$`, which Confluent refuses with them, are no names in Avro anyway.
 */
import type { Schema } from "../avro/index.ts";
import { propertyOf } from "./content.ts";
import type { Candidate } from "./decide/lookup.ts";
import type { Content } from "./state.ts";

const RESERVED_PROPERTY = "confluent:reserved";

/** What is wrong with the candidate's field names; empty when nothing is. */
export function reservedFieldMessages(
  candidate: Candidate,
  previous: Content | undefined,
): string[] {
  const reserved = reservedFields(propertyOf(candidate.metadata, RESERVED_PROPERTY));
  const before = reservedFields(propertyOf(previous?.metadata, RESERVED_PROPERTY));
  const fields = topFields(candidate.prepared.schema);
  return [
    ...[...before].filter((name) => !reserved.has(name)).map(removedText),
    ...[...reserved].filter((name) => fields.includes(name)).map(conflictText),
  ];
}

function reservedFields(property: string | undefined): Set<string> {
  const names = (property ?? "").split(",").map((name) => name.trim());
  return new Set(names.filter((name) => name !== ""));
}

function topFields(schema: Schema): string[] {
  return schema.kind === "record" ? schema.fields.map((field) => field.name) : [];
}

function removedText(name: string): string {
  return `The new schema has reserved field ${name} removed from its metadata which is present in the old schema's metadata.`;
}

function conflictText(name: string): string {
  return `The new schema has field that conflicts with the reserved field ${name}.`;
}
