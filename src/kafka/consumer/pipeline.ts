/**
 * What is done with one record, or with one batch: read it, call the handler, and answer a failure by
 * the consumer's rules. The consumer owns order, concurrency and offsets; what is here owns a record
 * from its bytes to the end of its handling.
 *
 * Invariants:
 * - A record that is not done is never reported as done. It is done when its handler is, when it was
 *   sent elsewhere and acknowledged, or when a rule skips it.
 * - A registry or a broker that does not answer is waited for; that is no failure of a record.
 * - Whatever is thrown, by bytes or by a handler, ends as an error that names topic, partition, offset
 *   and stage.
 * - The path of a record that is read and handled without waiting makes no promise.
 */
import { isTypewireError, reasonOf } from "../../base/index.ts";
import type { RecordBatch } from "../../rdkafka/index.ts";
import type { AnyMessage, RecordReader } from "../codec/index.ts";
import type {
  Clock,
  Failure,
  FailureRules,
  FailureStage,
  HandledEvent,
  HandlerContext,
  HookCaller,
  KafkaTracing,
} from "../contract/index.ts";
import { kafkaErrors, pause, RecordHeaders } from "../contract/index.ts";
import type { Decision, Forwarder } from "../failure/index.ts";
import { decide, delayOf, retryOf, retryTopicName } from "../failure/index.ts";
import type { LaneView } from "./work.ts";
import { isLaneClosed, LaneClosed } from "./work.ts";

/** Readers by the topic that is read: the topics given, and retry topics of theirs. */
export type Readers = ReadonlyMap<string, RecordReader>;

/** What the work stands on. */
export interface WorkParts {
  readonly readers: Readers;
  readonly hooks: HookCaller;
  readonly rules?: FailureRules;
  /** Needed where rules send records elsewhere. */
  readonly forwarder?: Forwarder | undefined;
  readonly tracing?: KafkaTracing | undefined;
  /** From 0 to below 1; for tests. */
  readonly random?: () => number;
  /** Whose time waits take. Default: the process's. */
  readonly clock?: Clock | undefined;
}

/** Calls the user's handler. */
export type Call = (
  messages: readonly AnyMessage[],
  context: HandlerContext,
) => Promise<void> | void;

/** A record in its batch. */
export interface Place {
  readonly batch: RecordBatch;
  readonly i: number;
  readonly lane: LaneView;
}

/** What every record of a partition shares. */
interface LaneParts {
  readonly reader: RecordReader;
  /** For first attempts. */
  readonly context: HandlerContext;
}

/** What went wrong, and where. */
export interface Fault {
  readonly stage: FailureStage;
  readonly error: unknown;
}

/** Takes single records through. */
export class Pipeline {
  readonly #parts: WorkParts;
  readonly #rules: FailureRules;
  readonly #call: Call;
  readonly #random: () => number;
  readonly #lanes = new WeakMap<LaneView, LaneParts>();

  constructor(parts: WorkParts, call: Call) {
    this.#parts = parts;
    this.#rules = parts.rules ?? {};
    this.#call = call;
    this.#random = parts.random ?? Math.random;
  }

  each(batch: RecordBatch, i: number, lane: LaneView): Promise<void> | undefined {
    const { reader, context } = this.#of(lane);
    const { tracing, hooks } = this.#parts;
    const place = { batch, i, lane };
    if (reader.isRetryTopic || tracing !== undefined || hooks.wants("onHandled")) {
      return this.#whole(place);
    }
    let message: AnyMessage | undefined;
    try {
      message = reader.read(batch, i);
    } catch (error) {
      return this.recover(place, poison(error));
    }
    if (message === undefined) return this.#whole(place);
    try {
      const handling = this.#call([message], context);
      if (handling === undefined) return undefined;
      return this.#settled(handling, place);
    } catch (error) {
      return this.recover(place, { stage: "handler", error });
    }
  }

  /** The whole way of one record, with everything that may have to be waited for. */
  async #whole(place: Place): Promise<void> {
    const { lane } = place;
    let fault: Fault | undefined;
    try {
      await this.#untilDue(place);
      fault = await this.handle([await this.read(place)], lane, 1);
    } catch (error) {
      if (isLaneClosed(error)) throw error;
      fault = poison(error);
    }
    if (fault !== undefined) await this.recover(place, fault);
  }

  async #settled(handling: Promise<void>, place: Place): Promise<void> {
    try {
      await handling;
    } catch (error) {
      await this.recover(place, { stage: "handler", error });
    }
  }

  /** Reads, and fetches what is missing for that. @throws LaneClosed; what is wrong with the record */
  async read({ batch, i, lane }: Place): Promise<AnyMessage> {
    const { reader } = this.#of(lane);
    const message = reader.read(batch, i);
    if (message !== undefined) return message;
    const waiting = (on: boolean): void => lane.paused("outage", on);
    const isLoaded = await reader.load(batch, i, lane.closing, waiting);
    const late = isLoaded && !lane.closing.aborted ? reader.read(batch, i) : undefined;
    if (late === undefined) throw new LaneClosed();
    return late;
  }

  /** Calls the handler, and tells how it went. */
  async handle(
    messages: readonly AnyMessage[],
    lane: LaneView,
    attempt: number,
  ): Promise<Fault | undefined> {
    const context: HandlerContext =
      attempt === 1
        ? this.#of(lane).context
        : { signal: lane.signal, closing: lane.closing, attempt };
    const startedAt = performance.now();
    try {
      const handling = this.#traced(messages, context);
      if (handling !== undefined) await handling;
    } catch (error) {
      if (lane.signal.aborted) throw new LaneClosed();
      this.#tell("failed", messages, attempt, startedAt, error);
      return { stage: "handler", error };
    }
    this.#tell("ok", messages, attempt, startedAt);
    return undefined;
  }

  #traced(messages: readonly AnyMessage[], context: HandlerContext): Promise<void> | void {
    const { tracing, hooks } = this.#parts;
    if (tracing === undefined) return this.#call(messages, context);
    const { topic, partition } = messages[0] as AnyMessage;
    const info = { client: hooks.client, topic, partition, messages, batch: messages.length > 1 };
    return tracing.process(info, () => this.#call(messages, context));
  }

  #tell(
    outcome: HandledEvent["outcome"],
    messages: readonly AnyMessage[],
    attempt: number,
    startedAt: number,
    error?: unknown,
  ): void {
    const { hooks } = this.#parts;
    if (!hooks.wants("onHandled")) return;
    const { topic, partition, offset, timestamp } = messages[0] as AnyMessage;
    const durationMs = performance.now() - startedAt;
    const count = messages.length;
    const event = { topic, partition, offset, timestamp, outcome, attempt, durationMs, count };
    hooks.call("onHandled", { ...event, ...(error !== undefined && { error }) });
  }

  /** Waits until a record of a retry topic is due. @throws LaneClosed */
  async #untilDue({ batch, i, lane }: Place): Promise<void> {
    const { reader } = this.#of(lane);
    if (!reader.isRetryTopic) return;
    const { dueAt } = retryOf(new RecordHeaders(batch.headers(i)));
    // A clock that is wrong elsewhere must not hold a record longer than its topic's delay.
    const waitMs = Math.min(dueAt - Date.now(), reader.retryDelayMs);
    if (waitMs > 0) await this.#wait(waitMs, lane, "retry");
  }

  async #wait(ms: number, lane: LaneView, until: "retry" | "outage"): Promise<void> {
    lane.paused(until, true);
    await pause(ms, lane.closing, this.#parts.clock);
    lane.paused(until, false);
    if (lane.closing.aborted) throw new LaneClosed();
  }

  /**
   * Answers a failure by the rules, until the record is done.
   *
   * @throws the error with which the consumer stops; LaneClosed
   */
  async recover(place: Place, first: Fault): Promise<void> {
    // Given up by an iteration that was left: no failure, and not done.
    if (isLaneClosed(first.error)) throw first.error;
    const { lane } = place;
    const firstFailedAt = Date.now();
    let { stage, error } = first;
    for (let attempt = 1; ; attempt++) {
      // Told to give up, it did: the record belongs to somebody else now.
      if (lane.signal.aborted) throw new LaneClosed();
      const failure = this.#failure(place, { stage, error }, attempt, firstFailedAt);
      const { tier } = this.#of(lane).reader.isRetryTopic ? retryOf(failure.headers) : { tier: 0 };
      const decision = this.#decide(failure, tier);
      if (decision.kind === "stop") throw stopError(failure);
      if (decision.kind !== "retry") return this.#end(failure, decision, lane);
      await this.#waitToRetry(failure, decision, lane);
      const again = await this.#again(place, attempt + 1);
      if (again === undefined) return;
      ({ stage, error } = again);
    }
  }

  #decide(failure: Failure, tier: number): Decision {
    try {
      return decide(this.#rules, failure, tier);
    } catch (error) {
      if (isTypewireError(error)) throw error;
      // A function of the rules threw: nobody said what to do with the record.
      throw stopError({ ...failure, error });
    }
  }

  async #waitToRetry(
    failure: Failure,
    { backoff, failures }: Extract<Decision, { kind: "retry" }>,
    lane: LaneView,
  ): Promise<void> {
    const delayMs = delayOf(backoff, failures, this.#random());
    const { topic, partition, offset, stage, error } = failure;
    const attempt = failure.attempt + 1;
    const event = { topic, partition, offset, stage, attempt, delayMs, error };
    this.#parts.hooks.call("onRetry", event);
    await this.#wait(delayMs, lane, "retry");
  }

  /** One more attempt, from the bytes on. */
  async #again(place: Place, attempt: number): Promise<Fault | undefined> {
    let message: AnyMessage;
    try {
      message = await this.read(place);
    } catch (error) {
      if (isLaneClosed(error)) throw error;
      return poison(error);
    }
    return this.handle([message], place.lane, attempt);
  }

  /** Ends a record that no handler ends. */
  async #end(
    failure: Failure,
    decision: Exclude<Decision, { kind: "stop" | "retry" }>,
    lane: LaneView,
  ): Promise<void> {
    const startedAt = performance.now();
    if (decision.kind === "forward") await this.#forward(failure, decision.to, lane);
    if (decision.kind === "retry-topic") {
      const { delayMs, tier } = decision;
      const to = retryTopicName(failure.topic, this.#parts.hooks.client.group ?? "", delayMs);
      await this.#forward(failure, to, lane, { dueAt: Date.now() + delayMs, tier });
    }
    if (!this.#parts.hooks.wants("onHandled")) return;
    const { topic, partition, offset, timestamp, attempt, error } = failure;
    const outcome = decision.kind === "skip" ? "skipped" : "dead-lettered";
    const durationMs = performance.now() - startedAt;
    const event = {
      topic,
      partition,
      offset,
      timestamp,
      outcome,
      attempt,
      durationMs,
      error,
    } as const;
    this.#parts.hooks.call("onHandled", { ...event, count: 1 });
  }

  /** Sends the record elsewhere; brokers that do not answer are waited for. */
  async #forward(
    failure: Failure,
    to: string,
    lane: LaneView,
    retry?: { readonly dueAt: number; readonly tier: number },
  ): Promise<void> {
    const { forwarder } = this.#parts;
    if (forwarder === undefined) throw stopError(failure);
    for (let failures = 1; ; failures++) {
      try {
        await forwarder.forward(failure, to, retry);
        return;
      } catch (error) {
        if (!isTypewireError(error, "KAFKA_FORWARD_UNAVAILABLE")) throw error;
        if (lane.closing.aborted) throw new LaneClosed();
      }
      await this.#wait(delayOf(OUTAGE, failures, this.#random()), lane, "outage");
    }
  }

  #failure(
    { batch, i, lane }: Place,
    { stage, error }: Fault,
    attempt: number,
    firstFailedAt: number,
  ): Failure {
    const { reader } = this.#of(lane);
    return {
      topic: reader.topic,
      source: lane.topic,
      partition: lane.partition,
      offset: batch.offset(i),
      timestamp: batch.timestamp(i),
      key: bytesOf(batch.keyBuf(i), batch.keyStart(i), batch.keyEnd(i)),
      value: bytesOf(batch.valueBuf(i), batch.valueStart(i), batch.valueEnd(i)),
      headers: new RecordHeaders(batch.headers(i)),
      ...reader.schemasOf(batch, i),
      stage,
      error,
      attempt,
      firstFailedAt,
      lastFailedAt: Date.now(),
    };
  }

  #of(lane: LaneView): LaneParts {
    const known = this.#lanes.get(lane);
    if (known !== undefined) return known;
    const reader = this.#parts.readers.get(lane.topic) as RecordReader;
    const made = { reader, context: { signal: lane.signal, closing: lane.closing, attempt: 1 } };
    this.#lanes.set(lane, made);
    return made;
  }
}

const OUTAGE = { firstDelayMs: 200, maxDelayMs: 10_000 } as const;

/** A fault of a record's bytes; whatever was thrown has been named by the reader. */
export function poison(error: unknown): Fault {
  const stage = isTypewireError(error) ? error.details["stage"] : undefined;
  return { stage: stage === "key" || stage === "schema" ? stage : "value", error };
}

/** A copy: the batch is given back, the failure may be kept. */
function bytesOf(buffer: Buffer, start: number, end: number): Buffer | null {
  return start < 0 ? null : Buffer.from(buffer.subarray(start, end));
}

/** What the consumer stops with. */
function stopError(failure: Failure): unknown {
  const { source, partition, offset, stage, schemaId, schemaGuid, error } = failure;
  if (stage !== "handler") return error;
  const details = {
    topic: source,
    partition,
    offset,
    stage,
    schemaId: schemaId ?? schemaGuid ?? "none",
    reason: reasonOf(error),
  };
  return kafkaErrors.create("KAFKA_HANDLER_FAILED", details, error);
}
