/**
 * The headers of a record that was sent elsewhere because it failed: text only, under `dlq.`, and the
 * way back from them.
 *
 * Invariants:
 * - The first origin is kept over any number of hops; everything else is replaced, never appended, so
 *   a record does not grow from hop to hop.
 * - The original headers stay; where they can't be sent as they are (bytes, null, a name twice) all of
 *   them are kept exactly in one header as JSON with base64.
 * - Values are bounded, and text without NUL and without halves of surrogate pairs.
 */
import { reasonOf } from "../../base/index.ts";
import type { Failure, RecordHeaders } from "../contract/index.ts";

/** What every header of ours begins with. */
const PREFIX = "dlq.";
/** Understood by other tools that send dead letters back. */
const ALIAS_TOPIC = "kafka_dlt-original-topic";
const EXACT_HEADERS = "dlq.original.headers";
const ORIGIN = [
  "dlq.original.topic",
  "dlq.original.partition",
  "dlq.original.offset",
  "dlq.original.timestamp",
  "dlq.original.key-schema-id",
  "dlq.original.value-schema-id",
] as const;
const HALF = /\p{Surrogate}/u;
const HALVES = /\p{Surrogate}/gu;
const MESSAGE_CHARS_MAX = 1_000;
const STACK_CHARS_MAX = 4_096;

/** What the sender adds to a failure. */
export interface LetterFacts {
  readonly group: string;
  readonly clientId: string;
  /** For a retry topic: when the record is due, in milliseconds since the epoch, and the hop's number. */
  readonly retry?: { readonly dueAt: number; readonly tier: number };
  /** Without the error's stack and message, where the record would be too large with them. */
  readonly terse?: boolean;
}

/** The headers of the record that is sent. */
export function letterHeaders(failure: Failure, facts: LetterFacts): Record<string, string> {
  const { headers: given } = failure;
  const own = given.entries.filter(([name]) => !isOurs(name));
  // A record that comes from a letter has its exact headers in it already.
  const exact = isKnown(failure) ? given.get(EXACT_HEADERS) : undefined;
  const sendable = own.every(([name, value]) => isSendable(name, value)) && !hasTwice(own);
  const headers = Object.create(null) as Record<string, string>;
  for (const [name, value] of own) {
    if (value !== null && isSendable(name, value)) headers[name] = value.toString();
  }
  if (exact !== undefined || !sendable) headers[EXACT_HEADERS] = exact ?? exactText(own);
  const origin = originOf(failure);
  const before = (name: string): string | undefined =>
    isKnown(failure) ? given.get(name) : undefined;
  const firstFailedAt = before("dlq.first-failed-at") ?? isoTime(failure.firstFailedAt);
  const attempts = failure.attempt + wholeNumber(before("dlq.attempts"));
  const error = errorFacts(failure.error);
  const ours: Record<string, string | undefined> = {
    ...origin,
    [ALIAS_TOPIC]: origin["dlq.original.topic"],
    "dlq.original.traceparent": before("dlq.original.traceparent") ?? given.get("traceparent"),
    "dlq.group": facts.group,
    "dlq.client": facts.clientId,
    "dlq.attempts": String(attempts),
    "dlq.first-failed-at": firstFailedAt,
    "dlq.last-failed-at": isoTime(failure.lastFailedAt),
    "dlq.error.stage": failure.stage,
    "dlq.error.name": error.name,
    "dlq.error.message": facts.terse === true ? undefined : error.message,
    "dlq.error.stack": facts.terse === true ? undefined : error.stack,
    "dlq.replay-count": before("dlq.replay-count"),
    "dlq.retry.due-at": facts.retry && String(facts.retry.dueAt),
    "dlq.retry.tier": facts.retry && String(facts.retry.tier),
  };
  for (const [name, value] of Object.entries(ours)) {
    if (value !== undefined) headers[name] = sendableText(value);
  }
  return headers;
}

/** Where a record comes from, and what became of it, out of its headers. */
export interface Letter {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Milliseconds since the epoch; -1 when unknown. */
  readonly timestamp: number;
  readonly stage: string;
  readonly errorName: string;
  readonly errorMessage: string;
  readonly group: string;
  readonly attempts: number;
  readonly replays: number;
}

/** Reads the headers of a dead letter; undefined when it is none. */
export function readLetter(headers: RecordHeaders): Letter | undefined {
  const topic = headers.get("dlq.original.topic") ?? headers.get(ALIAS_TOPIC);
  if (topic === undefined || topic === "") return undefined;
  return {
    topic,
    partition: wholeNumber(headers.get("dlq.original.partition"), -1),
    offset: wholeNumber(headers.get("dlq.original.offset"), -1),
    timestamp: wholeNumber(headers.get("dlq.original.timestamp"), -1),
    stage: headers.get("dlq.error.stage") ?? "",
    errorName: headers.get("dlq.error.name") ?? "",
    errorMessage: headers.get("dlq.error.message") ?? "",
    group: headers.get("dlq.group") ?? "",
    attempts: wholeNumber(headers.get("dlq.attempts")),
    replays: wholeNumber(headers.get("dlq.replay-count")),
  };
}

/** When a record of a retry topic is due, and how many of these topics it has been through. */
export function retryOf(headers: RecordHeaders): { readonly dueAt: number; readonly tier: number } {
  return {
    dueAt: wholeNumber(headers.get("dlq.retry.due-at")),
    tier: wholeNumber(headers.get("dlq.retry.tier")),
  };
}

/** The headers for sending a letter back; `lost` names those that can't be sent as they were. */
export function replayHeaders(headers: RecordHeaders): {
  readonly headers: Record<string, string>;
  readonly lost: readonly string[];
} {
  const exact = headers.get(EXACT_HEADERS);
  const pairs =
    (exact === undefined ? undefined : readExact(exact)) ??
    headers.entries.filter(([name]) => !isOurs(name));
  const sent = Object.create(null) as Record<string, string>;
  const lost: string[] = [];
  for (const [name, value] of pairs) {
    if (value === null || !isSendable(name, value) || name in sent) lost.push(name);
    else sent[name] = value.toString();
  }
  Object.assign(sent, originHeaders(headers));
  sent["dlq.replay-count"] = String(wholeNumber(headers.get("dlq.replay-count")) + 1);
  return { headers: sent, lost };
}

type Pair = readonly [name: string, value: Buffer | null];

/**
 * Whether the record's headers of ours are to be believed: it came back from a retry topic or a replay
 * to the topic that they name. Any producer can write such headers, and must not be able to send
 * a later replay to another topic by them.
 */
function isKnown({ headers, topic }: Failure): boolean {
  return headers.get("dlq.original.topic") === topic;
}

function originOf(failure: Failure): Record<string, string> & { "dlq.original.topic": string } {
  if (isKnown(failure)) {
    const kept = { "dlq.original.topic": failure.topic };
    return Object.assign(kept, originHeaders(failure.headers));
  }
  const { topic, partition, offset, timestamp, keySchemaId, schemaId } = failure;
  return {
    "dlq.original.topic": topic,
    "dlq.original.partition": String(partition),
    "dlq.original.offset": String(offset),
    ...(timestamp >= 0 && { "dlq.original.timestamp": String(timestamp) }),
    ...(keySchemaId !== undefined && { "dlq.original.key-schema-id": String(keySchemaId) }),
    ...(schemaId !== undefined && { "dlq.original.value-schema-id": String(schemaId) }),
  };
}

/** The headers that say where a record was first. */
function originHeaders(headers: RecordHeaders): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of ORIGIN) {
    const value = headers.get(name);
    if (value !== undefined) found[name] = value;
  }
  return found;
}

function errorFacts(error: unknown): { name: string; message: string; stack?: string } {
  if (!isError(error)) return { name: typeof error, message: textOf(error) };
  // A foreign error's members may be anything, or throw.
  const name = memberText(error, "code") ?? memberText(error, "name") ?? "Error";
  const message = memberText(error, "message") ?? "";
  const stack = memberText(error, "stack");
  return {
    name: name.slice(0, MESSAGE_CHARS_MAX),
    message: message.slice(0, MESSAGE_CHARS_MAX),
    ...(stack !== undefined && { stack: stack.slice(0, STACK_CHARS_MAX) }),
  };
}

function isError(error: unknown): error is Error {
  try {
    return error instanceof Error;
  } catch {
    return false;
  }
}

function memberText(error: object, name: string): string | undefined {
  try {
    const value = (error as Record<string, unknown>)[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  } catch {
    return undefined;
  }
}

function textOf(error: unknown): string {
  return reasonOf(error).slice(0, MESSAGE_CHARS_MAX);
}

function isOurs(name: string): boolean {
  return name.startsWith(PREFIX) || name === ALIAS_TOPIC;
}

/** NUL ends a header's value in the client, and bytes that are no UTF-8 become others. */
function isSendable(name: string, value: Buffer | null): boolean {
  if (value === null || name === "" || name.includes("\0") || HALF.test(name)) return false;
  return !value.includes(0) && Buffer.from(value.toString()).equals(value);
}

function hasTwice(pairs: readonly Pair[]): boolean {
  return new Set(pairs.map(([name]) => name)).size < pairs.length;
}

function exactText(pairs: readonly Pair[]): string {
  return JSON.stringify(pairs.map(([name, value]) => [name, value?.toString("base64") ?? null]));
}

function readExact(text: string): readonly Pair[] | undefined {
  let pairs: unknown;
  try {
    pairs = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(pairs)) return undefined;
  const read: Pair[] = [];
  for (const pair of pairs as readonly unknown[]) {
    if (!Array.isArray(pair)) return undefined;
    const [name, value] = pair as readonly unknown[];
    if (typeof name !== "string" || (typeof value !== "string" && value !== null)) return undefined;
    read.push([name, value === null ? null : Buffer.from(value, "base64")]);
  }
  return read;
}

function sendableText(text: string): string {
  return text.replaceAll("\0", "\\0").replace(HALVES, "\u{fffd}");
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

function wholeNumber(text: string | undefined, otherwise = 0): number {
  const value = text === undefined || text === "" ? Number.NaN : Number(text);
  return Number.isSafeInteger(value) && value >= 0 ? value : otherwise;
}
