/**
 * `validateFields`: field names that metadata reserves (`confluent:reserved`, separated by commas)
 * may not come back.
 *
 * Confluent also refuses names with `$$`; Avro allows no such names, so there is nothing to check.
 */
import type { Schema } from "../../avro/index.ts";
import type { Content } from "../state/index.ts";
import { propertyOf } from "../state/index.ts";
import type { Candidate } from "./candidate.ts";

const RESERVED_PROPERTY = "confluent:reserved";

/** What is wrong with the candidate's field names; empty when nothing is. */
export function reservedFieldMessages(
  candidate: Candidate,
  previous: Content | undefined,
): string[] {
  const reserved = reservedFields(propertyOf(candidate.metadata, RESERVED_PROPERTY));
  const before = reservedFields(propertyOf(previous?.metadata, RESERVED_PROPERTY));
  const fields = topFields(candidate.prepared.schema);
  const removed = [...before].filter((name) => !reserved.has(name));
  const conflicts = [...reserved].filter((name) => fields.has(name));
  const texts = [
    ...removed.slice(0, MESSAGES_MAX).map(removedText),
    ...conflicts.slice(0, MESSAGES_MAX).map(conflictText),
  ];
  const more = removed.length + conflicts.length - Math.min(texts.length, MESSAGES_MAX);
  return more === 0 ? texts : [...texts.slice(0, MESSAGES_MAX), moreText(more)];
}

/** How many names are told; a long list of them is one short property. */
const MESSAGES_MAX = 200;
const NAME_CHARS_MAX = 1000;

function reservedFields(property: string | undefined): Set<string> {
  const names = (property ?? "").split(",").map((name) => name.trim());
  return new Set(names.filter((name) => name !== ""));
}

function topFields(schema: Schema): ReadonlySet<string> {
  return new Set(schema.kind === "record" ? schema.fields.map((field) => field.name) : []);
}

function shown(name: string): string {
  return name.length > NAME_CHARS_MAX ? `${name.slice(0, NAME_CHARS_MAX)}...` : name;
}

function moreText(more: number): string {
  return `${more} more reserved fields are removed or conflict.`;
}

function removedText(name: string): string {
  return `The new schema has reserved field ${shown(name)} removed from its metadata which is present in the old schema's metadata.`;
}

function conflictText(name: string): string {
  return `The new schema has field that conflicts with the reserved field ${shown(name)}.`;
}
