/**
 * The producer as its topics' lanes: what is sent goes to the lane of its topic, and calls about all
 * of them come here.
 *
 * Invariants:
 * - Nothing starts after `close`, and at its deadline every promise is settled.
 * - One deadline, made on entry, covers all stages of a call.
 */
import type { ProducerBinding } from "../../rdkafka/index.ts";
import { isFatal, KAFKA_CODES, kafkaCodeIn, rdkafkaErrors } from "../../rdkafka/index.ts";
import type { AnyTopic } from "../../schema/index.ts";
import type { Delivery, HookCaller, KafkaTracing, SchemaLookup } from "../contract/index.ts";
import { checkKafka, Deadline, kafkaErrors, TOO_LATE, WAIT } from "../contract/index.ts";
import type { AbortableEnds } from "./abort-signals.ts";
import { AbortSignals } from "./abort-signals.ts";
import { Expiry } from "./expiry.ts";
import type { ProducerInterceptor } from "./interceptor.ts";
import { intercepted } from "./interceptor.ts";
import type { AnyRecord, Job } from "./jobs.ts";
import { EnqueueJob, SendJob, SendManyJob, stageOf, UntoldFailures } from "./jobs.ts";
import { OutageWatch } from "./outage-watch.ts";
import type { TopicPartitioner } from "./partitioner.ts";
import type { SendOptions, TimeoutOption, TypedProducer } from "./producer.ts";
import { invalidRecord } from "./record-checks.ts";
import { TopicLane } from "./topic-lane.ts";
import { TopicPartitions } from "./topic-partitions.ts";
import { TracedJob } from "./traced-job.ts";

/** What a producer works with. */
export interface ProducerParts {
  readonly binding: ProducerBinding;
  readonly registry: SchemaLookup;
  /** Types of rules that may be left out. */
  readonly ignored: ReadonlySet<string>;
  readonly hooks: HookCaller;
  readonly brokers: readonly string[];
  readonly partitioners: readonly TopicPartitioner[];
  readonly interceptors: readonly ProducerInterceptor[];
  readonly tracing: KafkaTracing | undefined;
  readonly deliveryTimeoutMs: number;
  /** Records of a topic that `enqueue` lets wait at most. */
  readonly waitingMax: number;
  /** How old the known number of partitions may be. */
  readonly recountMs: number;
  /** How long the brokers may be silent before that is an outage. */
  readonly silentMs: number;
}

const FLUSH_TIMEOUT_MS = 60_000;
const CLOSE_TIMEOUT_MS = 30_000;

interface LaneOfTopic {
  readonly lane: TopicLane;
  readonly interceptors: readonly ProducerInterceptor[];
}

export class LanedProducer implements TypedProducer {
  readonly #parts: ProducerParts;
  readonly #lanes = new Map<string, LaneOfTopic>();
  readonly #untold = new UntoldFailures();
  readonly #outage: OutageWatch;
  readonly #expiry = new Expiry((now) => this.#expire(now));
  readonly #signals = new AbortSignals();
  /** Ends the calls of `prepare` that are open. */
  readonly #preparing = new Set<(error: unknown) => void>();
  #closing: Promise<void> | undefined;

  constructor(parts: ProducerParts) {
    this.#parts = parts;
    const { binding, hooks, silentMs } = parts;
    this.#outage = new OutageWatch(hooks, () => binding.inFlight, silentMs);
    binding.onTrouble?.((error) => this.#trouble(error));
    hooks.call("onConnect", { brokers: parts.brokers });
  }

  send(topic: AnyTopic, record: AnyRecord, options?: SendOptions): Promise<Delivery> {
    return new Promise((resolve, reject) => {
      const { lane, interceptors } = this.#laneOf(topic);
      const given =
        interceptors.length === 0 ? record : intercepted(record, topic.name, interceptors);
      const calls = this.#signals.ends(options?.signal, resolve, reject);
      const writer = lane.writerOf(topic);
      const job = new SendJob(writer, given, this.#endsAt(), calls.resolve, calls.reject);
      this.#submit(lane, job, calls);
    });
  }

  sendMany(
    topic: AnyTopic,
    records: readonly AnyRecord[],
    options?: SendOptions,
  ): Promise<readonly Delivery[]> {
    return new Promise((resolve, reject) => {
      const { lane, interceptors } = this.#laneOf(topic);
      if (!Array.isArray(records)) {
        throw invalidRecord(topic, "record", "sendMany takes an array of records");
      }
      if (records.length === 0) return resolve([]);
      const given =
        interceptors.length === 0
          ? records
          : records.map((record: AnyRecord) => intercepted(record, topic.name, interceptors));
      const calls = this.#signals.ends(options?.signal, resolve, reject);
      const writer = lane.writerOf(topic);
      const job = new SendManyJob(writer, given, this.#endsAt(), calls.resolve, calls.reject);
      this.#submit(lane, job, calls);
    });
  }

  enqueue(topic: AnyTopic, record: AnyRecord): boolean {
    const { lane, interceptors } = this.#laneOf(topic);
    const waiting = lane.backlog;
    if (waiting >= this.#parts.waitingMax) {
      throw kafkaErrors.create("KAFKA_QUEUE_FULL", { waiting, topic: topic.name });
    }
    const given =
      interceptors.length === 0 ? record : intercepted(record, topic.name, interceptors);
    const job = new EnqueueJob(lane.writerOf(topic), given, this.#endsAt(), this.#untold);
    this.#submit(lane, job);
    return lane.backlog === 0;
  }

  async drained(): Promise<void> {
    await Promise.all(this.#allLanes().map((lane) => lane.queued()));
  }

  prepare(...topics: readonly AnyTopic[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const loads = topics.map((topic) => this.#laneOf(topic).lane.writerOf(topic).load());
      const settle = (settled: () => void): void => {
        this.#preparing.delete(reject);
        settled();
      };
      this.#preparing.add(reject);
      Promise.all(loads).then(
        () => settle(resolve),
        (error: unknown) => settle(() => reject(error)),
      );
    });
  }

  async flush(options: TimeoutOption = {}): Promise<void> {
    checkKafka(WAIT, { options });
    this.#assertOpen();
    const { timeoutMs = FLUSH_TIMEOUT_MS } = options;
    const deadline = deadlineOf(timeoutMs);
    if ((await deadline.race(this.#flush(deadline))) === TOO_LATE) {
      throw kafkaErrors.create("KAFKA_FLUSH_TIMEOUT", { timeoutMs, ...this.#openJobs() });
    }
    this.#untold.tell();
  }

  close(options: TimeoutOption = {}): Promise<void> {
    try {
      checkKafka(WAIT, { options });
      const { timeoutMs = CLOSE_TIMEOUT_MS } = options;
      this.#closing ??= this.#close(deadlineOf(timeoutMs));
      return this.#closing;
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  async #flush(deadline: Deadline): Promise<typeof TOO_LATE | undefined> {
    await this.drained();
    const reported = this.#allLanes().map((lane) => lane.reported());
    try {
      await this.#parts.binding.flush(deadline.leftMs);
    } catch (error) {
      if (deadline.passed || kafkaCodeIn(error) === KAFKA_CODES.timedOut) return TOO_LATE;
      throw error;
    }
    await Promise.all(reported);
    return undefined;
  }

  async #close(deadline: Deadline): Promise<void> {
    const { binding, hooks, brokers } = this.#parts;
    let failure: unknown;
    const failed = (error: unknown): void => {
      failure ??= error;
    };
    await deadline.race(this.#flush(deadline)).catch(failed);
    const pending = this.#giveUpAll();
    await binding.close(deadline.leftMs).catch(failed);
    this.#expiry.stop();
    this.#outage.close();
    hooks.call("onClose", { brokers });
    if (pending > 0) {
      const details = { timeoutMs: deadline.totalMs, pending };
      throw rdkafkaErrors.create("RDKAFKA_CLOSE_TIMEOUT", details, failure);
    }
    if (failure !== undefined) throw failure as Error;
    this.#untold.tell();
  }

  /** Settles everything that is open; how many records that are. */
  #giveUpAll(): number {
    const client = "producer";
    for (const reject of this.#preparing) reject(kafkaErrors.create("KAFKA_CLOSED", { client }));
    let records = 0;
    for (const lane of this.#allLanes()) {
      records += lane.giveUpAll((job) =>
        kafkaErrors.create("KAFKA_CLOSED_EARLY", {
          topic: job.writer.topic.name,
          stage: stageOf(job),
        }),
      );
    }
    return records;
  }

  /** Fails what is over its own deadline; says when the next one is. */
  #expire(now: number): number | undefined {
    const { deliveryTimeoutMs: timeoutMs } = this.#parts;
    let next: number | undefined;
    for (const lane of this.#allLanes()) {
      const endsAt = lane.expire(now, (job) => {
        const details = { topic: job.writer.topic.name, timeoutMs, stage: stageOf(job) };
        return kafkaErrors.create("KAFKA_DELIVERY_TIMEOUT", details);
      });
      if (endsAt !== undefined) next = Math.min(next ?? endsAt, endsAt);
    }
    return next;
  }

  #submit(lane: TopicLane, plain: Job, calls?: AbortableEnds<never>): void {
    const { tracing, hooks } = this.#parts;
    const job = tracing === undefined ? plain : new TracedJob(plain, tracing, hooks.client);
    const abort = (): void => {
      const details = { topic: job.writer.topic.name, stage: stageOf(job) };
      const reason: unknown = calls?.signal?.reason;
      lane.giveUp(job, kafkaErrors.create("KAFKA_SEND_ABORTED", details, reason));
    };
    if (calls?.signal?.aborted === true) {
      abort();
      return;
    }
    calls?.onAbort(abort);
    lane.submit(job);
    if (!job.settled) this.#expiry.watch(job.endsAt);
  }

  #endsAt(): number {
    return performance.now() + this.#parts.deliveryTimeoutMs;
  }

  #laneOf(topic: AnyTopic): LaneOfTopic {
    this.#assertOpen();
    const found = this.#lanes.get(topic?.name);
    if (found !== undefined) return found;
    if (typeof topic?.name !== "string" || topic.value === undefined || "pattern" in topic) {
      const reason = "use the descriptor of one topic, made by codegen or topic()";
      throw kafkaErrors.create("KAFKA_OPTION_INVALID", { option: "topic", value: topic, reason });
    }
    const { name } = topic;
    const { binding, registry, ignored, partitioners, interceptors, recountMs } = this.#parts;
    const partitioner = partitioners.find((one) => one.topic === name);
    const partitions = new TopicPartitions(binding, name, partitioner, recountMs);
    const made: LaneOfTopic = {
      lane: new TopicLane(name, {
        binding,
        registry,
        ignored,
        partitions,
        settled: () => (this.#parts.hooks.wants("onDelivery") ? this.#told : undefined),
        answered: (taken) => this.#outage.answered(taken),
      }),
      interceptors: interceptors.filter(({ topic: only }) => only === undefined || only === name),
    };
    this.#lanes.set(name, made);
    return made;
  }

  readonly #told = (job: Job, partition: number, offset: number, error?: unknown): void => {
    const durationMs = performance.now() - (job.endsAt - this.#parts.deliveryTimeoutMs);
    const { name: topic } = job.writer.topic;
    const event = { topic, partition, offset, durationMs, ...(error !== undefined && { error }) };
    this.#parts.hooks.call("onDelivery", event);
  };

  /** The client reports trouble that belongs to no call. */
  #trouble(error: Error): void {
    const code = kafkaCodeIn(error);
    this.#parts.hooks.call("onError", { error, fatal: isFatal(error) });
    if (code === KAFKA_CODES.allBrokersDown) this.#outage.down(error);
  }

  #openJobs(): { readonly waiting: number; readonly unreported: number } {
    const all = this.#allLanes().map((lane) => lane.openJobs());
    return {
      waiting: all.reduce((sum, { waiting }) => sum + waiting, 0),
      unreported: all.reduce((sum, { unreported }) => sum + unreported, 0),
    };
  }

  #allLanes(): TopicLane[] {
    return [...this.#lanes.values()].map(({ lane }) => lane);
  }

  #assertOpen(): void {
    if (this.#closing) throw kafkaErrors.create("KAFKA_CLOSED", { client: "producer" });
  }
}

/** A deadline of a caller's time-out. @throws KAFKA_OPTION_INVALID */
export function deadlineOf(timeoutMs: number): Deadline {
  if (Number.isFinite(timeoutMs) && timeoutMs >= 0) return Deadline.after(timeoutMs);
  const reason = "use a number of milliseconds from 0";
  throw kafkaErrors.create("KAFKA_OPTION_INVALID", {
    option: "timeoutMs",
    value: timeoutMs,
    reason,
  });
}
