/**
 * What is wrong with a record before its bytes are made: everything that the client below would
 * change in silence (a timestamp of 0, bytes in a header, half a surrogate pair) is refused here.
 */
import type { AnyTopic } from "../../schema/index.ts";
import { kafkaErrors } from "../contract/index.ts";
import type { AnyRecord } from "./jobs.ts";

/** Parts of a record, as errors name them. */
export type RecordPart = "record" | "key" | "value" | "headers" | "timestamp";

/** @throws KAFKA_RECORD_INVALID */
export function assertRecord(record: AnyRecord, topic: AnyTopic): void {
  if (typeof record !== "object" || record === null) {
    throw invalidRecord(topic, "record", `it is ${String(record)}, not an object`);
  }
  const { timestamp } = record;
  // The client takes 0 for "now", cuts fractions, and wraps what is negative.
  if (timestamp !== undefined && !(Number.isSafeInteger(timestamp) && timestamp > 0)) {
    const reason = `${String(timestamp)} is not a whole number of milliseconds above 0`;
    throw invalidRecord(topic, "timestamp", reason);
  }
}

/**
 * The headers as pairs.
 *
 * @throws KAFKA_RECORD_INVALID
 */
export function headerPairs(
  headers: Readonly<Record<string, string>>,
  topic: AnyTopic,
): [name: string, value: string][] {
  if (typeof headers !== "object" || headers === null || isNoRecord(headers)) {
    throw invalidRecord(topic, "headers", "they are not an object of names and texts");
  }
  const pairs = Object.entries(headers);
  for (const [name, value] of pairs) {
    const reason = reasonAgainst(name, value);
    if (reason !== undefined) {
      throw invalidRecord(topic, "headers", `header ${JSON.stringify(name)}: ${reason}`);
    }
  }
  return pairs;
}

function isNoRecord(headers: object): boolean {
  return Symbol.iterator in headers || ArrayBuffer.isView(headers);
}

/** NUL would end the text, and half a surrogate pair would become another character. */
const UNSENDABLE = /[\0\p{Surrogate}]/u;

function reasonAgainst(name: string, value: unknown): string | undefined {
  if (UNSENDABLE.test(name)) return "its name has a NUL or half a surrogate pair";
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    return "node-rdkafka can't send bytes in a header; encode them as text, for example base64";
  }
  if (typeof value !== "string") {
    return `its value is ${value === null ? "null" : typeof value}, and only text can be sent`;
  }
  return UNSENDABLE.test(value) ? "its value has a NUL or half a surrogate pair" : undefined;
}

/** The error for a part of a record. */
export function invalidRecord(topic: AnyTopic, part: RecordPart, reason: string): Error {
  return kafkaErrors.create("KAFKA_RECORD_INVALID", { part, topic: topic.name, reason });
}
