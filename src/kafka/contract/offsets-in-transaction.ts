/**
 * The seam between consumers and transactions: a consumer whose offsets go through transactions
 * commits nothing by itself and offers its group here. Only `createConsumer` offers, only transactions
 * ask; the way to Kafka stays out of the public types.
 */
import type { ConsumerBinding } from "../../rdkafka/index.ts";

/** What a transaction needs of a consumer. */
export interface OffsetsInTransaction {
  readonly group: string;
  /** Its client knows the member's generation, by which a zombie's offsets are refused. */
  readonly binding: ConsumerBinding;
}

const offered = new WeakMap<object, OffsetsInTransaction>();

/** Lets transactions commit the offsets of a consumer that commits none by itself. */
export function offerOffsets(consumer: object, offsets: OffsetsInTransaction): void {
  offered.set(consumer, offsets);
}

/** What a consumer offers; undefined when it commits its offsets by itself. */
export function offsetsOf(consumer: unknown): OffsetsInTransaction | undefined {
  return typeof consumer === "object" && consumer !== null ? offered.get(consumer) : undefined;
}
