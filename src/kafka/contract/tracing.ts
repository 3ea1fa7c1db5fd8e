/**
 * Where spans come from. The clients ask it around what they do: unlike a hook, which is told
 * afterwards, it adds headers to what is sent and runs the handler inside a span.
 *
 * Invariants: what the handler returns or throws comes back unchanged; headers that the caller set
 * are never overwritten.
 */
import type { ClientIdentity } from "./hooks.ts";
import type { RecordHeaders } from "./record-headers.ts";

/** A record that is about to be sent. */
export interface SendInfo {
  readonly client: ClientIdentity;
  readonly topic: string;
  /** The typed key; only text, numbers and bigints are shown. */
  readonly key: unknown;
  readonly tombstone: boolean;
}

/** A span around a send. */
export interface SendSpan {
  /** The caller's headers with those that carry the span; the same object when nothing is added. */
  readonly headers: Readonly<Record<string, string>> | undefined;
  /** Where the record landed. */
  delivered(partition: number, offset: number): void;
  failed(error: unknown): void;
}

/** One message of those that a handler is called with. */
export interface TracedMessage {
  readonly offset: number;
  readonly key: unknown;
  readonly value: unknown;
  readonly headers: RecordHeaders;
}

/** A call of a handler. */
export interface ProcessInfo {
  readonly client: ClientIdentity;
  readonly topic: string;
  readonly partition: number;
  /** One for a message handler. */
  readonly messages: readonly TracedMessage[];
  readonly batch: boolean;
}

/** Makes spans for a client. */
export interface KafkaTracing {
  /** Called for each record before it is encoded. */
  send(info: SendInfo, headers: Readonly<Record<string, string>> | undefined): SendSpan;
  /** Calls `run` inside a span, and ends the span when what it returns is settled. */
  process<T>(info: ProcessInfo, run: () => T): T;
}
