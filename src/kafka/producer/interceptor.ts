/**
 * Functions that see every record before it is encoded.
 *
 * Invariants: each is called once per record, in the order of the option, when the record is given to
 * the producer; what one returns goes to the next; one that fails keeps its record, and every other
 * record of the same call, from being sent.
 */
import type { AnyTopic, Topic } from "../../schema/index.ts";
import type { OutgoingRecord } from "../contract/index.ts";
import { checkKafka, INTERCEPT, kafkaErrors } from "../contract/index.ts";
import type { AnyRecord } from "./jobs.ts";

/** Made by {@link intercept} and {@link interceptAll}. */
export interface ProducerInterceptor {
  /** The topic that it is for; undefined for every one. */
  readonly topic: string | undefined;
  readonly apply: (record: AnyRecord, topic: string) => AnyRecord;
}

/**
 * Changes each record of a topic before it is encoded: fills in a field, adds a header.
 *
 * @param change returns the record to send: the given one, or a new one. It must not change the given
 *   one, which belongs to the caller, must not wait, and must not send; it has no say over whether
 *   a record is sent.
 * @throws KAFKA_OPTION_INVALID
 */
export function intercept<Name extends string, KI, KO, VI, VO, C extends boolean>(
  topic: Topic<Name, KI, KO, VI, VO, C>,
  change: (
    record: OutgoingRecord<NoInfer<KI>, NoInfer<VI>, NoInfer<C>>,
  ) => OutgoingRecord<NoInfer<KI>, NoInfer<VI>, NoInfer<C>>,
): ProducerInterceptor {
  checkKafka(INTERCEPT, { topic, change });
  return {
    topic: (topic as AnyTopic).name,
    apply: (record) => change(record as OutgoingRecord<KI, VI, C>) as AnyRecord,
  };
}

/** As {@link intercept}, for the records of every topic: keys and values are unknown to it. */
export function interceptAll(
  change: (
    record: OutgoingRecord<unknown, unknown, boolean>,
    topic: string,
  ) => OutgoingRecord<unknown, unknown, boolean>,
): ProducerInterceptor {
  return { topic: undefined, apply: change };
}

/** What the interceptors of a topic make of a record. @throws KAFKA_INTERCEPTOR_FAILED */
export function intercepted(
  record: AnyRecord,
  topic: string,
  interceptors: readonly ProducerInterceptor[],
): AnyRecord {
  let current = record;
  for (const { apply } of interceptors) {
    let next: unknown;
    try {
      next = apply(current, topic);
    } catch (error) {
      throw kafkaErrors.create("KAFKA_INTERCEPTOR_FAILED", { topic, reason: error }, error);
    }
    if (typeof next !== "object" || next === null || "then" in next) {
      const reason = `it returned ${next instanceof Promise ? "a promise" : String(next)}, not a record`;
      throw kafkaErrors.create("KAFKA_INTERCEPTOR_FAILED", { topic, reason });
    }
    current = next as AnyRecord;
  }
  return current;
}
