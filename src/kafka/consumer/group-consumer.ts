/** What a typed consumer is made of: one run of the loop, and the calls from outside. */
import type { ConsumerBinding, TopicPartition } from "../../rdkafka/index.ts";
import type { AnyTopic } from "../../schema/index.ts";
import type { BatchHandler, MessageHandler } from "../contract/index.ts";
import { checkKafka, Deadline, ITERATE, kafkaErrors, RUN, WAIT } from "../contract/index.ts";
import type { CloseOptions, PartitionLag, RunOptions } from "./consumer.ts";
import type { LoopOptions } from "./consumer-loop.ts";
import { ConsumerLoop } from "./consumer-loop.ts";
import { lagOf } from "./lag.ts";
import type { Lane } from "./lane.ts";
import { MessageStream } from "./message-stream.ts";
import { Observer } from "./observer.ts";
import { doneOf, isToCommit, keyOf } from "./offsets.ts";
import { invalid } from "./options.ts";
import type { WorkParts } from "./pipeline.ts";
import { batchWork, messageWork } from "./record-work.ts";
import type { SeekTarget } from "./seek.ts";
import { checkTarget, seek } from "./seek.ts";
import type { Work } from "./work.ts";

const COMMIT_TIMEOUT_MS = 5_000;

/** Whose consumer it is. */
export interface ConsumerIdentity {
  readonly group: string;
  readonly brokers: readonly string[];
  /** What is subscribed to: names, and patterns that begin with `^`. */
  readonly topics: readonly string[];
}

/** The consumer behind {@link TypedConsumer}, for topics of any type. */
export class GroupConsumer {
  readonly #binding: ConsumerBinding;
  readonly #parts: WorkParts;
  readonly #options: LoopOptions;
  readonly #group: string;
  readonly #topics: readonly string[];
  readonly #observer: Observer;
  readonly #assigned: Promise<void>;
  #settleAssigned: { resolve(): void; reject(error: unknown): void };
  #loop: ConsumerLoop | undefined;
  #running: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  constructor(
    binding: ConsumerBinding,
    parts: WorkParts,
    options: LoopOptions,
    { group, brokers, topics }: ConsumerIdentity,
  ) {
    this.#binding = binding;
    this.#parts = parts;
    this.#options = options;
    this.#group = group;
    this.#topics = topics;
    this.#observer = new Observer(parts.hooks, brokers, {
      brokers: () => binding.brokers(),
      lag: () => this.lag(),
    });
    this.#observer.connected();
    this.#settleAssigned = { resolve: () => {}, reject: () => {} };
    this.#assigned = new Promise((resolve, reject) => {
      this.#settleAssigned = { resolve, reject };
    });
    // Nobody has to listen.
    this.#assigned.catch(() => undefined);
  }

  get assigned(): Promise<void> {
    return this.#assigned;
  }

  assignment(): readonly TopicPartition[] {
    return this.#lanes().map(({ topic, partition }) => ({ topic, partition }));
  }

  async run(handler: MessageHandler<AnyTopic>, options: RunOptions = {}): Promise<void> {
    checkKafka(RUN, { handler, options });
    await this.#run(messageWork(this.#parts, handler), options);
  }

  async runBatch(handler: BatchHandler<AnyTopic>, options: RunOptions = {}): Promise<void> {
    checkKafka(RUN, { handler, options });
    const { order } = this.#options;
    if (order !== "partition") {
      throw invalid(
        "order",
        order,
        "runBatch keeps the order of the partition; leave it out or use run",
      );
    }
    await this.#run(batchWork(this.#parts, handler), options);
  }

  messages(options: RunOptions = {}): MessageStream {
    checkKafka(ITERATE, { options });
    const stream: MessageStream = new MessageStream(
      (handler) => this.run(handler, options),
      () => this.close(),
    );
    return stream;
  }

  async commit(): Promise<void> {
    if (!this.#options.ownCommits) {
      throw invalid("offsets", "transactions", "commit() would pass by them; use tx.commitOffsets");
    }
    const loop = this.#runningLoop();
    await loop.command(async () => {
      const offsets = this.#lanes().filter(isToCommit).map(doneOf);
      if (offsets.length > 0) await this.#binding.commit(offsets, COMMIT_TIMEOUT_MS);
    });
  }

  pause(partitions?: readonly TopicPartition[]): void {
    for (const lane of this.#lanes(partitions)) lane.isHeld = true;
  }

  resume(partitions?: readonly TopicPartition[]): void {
    for (const lane of this.#lanes(partitions)) {
      lane.isHeld = false;
      this.#loop?.wake(lane);
    }
  }

  async seek(partition: TopicPartition, to: SeekTarget): Promise<void> {
    checkTarget(to);
    const loop = this.#runningLoop();
    await loop.command(() => seek(this.#binding, loop, partition, to));
  }

  lag(): Promise<PartitionLag[]> {
    return lagOf(this.#binding, this.#lanes());
  }

  async close(options: CloseOptions = {}): Promise<void> {
    checkKafka(WAIT, { options });
    const { timeoutMs = this.#options.stopTimeoutMs } = options;
    const deadline = Deadline.after(timeoutMs);
    if (this.#loop === undefined) {
      this.#closed ??= this.#closeIdle(deadline);
      await this.#closed;
      return;
    }
    this.#loop.stop(deadline);
    // The handler that waits for this would wait for itself.
    if (this.#loop.isInsideHandler()) return;
    await this.#running;
  }

  async #closeIdle(deadline: Deadline): Promise<void> {
    this.#notAssigned();
    await this.#binding.close(deadline.leftMs);
    this.#observer.closed(undefined);
  }

  #notAssigned(error: unknown = kafkaErrors.create("KAFKA_CLOSED", { client: "consumer" })): void {
    this.#settleAssigned.reject(error);
  }

  #run(work: Work, { signal }: RunOptions): Promise<void> {
    if (this.#closed !== undefined || this.#loop?.stopping === true) {
      throw kafkaErrors.create("KAFKA_CLOSED", { client: "consumer" });
    }
    if (this.#loop) throw kafkaErrors.create("KAFKA_ALREADY_RUNNING", { group: this.#group });
    const loop = new ConsumerLoop(
      this.#binding,
      this.#parts.readers,
      work,
      this.#options,
      this.#observer,
    );
    this.#loop = loop;
    this.#binding.subscribe(this.#topics);
    void loop.assigned.then(() => this.#settleAssigned.resolve());
    const stop = (): void => loop.stop();
    if (signal?.aborted === true) stop();
    signal?.addEventListener("abort", stop, { once: true });
    this.#running = loop
      .run()
      .then(
        () => this.#notAssigned(),
        (error: unknown) => {
          this.#notAssigned(error);
          throw error;
        },
      )
      .finally(() => signal?.removeEventListener("abort", stop));
    return this.#running;
  }

  /** The lanes of these partitions; of all that are assigned when none is named. */
  #lanes(partitions?: readonly TopicPartition[]): Lane[] {
    const lanes = this.#loop?.lanes ?? new Map<string, Lane>();
    if (partitions === undefined) return [...lanes.values()];
    return partitions.map((one) => {
      const lane = lanes.get(keyOf(one));
      if (lane === undefined) throw kafkaErrors.create("KAFKA_NOT_ASSIGNED", { ...one });
      return lane;
    });
  }

  #runningLoop(): ConsumerLoop {
    if (this.#loop === undefined || this.#loop.stopping) {
      throw kafkaErrors.create("KAFKA_CLOSED", { client: "consumer" });
    }
    return this.#loop;
  }
}
