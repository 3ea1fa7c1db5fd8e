/**
 * What the function of a transaction works with.
 *
 * Invariants: nothing can be added after the end; a send that failed, awaited or not, keeps the
 * transaction from being committed.
 */
import type { ConsumerBinding, TopicPartitionOffset } from "../../rdkafka/index.ts";
import type { AnyTopic, Topic } from "../../schema/index.ts";
import type { Delivery, OutgoingRecord } from "../contract/index.ts";
import { kafkaErrors, offsetsOf } from "../contract/index.ts";
import type { AnyRecord } from "./jobs.ts";
import type { LanedProducer } from "./laned-producer.ts";

/** A consumed record, as far as its offset goes. */
export interface ConsumedPlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** An open transaction: what is sent and committed with it becomes visible together, or never. */
export interface Transaction {
  /**
   * Sends a record; it is visible to readers with `read_committed`, which is their default, once the
   * transaction is committed. Rejects as the producer's `send`; the transaction is aborted then.
   */
  send<KI, KO, VI, VO, C extends boolean>(
    topic: Topic<string, KI, KO, VI, VO, C>,
    record: OutgoingRecord<NoInfer<KI>, NoInfer<VI>, NoInfer<C>>,
  ): Promise<Delivery>;
  /** As {@link Transaction.send}, for records in order. */
  sendMany<KI, KO, VI, VO, C extends boolean>(
    topic: Topic<string, KI, KO, VI, VO, C>,
    records: readonly OutgoingRecord<NoInfer<KI>, NoInfer<VI>, NoInfer<C>>[],
  ): Promise<readonly Delivery[]>;
  /**
   * Commits, with the transaction, that the consumer's group is done with these messages and all
   * before them in their partitions.
   *
   * @param signal the handler's. Give it where the call is made in a handler: when the partition was
   *   taken away by the time of the commit, the transaction is aborted with KAFKA_PARTITIONS_LOST,
   *   because another member does the same records.
   * @throws KAFKA_OFFSETS_NOT_TRANSACTIONAL, KAFKA_TRANSACTION_ENDED
   */
  commitOffsets(consumer: object, messages: readonly ConsumedPlace[], signal?: AbortSignal): void;
  /** Aborted when the transaction is over: by its end, an error, or its time-out. */
  readonly signal: AbortSignal;
}

/** The offsets of one consumer that go with a transaction. */
export interface GroupOffsets {
  readonly binding: ConsumerBinding;
  readonly offsets: readonly TopicPartitionOffset[];
}

/** One transaction from begin to commit. */
export class OpenTransaction implements Transaction {
  readonly #producer: LanedProducer;
  readonly #ended = new AbortController();
  readonly #offsets = new Map<ConsumerBinding, Map<string, TopicPartitionOffset>>();
  /** Aborted when partitions whose offsets are in here were taken away. */
  readonly #owned: AbortSignal[] = [];
  #failed = false;
  #failure: unknown;

  constructor(producer: LanedProducer) {
    this.#producer = producer;
  }

  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  send(topic: AnyTopic, record: AnyRecord): Promise<Delivery> {
    return this.#watched(() => this.#producer.send(topic, record));
  }

  sendMany(topic: AnyTopic, records: readonly AnyRecord[]): Promise<readonly Delivery[]> {
    return this.#watched(() => this.#producer.sendMany(topic, records));
  }

  commitOffsets(consumer: object, messages: readonly ConsumedPlace[], signal?: AbortSignal): void {
    this.#assertOpen("committing offsets");
    const offered = offsetsOf(consumer);
    if (offered === undefined) throw kafkaErrors.create("KAFKA_OFFSETS_NOT_TRANSACTIONAL");
    const mine = this.#offsets.get(offered.binding) ?? new Map<string, TopicPartitionOffset>();
    this.#offsets.set(offered.binding, mine);
    if (signal !== undefined) this.#owned.push(signal);
    for (const { topic, partition, offset } of messages) {
      const key = `${partition}/${topic}`;
      const next = Math.max(offset + 1, mine.get(key)?.offset ?? 0);
      mine.set(key, { topic, partition, offset: next });
    }
  }

  /** Takes nothing more. */
  end(): void {
    this.#ended.abort();
  }

  /** @throws the first failure of a send */
  assertSent(): void {
    if (this.#failed) throw this.#failure as Error;
  }

  /**
   * Asked when the offsets are with the broker. What is still ours then stays so: whoever gets the
   * partition next is not told its offset before this transaction has ended.
   *
   * @throws KAFKA_PARTITIONS_LOST
   */
  assertOwned(): void {
    if (!this.#owned.some(({ aborted }) => aborted)) return;
    const topics = new Set<string>();
    for (const mine of this.#offsets.values()) {
      for (const { topic } of mine.values()) topics.add(topic);
    }
    throw kafkaErrors.create("KAFKA_PARTITIONS_LOST", { topics: [...topics] });
  }

  get offsets(): readonly GroupOffsets[] {
    return [...this.#offsets].map(([binding, mine]) => ({ binding, offsets: [...mine.values()] }));
  }

  #watched<T>(send: () => Promise<T>): Promise<T> {
    let sent: Promise<T>;
    try {
      this.#assertOpen("sending");
      sent = send();
    } catch (error) {
      return Promise.reject(error as Error);
    }
    // The transaction tells it, so a promise that nobody awaits is no unhandled rejection.
    sent.catch((error: unknown) => {
      if (!this.#failed) this.#failure = error;
      this.#failed = true;
    });
    return sent;
  }

  #assertOpen(action: string): void {
    if (this.signal.aborted) throw kafkaErrors.create("KAFKA_TRANSACTION_ENDED", { action });
  }
}
