/** A batch of records over node-rdkafka's message objects: each has its own buffers. */
import type { Message } from "node-rdkafka";
import type { HeaderPair, RecordBatch, TopicPartition, TopicPartitionOffset } from "./binding.ts";

const NOTHING = Buffer.alloc(0);
const NO_HEADERS: readonly HeaderPair[] = Object.freeze([]);

/** Records in the order in which the client handed them over. */
export class MessageBatch implements RecordBatch {
  readonly #messages: (Message | undefined)[];
  readonly #source: number[];
  readonly sources: readonly TopicPartition[];
  readonly ends: readonly TopicPartitionOffset[];

  /** Takes the array over: it is changed when records are dropped. */
  constructor(messages: Message[], ends: readonly TopicPartitionOffset[] = []) {
    this.#messages = messages;
    this.ends = ends;
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

  bytes(i: number): number {
    return bytesOf(this.#at(i));
  }

  drop(i: number): void {
    // Every message owns its buffers.
    this.#messages[i] = undefined;
  }

  release(): void {
    this.#messages.length = 0;
  }

  #at(i: number): Message {
    return this.#messages[i] as Message;
  }
}

/** What a message object and its buffers take beside the bytes themselves, about. */
const OBJECT_BYTES = 200;

/** What a message takes in memory, about. */
export function bytesOf({ key, size, headers }: Message): number {
  let bytes = OBJECT_BYTES + size + ((key as Buffer | null | undefined)?.length ?? 0);
  if (headers === undefined) return bytes;
  for (const header of headers) {
    for (const value of Object.values(header)) bytes += OBJECT_BYTES + byteLength(value);
  }
  return bytes;
}

function byteLength(value: unknown): number {
  return typeof value === "string" || Buffer.isBuffer(value) ? Buffer.byteLength(value) : 0;
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
