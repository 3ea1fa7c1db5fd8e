/**
 * The records of a registration: schema, original text, context, and the removal of soft-deleted twins.
 *
 * Invariant: a record that is longer than the log takes is refused; an original text that is too long
 * is not kept.
 */
import type { Refusal, RegisterSchemaRequest, RegisterSchemaResponse } from "../../api/index.ts";
import { refuse } from "../../api/index.ts";
import { DEFAULT_CONTEXT, splitSubject } from "../../confluent/index.ts";
import type { Candidate } from "../queries/index.ts";
import type { LogRecord, PreparedSchema, State, World } from "../state/index.ts";
import {
  contextRecord,
  findVersion,
  originalRecord,
  referrersOf,
  schemaRecord,
} from "../state/index.ts";
import type { Outcome } from "./outcome.ts";
import { unchanged } from "./outcome.ts";
import type { RegisterCommand } from "./register.ts";
import { removalRecords } from "./removal.ts";

/** Where a new version comes: its id, its number, and the GUID of its content. */
export interface Place {
  readonly id: number;
  readonly version: number;
  readonly guid: string;
}

/** The records of a new version, and the answer. */
export function newVersion(
  world: World,
  command: RegisterCommand,
  { prepared, metadata, ruleSet }: Candidate,
  { id, version, guid }: Place,
): Outcome<RegisterSchemaResponse> {
  const { subject, now } = command;
  const { state } = world;
  const content = {
    schemaType: "AVRO",
    ...(metadata && { metadata }),
    ...(ruleSet && { ruleSet }),
    schema: prepared.text,
    deleted: false,
    ts: now,
  };
  const { references } = prepared;
  const record = schemaRecord({ subject, version, id, references, ...content });
  const { recordBytesMax } = world.settings;
  if (isLonger(record.value, recordBytesMax)) return unchanged(tooLarge());
  const original = keptOriginal(world, command, { version, text: prepared.text });
  return {
    records: [
      ...newContext(state, subject),
      ...replacedRecords(state, subject, version, id),
      record,
      ...(original === undefined ? [] : [original]),
      ...purgedRecords(state, subject, version, id),
    ],
    result: {
      id,
      version,
      guid,
      ...(references.length > 0 && { references }),
      ...content,
      schema: writtenText(world, command, prepared, original !== undefined),
    },
  };
}

/** The text as it is answered: what reads of the new version will answer in this format. */
function writtenText(
  { schemas }: World,
  { body, format }: RegisterCommand,
  { schema, text, references }: PreparedSchema,
  hasOriginal: boolean,
): string {
  if (format === "original") return (hasOriginal && body.schema) || text;
  return format === "resolved" && references.length > 0 ? schemas.inlined(schema) : text;
}

/** The text as it was sent, if that is another one than is stored. */
function originalOf({ schema }: RegisterSchemaRequest, text: string): string | undefined {
  return schema?.trim() && schema !== text ? schema : undefined;
}

/** The record of the text as it was sent; a text too long for one is not kept. */
function keptOriginal(
  { settings }: World,
  { subject, body }: RegisterCommand,
  { version, text }: { readonly version: number; readonly text: string },
): LogRecord | undefined {
  const original = originalOf(body, text);
  const record = original === undefined ? undefined : originalRecord(subject, version, original);
  return isLonger(record?.value, settings.recordBytesMax) ? undefined : record;
}

/** Whether a text is longer than so many UTF-8 bytes. A UTF-16 unit is three bytes at most. */
function isLonger(text: string | null | undefined, bytesMax: number): boolean {
  return text ? text.length * 3 > bytesMax && utf8Length(text) > bytesMax : false;
}

/** UTF-8 length of a text, without encoding it. */
function utf8Length(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    // A surrogate pair is two units and four bytes, so each half counts two.
    bytes += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
  }
  return bytes;
}

function tooLarge(): Refusal {
  return refuse("SCHEMA_TOO_LARGE", { detail: "Write failed because schema is too large" });
}

function newContext(state: State, subject: string): LogRecord[] {
  const { context } = splitSubject(subject);
  if (context === DEFAULT_CONTEXT || state.contexts.get(context)?.declared) return [];
  return [contextRecord(context)];
}

/** Only an import can name a version that is there: its id must stay known as used. */
function replacedRecords(state: State, subject: string, version: number, id: number): LogRecord[] {
  const replaced = findVersion(state.subjects.get(subject), version);
  if (replaced === undefined || replaced.entry.id === id) return [];
  return removalRecords(state, [replaced]);
}

/** Soft-deleted versions of this content give way to the new one, unless something refers to them. */
function purgedRecords(state: State, subject: string, version: number, id: number): LogRecord[] {
  const twins = (state.subjects.get(subject)?.versions ?? []).filter(
    (twin) =>
      twin.deleted &&
      twin.entry.id === id &&
      twin.version !== version &&
      referrersOf(state, twin).length === 0,
  );
  return twins.length === 0 ? [] : removalRecords(state, twins, twins[0]?.entry);
}
