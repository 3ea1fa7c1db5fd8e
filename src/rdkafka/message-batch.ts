/** A batch of records over node-rdkafka's message objects: each has its own buffers. */
import type { Message } from "node-rdkafka";
import type { HeaderPair, RecordBatch, TopicPartition } from "./binding.ts";

const NOTHING = Buffer.alloc(0);
const NO_HEADERS: readonly HeaderPair[] = Object.freeze([]);

/** Records in the order in which the client handed them over. */
export class MessageBatch implements RecordBatch {
  readonly #messages: readonly Message[];
  readonly #source: number[];
  readonly sources: readonly TopicPartition[];

  constructor(messages: readonly Message[]) {
    this.#messages = messages;
    ({ sources: this.sources, indexes: this.#source } = sourcesOf(messages));
  }

  get length(): number {
    return this.#messages.length;
  }

  source(i: number): number {
    return this.#source[i] as number;
  }

  offset(i: number): number {
    return this.#at(i).offset;
  }

  timestamp(i: number): number {
    return this.#at(i).timestamp ?? -1;
  }

  keyBuf(i: number): Buffer {
    return (this.#at(i).key as Buffer | null | undefined) ?? NOTHING;
  }

  keyStart(i: number): number {
    return this.#at(i).key == null ? -1 : 0;
  }

  keyEnd(i: number): number {
    return this.keyBuf(i).length;
  }

  valueBuf(i: number): Buffer {
    return this.#at(i).value ?? NOTHING;
  }

  valueStart(i: number): number {
    return this.#at(i).value == null ? -1 : 0;
  }

  valueEnd(i: number): number {
    return this.valueBuf(i).length;
  }

  headers(i: number): readonly HeaderPair[] {
    const { headers } = this.#at(i);
    return headers === undefined || headers.length === 0 ? NO_HEADERS : headers.map(pairOf);
  }

  release(): void {
    // Every message owns its buffers; there is nothing to give back.
  }

  #at(i: number): Message {
    return this.#messages[i] as Message;
  }
}

/**
 * The binding sets one property on a new object for each header. One that is named `__proto__` becomes
 * the object's prototype instead, or, when its value is null, takes the prototype away.
 */
function pairOf(header: object): HeaderPair {
  const [entry] = Object.entries(header) as [string, Buffer | null | undefined][];
  if (entry !== undefined) return [entry[0], entry[1] ?? null];
  const value: unknown = Object.getPrototypeOf(header);
  return ["__proto__", Buffer.isBuffer(value) ? value : null];
}

/** Records come in runs of one partition, so the last source is tried first. */
function sourcesOf(messages: readonly Message[]): {
  sources: TopicPartition[];
  indexes: number[];
} {
  const sources: TopicPartition[] = [];
  const indexes: number[] = [];
  let last = -1;
  for (const { topic, partition } of messages) {
    const is = (source: TopicPartition): boolean =>
      source.partition === partition && source.topic === topic;
    const current = sources[last];
    if (current === undefined || current.partition !== partition || current.topic !== topic) {
      last = sources.findIndex(is);
      if (last < 0) last = sources.push({ topic, partition }) - 1;
    }
    indexes.push(last);
  }
  return { sources, indexes };
}
