/**
 * node-rdkafka's errors, made usable. Delivery reports and client events arrive with code −1 and a
 * lower-cased fragment of librdkafka's text; the numeric code is recovered by asking librdkafka for
 * the text of each code that it knows, cut the way the binding cuts it.
 */

import type { TypewireError } from "../base/index.ts";
import { reasonOf } from "../base/index.ts";
import { rdkafkaErrors } from "./errors.ts";
import { errorTexts } from "./load.ts";
import { troublesOf } from "./reasons.ts";

/** The codes of librdkafka that decisions here turn on. */
export const KAFKA_CODES = {
  fatal: -150,
  allBrokersDown: -187,
  maxPollExceeded: -147,
  fenced: -144,
  autoOffsetReset: -140,
  noOffset: -168,
  notImplemented: -170,
  state: -172,
  assignPartitions: -175,
  revokePartitions: -174,
  queueFull: -184,
  timedOut: -185,
  unknownTopic: -188,
  unknownPartition: -190,
  transport: -195,
  unknownTopicOrPartition: 3,
  messageTooLarge: 10,
  topicAuthorization: 29,
  illegalGeneration: 22,
  invalidProducerEpoch: 47,
  producerFenced: 90,
  unknownMember: 25,
  staleMemberEpoch: 113,
  rebalanceInProgress: 27,
} as const;

/**
 * Failures that pass by themselves: no connection, no leader yet, coordinator moving, time-outs. A
 * refused log-in (-169) is none.
 */
const TRANSIENT_CODES: ReadonlySet<number> = new Set([
  -197, -195, -193, -192, -187, -185, -184, -180, 5, 6, 7, 9, 13, 14, 15, 16, 19, 20, 27,
]);

const UNKNOWN_CODE = -1;

interface NativeError {
  readonly message: string;
  readonly code: number;
  readonly isFatal?: boolean;
}

let texts: ReadonlyMap<number, string> | undefined;
let codesByText: Map<string, number> | undefined;

/** The numeric code of an error of the binding; −1 when not even its text is known. */
export function kafkaCodeOf(error: unknown): number {
  if (!(error instanceof Error)) return UNKNOWN_CODE;
  const { code, message } = error as Error & Partial<NativeError>;
  if (typeof code === "number" && code !== UNKNOWN_CODE) return code;
  codesByText ??= readTexts();
  return codesByText.get(fragmentOf(message)) ?? UNKNOWN_CODE;
}

/** Whether the same request can succeed later without a change. */
export function isTransientCode(code: number): boolean {
  return TRANSIENT_CODES.has(code);
}

/**
 * An error of the binding as ours, with the code recovered. `action` is a noun phrase.
 *
 * @param client - Where its log is read, the error has the reason for it: why there is no connection,
 *   or what ended the client.
 */
export function kafkaError(action: string, error: unknown, client?: object): TypewireError {
  const kafkaCode = kafkaCodeOf(error);
  const troubles = troublesOf(client);
  if (isFatalError(kafkaCode, error)) return fatalError(action, kafkaCode, error, troubles?.fatal);
  const why = NO_CONNECTION.has(kafkaCode) ? troubles?.reason : undefined;
  const words = wordsOf(error, kafkaCode);
  const reason = why === undefined ? words : `${words}: ${why}`;
  if (kafkaCode === AUTHENTICATION) {
    const brokers = troubles?.all.map(({ broker }) => broker).join(",") || "the cluster";
    const details = { brokers, reason, action, kafkaCode };
    return rdkafkaErrors.create("RDKAFKA_AUTHENTICATION_FAILED", details, error);
  }
  const row = ROWS.get(kafkaCode);
  if (row !== undefined) {
    return rdkafkaErrors.create(row, { action, reason, kafkaCode, fatal: false }, error);
  }
  const rest = isTransientCode(kafkaCode) ? "RDKAFKA_UNAVAILABLE" : "RDKAFKA_REQUEST_FAILED";
  return rdkafkaErrors.create(rest, { action, reason, kafkaCode }, error);
}

/** librdkafka's own text where the binding kept a part of it, in lower case. */
function wordsOf(error: unknown, kafkaCode: number): string {
  const reason = reasonOf(error);
  const text = texts?.get(kafkaCode);
  return text !== undefined && fragmentOf(text) === reason ? text : reason;
}

/** Whether the client that an error is from can't be used any more. */
export function isFatal(error: unknown): boolean {
  if (!(error instanceof Error) || !("details" in error)) return false;
  const { fatal } = error.details as { fatal?: unknown };
  return fatal === true || kafkaCodeIn(error) === KAFKA_CODES.fatal;
}

function fatalError(
  action: string,
  kafkaCode: number,
  error: unknown,
  words: string | undefined,
): TypewireError {
  const underlying = words === undefined ? kafkaCode : codeNamedIn(words);
  const reason = words ?? wordsOf(error, kafkaCode);
  if (ROWS.get(underlying) === "RDKAFKA_NOT_AUTHORIZED") {
    const details = { action, reason, kafkaCode: underlying, fatal: true };
    return rdkafkaErrors.create("RDKAFKA_NOT_AUTHORIZED", details, error);
  }
  return rdkafkaErrors.create("RDKAFKA_FATAL", { action, reason, kafkaCode }, error);
}

function isFatalError(code: number, error: unknown): boolean {
  const flagged = error instanceof Error && "isFatal" in error && error.isFatal === true;
  return flagged || code === KAFKA_CODES.fatal;
}

/** The code of the first text of librdkafka's that stands in a line of its log. */
function codeNamedIn(words: string): number {
  const named = /\b(?:Broker|Local): [^:(]+/.exec(words)?.[0].trim() ?? "";
  codesByText ??= readTexts();
  return codesByText.get(fragmentOf(named)) ?? UNKNOWN_CODE;
}

const AUTHENTICATION = -169;

/** What librdkafka says where a broker did not answer, and only its log says why. */
const NO_CONNECTION: ReadonlySet<number> = new Set([-195, -193, -192, -187, -185, AUTHENTICATION]);

const ROWS = new Map<number, RowByCode>([
  // Topic, group, cluster, transactional id, delegation token.
  ...[29, 30, 31, 53, 65].map((code) => [code, "RDKAFKA_NOT_AUTHORIZED"] as const),
  ...[19, 20].map((code) => [code, "RDKAFKA_NOT_ENOUGH_REPLICAS"] as const),
  ...[10, 18].map((code) => [code, "RDKAFKA_RECORD_TOO_LARGE"] as const),
  ...[3, -188, -190].map((code) => [code, "RDKAFKA_TOPIC_UNKNOWN"] as const),
]);

type RowByCode =
  | "RDKAFKA_NOT_AUTHORIZED"
  | "RDKAFKA_NOT_ENOUGH_REPLICAS"
  | "RDKAFKA_RECORD_TOO_LARGE"
  | "RDKAFKA_TOPIC_UNKNOWN";

/** The numeric code that one of our errors was made from, if any. */
export function kafkaCodeIn(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("details" in error)) return undefined;
  const { kafkaCode } = error.details as { kafkaCode?: unknown };
  return typeof kafkaCode === "number" ? kafkaCode : undefined;
}

function readTexts(): Map<string, number> {
  texts = errorTexts();
  return new Map([...texts].map(([code, text]) => [fragmentOf(text), code]));
}

/** What the binding keeps of a text: the second part at ": ", in lower case. */
function fragmentOf(text: string): string {
  return (text.split(": ")[1] ?? text).toLowerCase();
}

/** Whether a failed call of a transaction says for certain that this one can only be aborted. */
export function requiresAbort(error: unknown): boolean {
  if (!(error instanceof Error) || !(error.cause instanceof Error)) return false;
  return "isTxnRequiresAbort" in error.cause && error.cause.isTxnRequiresAbort === true;
}
