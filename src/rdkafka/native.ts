/**
 * node-rdkafka's errors, made usable. Delivery reports and client events arrive with code −1 and a
 * lower-cased fragment of librdkafka's text; the numeric code is recovered by asking librdkafka for
 * the text of each code that it knows, cut the way the binding cuts it.
 */

import type { TypewireError } from "../base/index.ts";
import { reasonOf } from "../base/index.ts";
import { rdkafkaErrors } from "./errors.ts";
import { errorTexts } from "./load.ts";

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
  illegalGeneration: 22,
  invalidProducerEpoch: 47,
  producerFenced: 90,
  unknownMember: 25,
  staleMemberEpoch: 113,
  rebalanceInProgress: 27,
} as const;

/** Failures that pass by themselves: no connection, no leader yet, coordinator moving, time-outs. */
const TRANSIENT_CODES: ReadonlySet<number> = new Set([
  -197, -195, -193, -192, -187, -185, -184, -180, -169, 5, 6, 7, 9, 13, 14, 15, 16, 19, 20, 27,
]);

const UNKNOWN_CODE = -1;

interface NativeError {
  readonly message: string;
  readonly code: number;
  readonly isFatal?: boolean;
}

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

/** An error of the binding as ours, with the code recovered. `action` is a noun phrase. */
export function kafkaError(action: string, error: unknown): TypewireError {
  const kafkaCode = kafkaCodeOf(error);
  const reason = reasonOf(error);
  const row = rowOf(kafkaCode, error);
  return rdkafkaErrors.create(row, { action, reason, kafkaCode }, error);
}

/** The numeric code that one of our errors was made from, if any. */
export function kafkaCodeIn(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("details" in error)) return undefined;
  const { kafkaCode } = error.details as { kafkaCode?: unknown };
  return typeof kafkaCode === "number" ? kafkaCode : undefined;
}

function rowOf(
  code: number,
  error: unknown,
): "RDKAFKA_FATAL" | "RDKAFKA_UNAVAILABLE" | "RDKAFKA_REQUEST_FAILED" {
  const flagged = error instanceof Error && "isFatal" in error && error.isFatal === true;
  if (flagged || code === KAFKA_CODES.fatal) return "RDKAFKA_FATAL";
  return isTransientCode(code) ? "RDKAFKA_UNAVAILABLE" : "RDKAFKA_REQUEST_FAILED";
}

function readTexts(): Map<string, number> {
  const texts = new Map<string, number>();
  for (const [code, text] of errorTexts()) texts.set(fragmentOf(text), code);
  return texts;
}

/** What the binding keeps of a text: the second part at ": ", in lower case. */
function fragmentOf(text: string): string {
  return (text.split(": ")[1] ?? text).toLowerCase();
}
