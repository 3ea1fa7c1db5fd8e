/**
 * Sending a failed record elsewhere: its original bytes, to the same partition number as far as the
 * other topic has one, so that records of one source partition keep their order.
 *
 * Invariants:
 * - It resolves when the brokers have the record, never before: only then may the offset move.
 * - Brokers that do not answer are waited for; any other failure stops the consumer.
 */
import { isTypewireError } from "../../base/index.ts";
import { KAFKA_CODES, kafkaCodeIn } from "../../rdkafka/index.ts";
import type { Topic } from "../../schema/index.ts";
import { rawType, topic as topicOf } from "../../schema/index.ts";
import type { Failure, HookCaller } from "../contract/index.ts";
import { kafkaErrors } from "../contract/index.ts";
import type { LetterFacts } from "./letter.ts";
import { letterHeaders } from "./letter.ts";

type Raw = Buffer | Uint8Array | null;

/** A topic of records as they are. */
export type RawTopic = Topic<string, Raw, Uint8Array | null, Raw, Uint8Array | null, true>;

/** What is needed of a producer. */
export interface RawProducer {
  send(
    topic: RawTopic,
    record: {
      readonly key: Raw;
      readonly value: Raw;
      readonly headers: Readonly<Record<string, string>>;
      readonly partition?: number;
      readonly timestamp?: number;
    },
  ): Promise<unknown>;
}

/** What a forwarder works with. */
export interface ForwarderParts {
  readonly producer: RawProducer;
  /** The number of partitions of a topic. @throws KAFKA_TOPIC_NOT_FOUND */
  readonly partitionsOf: (topic: string) => Promise<number>;
  readonly group: string;
  readonly clientId: string;
  readonly hooks: HookCaller;
}

/** A topic of bytes, null included. */
export function rawTopic(name: string): RawTopic {
  return topicOf({ name, key: rawType, value: rawType, compact: true });
}

/** Sends failed records elsewhere. */
export class Forwarder {
  readonly #parts: ForwarderParts;
  readonly #topics = new Map<
    string,
    Promise<{ readonly topic: RawTopic; readonly count: number }>
  >();

  constructor(parts: ForwarderParts) {
    this.#parts = parts;
  }

  /** Looks the topic up. @throws KAFKA_TOPIC_NOT_FOUND; RDKAFKA errors */
  async prepare(name: string): Promise<void> {
    await this.#topic(name);
  }

  /**
   * Sends the record, and resolves when it is acknowledged.
   *
   * @throws KAFKA_FORWARD_FAILED, which says `retriable` when brokers did not answer
   */
  async forward(failure: Failure, to: string, retry?: LetterFacts["retry"]): Promise<void> {
    const { group, clientId } = this.#parts;
    const facts = { group, clientId, ...(retry !== undefined && { retry }) };
    try {
      const { topic, count } = await this.#topic(to);
      await this.#send(topic, failure, failure.partition % count, facts);
    } catch (error) {
      throw forwardFailed(failure, to, error);
    }
    const { topic, partition, offset, stage, error } = failure;
    this.#parts.hooks.call("onForward", { topic, partition, offset, to, stage, error });
  }

  async #send(
    topic: RawTopic,
    failure: Failure,
    partition: number,
    facts: LetterFacts,
  ): Promise<void> {
    const { key, value, timestamp } = failure;
    const at = timestamp >= 0 ? { timestamp } : {};
    const record = { key, value, partition, ...at };
    try {
      await this.#parts.producer.send(topic, { ...record, headers: letterHeaders(failure, facts) });
    } catch (error) {
      if (kafkaCodeIn(error) !== KAFKA_CODES.messageTooLarge) throw error;
      // With what we add to it, it is too large; without the error's text it may fit.
      const headers = letterHeaders(failure, { ...facts, terse: true });
      await this.#parts.producer.send(topic, { ...record, headers });
    }
  }

  #topic(name: string): Promise<{ readonly topic: RawTopic; readonly count: number }> {
    const known = this.#topics.get(name);
    if (known !== undefined) return known;
    const found = this.#parts
      .partitionsOf(name)
      .then((count) => ({ topic: rawTopic(name), count }));
    this.#topics.set(name, found);
    found.catch(() => this.#topics.delete(name));
    return found;
  }
}

function forwardFailed(failure: Failure, to: string, error: unknown): Error {
  const { source: topic, partition, offset, stage } = failure;
  const passes = isTypewireError(error) && error.retriable;
  const row = passes ? "KAFKA_FORWARD_UNAVAILABLE" : "KAFKA_FORWARD_FAILED";
  return kafkaErrors.create(row, { topic, partition, offset, stage, to, reason: error }, error);
}
