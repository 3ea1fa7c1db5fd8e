/**
 * Sending dead letters back to the topics that they came from.
 *
 * Invariants:
 * - A letter counts as replayed when the brokers have acknowledged it in its topic, not before; a
 *   replay that is stopped goes on after the last one that counted.
 * - It reads what was in the topic when it began, and ends there, also when letters come in meanwhile.
 * - A letter that was sent back `maxReplays` times is left where it is: it would only come back.
 * - The original bytes go back; headers that can't be sent as they were are named.
 * - A dry run sends nothing and commits nothing.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { rawType, topic as topicOf } from "../../schema/index.ts";
import type { Admin } from "../admin/index.ts";
import { createAdmin } from "../admin/index.ts";
import type { TypedConsumer } from "../consumer/index.ts";
import { createConsumer } from "../consumer/index.ts";
import type { KafkaClientOptions } from "../contract/index.ts";
import { checkKafka, kafkaErrors, REPLAY } from "../contract/index.ts";
import type { Letter, RawProducer, RawTopic } from "../failure/index.ts";
import { rawTopic, readLetter, replayHeaders } from "../failure/index.ts";

/** A letter in a dead-letter topic. */
export interface DeadLetter extends Letter {
  /** Where the letter itself is. */
  readonly letter: { readonly topic: string; readonly partition: number; readonly offset: number };
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}

/** How to replay. */
export interface ReplayOptions extends KafkaClientOptions {
  /** The dead-letter topic. */
  readonly from: string;
  /**
   * The group in which the progress is committed. What a filter left out counts as passed in it: use
   * another group to look at everything again.
   */
  readonly group: string;
  /** Sends the letters back: a `TypedProducer`. Not needed for a dry run. */
  readonly producer?: { send: (...args: never[]) => Promise<unknown> };
  /** Which letters to send back. Default: all. */
  readonly filter?: (letter: DeadLetter) => boolean;
  /** Where to send a letter. Default: the topic that it came from. */
  readonly to?: (letter: DeadLetter) => string;
  /** Letters to send at most. Default: all that are there. */
  readonly limit?: number;
  /** Letters a second at most. Default: as fast as they are acknowledged. */
  readonly ratePerSecond?: number;
  /** How often a letter may go back. Default 3. */
  readonly maxReplays?: number;
  /** Sends nothing and commits nothing; the report says what would be sent. */
  readonly dryRun?: boolean;
  /** Told of each letter and what was done with it. */
  readonly onLetter?: (letter: DeadLetter, what: ReplayedAs) => void;
  /** Ends it after the letter in hand. */
  readonly signal?: AbortSignal;
}

/** What was done with a letter. */
export type ReplayedAs = "replayed" | "filtered" | "too-often" | "no-letter";

/** What a replay did. */
export interface ReplayReport {
  /** Letters that were sent back; in a dry run: that would have been. */
  readonly replayed: number;
  readonly filtered: number;
  /** Left because they came back too often. */
  readonly tooOften: number;
  /** Records without the headers of a letter; left. */
  readonly noLetters: number;
  /** Names of headers that could not be sent as they were. */
  readonly lostHeaders: readonly string[];
  /** Whether everything that was there was looked at; false after a limit or an abort. */
  readonly isComplete: boolean;
}

const MAX_REPLAYS = 3;
const LOOK_MS = 250;
/** Nobody asks the registry for bytes that are passed on unread. */
const NO_REGISTRY = {
  idOf: () => Promise.reject(new Error("dead letters are not read")),
  parsedById: () => Promise.reject(new Error("dead letters are not read")),
  peekParsed: () => undefined,
};

/**
 * Sends dead letters back to where they came from. Resolves when everything that was in the topic at
 * the beginning was looked at, the limit is reached, or the signal is aborted.
 *
 * @throws KAFKA_OPTION_INVALID, KAFKA_TOPIC_NOT_FOUND, KAFKA_REPLAY_FAILED; RDKAFKA errors
 *
 * @example
 * ```ts
 * import { createProducer, replayDeadLetters } from "typewire/kafka";
 *
 * const brokers = ["localhost:9092"];
 * const producer = await createProducer({ brokers, registry: "http://localhost:8081" });
 * const report = await replayDeadLetters({
 *   brokers,
 *   from: "billing.dlq",
 *   group: "billing.dlq-replay",
 *   producer,
 *   filter: (letter) => letter.stage === "handler" && letter.errorName === "TimeoutError",
 *   ratePerSecond: 100,
 * });
 * console.log(report.replayed);
 * await producer.close();
 * ```
 */
export async function replayDeadLetters(options: ReplayOptions): Promise<ReplayReport> {
  checkKafka(REPLAY, options);
  if (options.dryRun !== true && options.producer === undefined) {
    const reason = "a replay sends letters: give a producer, or make it a dry run";
    throw kafkaErrors.create("KAFKA_OPTION_INVALID", {
      option: "producer",
      value: undefined,
      reason,
    });
  }
  const ends = await endsOf(options);
  const replay = new Replay(options, ends);
  if (ends.size === 0) return replay.report();
  const { brokers, clientId = "typewire-replay", connectTimeoutMs, librdkafka } = options;
  const consumer = await createConsumer({
    brokers,
    clientId,
    registry: NO_REGISTRY,
    group: options.group,
    topics: [topicOf({ name: options.from, key: rawType, value: rawType, compact: true })],
    from: "earliest",
    ...(options.dryRun === true && { offsets: "transactions" }),
    ...(connectTimeoutMs !== undefined && { connectTimeoutMs }),
    ...(librdkafka !== undefined && { librdkafka }),
  });
  await replay.run(consumer);
  return replay.report();
}

/** Where each partition with letters that are not passed yet ends now. */
async function endsOf(options: ReplayOptions): Promise<Map<number, number>> {
  const admin: Admin = await createAdmin(options);
  try {
    const ends = new Map<number, number>();
    const passed = new Map<number, number>();
    for (const { partition, committed } of await admin.lag(options.group, [options.from])) {
      if (committed !== undefined) passed.set(partition, committed);
    }
    for (const { partition, first, next } of await admin.watermarks(options.from)) {
      if (first === undefined || next === undefined) continue;
      if (Math.max(first, passed.get(partition) ?? 0) < next) ends.set(partition, next);
    }
    return ends;
  } finally {
    await admin.close();
  }
}

type RawMessage = {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: Parameters<typeof readLetter>[0];
};

class Replay {
  readonly #options: ReplayOptions;
  /** Partitions that are not looked through, with their ends. */
  readonly #open: Map<number, number>;
  readonly #counts: Record<ReplayedAs, number> = {
    replayed: 0,
    filtered: 0,
    "too-often": 0,
    "no-letter": 0,
  };
  readonly #lost = new Set<string>();
  readonly #stop = new AbortController();
  readonly #topics = new Map<string, RawTopic>();
  #nextAt = 0;
  /** Letters that are on their way back, or there; no more than the limit. */
  #begun = 0;
  #failure: { readonly error: unknown } | undefined;

  constructor(options: ReplayOptions, ends: Map<number, number>) {
    this.#options = options;
    this.#open = ends;
  }

  report(): ReplayReport {
    return {
      replayed: this.#counts.replayed,
      filtered: this.#counts.filtered,
      tooOften: this.#counts["too-often"],
      noLetters: this.#counts["no-letter"],
      lostHeaders: [...this.#lost].sort(),
      isComplete: this.#open.size === 0,
    };
  }

  async run(consumer: TypedConsumer<RawTopic>): Promise<void> {
    const { signal } = this.#options;
    const messages = consumer.messages();
    const working = new Set<Promise<void>>();
    // Leaving the iteration, unlike closing, waits for no message that is not done.
    const leave = async (): Promise<void> => {
      await Promise.all(working);
      await messages.return?.();
    };
    this.#stop.signal.addEventListener("abort", () => void leave().catch(() => undefined), {
      once: true,
    });
    const stop = (): void => this.#stop.abort();
    if (signal?.aborted === true) stop();
    signal?.addEventListener("abort", stop, { once: true });
    // What ends a partition may be a marker, which is no message.
    const looking = setInterval(() => void this.#look(consumer).catch(() => undefined), LOOK_MS);
    try {
      for await (const message of messages) {
        // What came in after the beginning is not done: the next replay begins with it.
        if (!this.#isInside(message)) continue;
        const work = this.#take(message)
          .then(() => message.done())
          .catch((error: unknown) => this.#fail(error))
          .finally(() => working.delete(work));
        working.add(work);
      }
    } finally {
      await Promise.all(working);
      clearInterval(looking);
      signal?.removeEventListener("abort", stop);
    }
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#stop.abort();
  }

  #isInside({ partition, offset }: RawMessage): boolean {
    const end = this.#open.get(partition);
    return end !== undefined && offset < end && !this.#isFull();
  }

  #isFull(): boolean {
    return this.#begun >= (this.#options.limit ?? Number.POSITIVE_INFINITY);
  }

  async #look(consumer: TypedConsumer<RawTopic>): Promise<void> {
    for (const { partition, lag } of await consumer.lag()) {
      if (lag === 0) this.#passed(partition, Number.POSITIVE_INFINITY);
    }
  }

  async #take(message: RawMessage): Promise<void> {
    const { partition, offset } = message;
    const what = await this.#handle(message);
    this.#counts[what]++;
    this.#passed(partition, offset + 1);
    if (this.#counts.replayed >= (this.#options.limit ?? Number.POSITIVE_INFINITY))
      this.#stop.abort();
  }

  #passed(partition: number, offset: number): void {
    const end = this.#open.get(partition);
    if (end !== undefined && offset >= end) this.#open.delete(partition);
    if (this.#open.size === 0) this.#stop.abort();
  }

  async #handle(message: RawMessage): Promise<ReplayedAs> {
    const found = readLetter(message.headers);
    if (found === undefined) return "no-letter";
    const { topic, partition, offset, key, value } = message;
    const letter: DeadLetter = { ...found, letter: { topic, partition, offset }, key, value };
    const what = this.#judge(letter);
    if (what === "replayed") this.#begun++;
    if (what === "replayed" && this.#options.dryRun !== true) await this.#send(letter, message);
    this.#options.onLetter?.(letter, what);
    return what;
  }

  #judge(letter: DeadLetter): ReplayedAs {
    const { filter, maxReplays = MAX_REPLAYS } = this.#options;
    if (filter !== undefined && !filter(letter)) return "filtered";
    return letter.replays >= maxReplays ? "too-often" : "replayed";
  }

  async #send(letter: DeadLetter, message: RawMessage): Promise<void> {
    const to = this.#options.to?.(letter) ?? letter.topic;
    if (to === message.topic) {
      throw kafkaErrors.create("KAFKA_REPLAY_FAILED", {
        ...letter.letter,
        to,
        reason: "a letter can't go back to the topic that it is in",
      });
    }
    await this.#pace();
    const { headers, lost } = replayHeaders(message.headers);
    for (const name of lost) this.#lost.add(name);
    try {
      const producer = this.#options.producer as unknown as RawProducer;
      const { timestamp } = letter;
      await producer.send(this.#topic(to), {
        key: letter.key,
        value: letter.value,
        headers,
        ...(timestamp >= 0 && { timestamp }),
      });
    } catch (error) {
      throw kafkaErrors.create(
        "KAFKA_REPLAY_FAILED",
        { ...letter.letter, to, reason: error },
        error,
      );
    }
  }

  /** One descriptor for each topic: the producer keeps a lane for each. */
  #topic(name: string): RawTopic {
    const known = this.#topics.get(name) ?? rawTopic(name);
    this.#topics.set(name, known);
    return known;
  }

  async #pace(): Promise<void> {
    const { ratePerSecond } = this.#options;
    if (ratePerSecond === undefined) return;
    const now = performance.now();
    const at = Math.max(now, this.#nextAt);
    this.#nextAt = at + 1_000 / ratePerSecond;
    if (at > now)
      await sleep(at - now, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }
}
