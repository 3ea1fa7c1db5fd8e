/**
 * Consume, transform, produce: what a handler sends for a batch and the batch's offsets become visible
 * in one transaction.
 *
 * Invariants:
 * - The consumer commits nothing by itself; the offsets of a batch are in its transaction only.
 * - A transaction that was aborted is done again with the same batch, which is still in hand: nothing
 *   is sought back. One in doubt is looked up in the group's offsets first, when a new client has taken
 *   the transactional id over and nothing is open any more.
 * - A member that lost its partition can't commit: one that is behind in the group is refused by its
 *   generation, and one that is in it looks, once its offsets are with the broker, whether the partition
 *   is still its own.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { isTypewireError } from "../../base/index.ts";
import type { AnyTopic } from "../../schema/index.ts";
import type { RunOptions, TypedConsumer } from "../consumer/index.ts";
import type { BatchOf, HandlerContext, OffsetsInTransaction } from "../contract/index.ts";
import { kafkaErrors, offsetsOf } from "../contract/index.ts";
import type { ConsumedPlace, Transaction, TransactionalProducer } from "../producer/index.ts";

/** Handles a batch; what it sends with `tx` is committed with the batch's offsets. */
export type ExactlyOnceHandler<T extends AnyTopic> = (
  batch: BatchOf<T>,
  tx: Transaction,
  context: HandlerContext,
) => Promise<void> | void;

/** How {@link exactlyOnce} runs. */
export interface ExactlyOnceOptions extends RunOptions {
  /** How long the transaction of one batch may take; default `transactionTimeoutMs`. */
  readonly timeoutMs?: number;
}

/** Pauses between attempts of a batch, in milliseconds. */
const PAUSE_FIRST_MS = 100;
const PAUSE_MAX_MS = 10_000;
const COMMITTED_TIMEOUT_MS = 10_000;

/**
 * Runs a consumer whose results and offsets are committed together, so that readers of the results
 * (with `read_committed`, their default) see each record's exactly once, whatever dies in between.
 * The handler may run again for a batch whose transaction was aborted: what it does outside of `tx`
 * happens again then.
 *
 * Ends as the consumer's `runBatch`. Aborted transactions whose cause can pass are done again, with
 * growing pauses, until the partition is taken away or the consumer stops.
 *
 * @param consumer made with `offsets: "transactions"`
 * @param producer made with a `transactionalId` of this process's own, the same after its restart
 * @throws KAFKA_OFFSETS_NOT_TRANSACTIONAL, and what `runBatch` rejects with; its cause is
 *   KAFKA_PRODUCER_FENCED when another producer has the transactional id
 */
export async function exactlyOnce<T extends AnyTopic>(
  consumer: TypedConsumer<T>,
  producer: TransactionalProducer,
  handler: ExactlyOnceHandler<T>,
  options: ExactlyOnceOptions = {},
): Promise<void> {
  const offered = offsetsOf(consumer);
  if (offered === undefined) throw kafkaErrors.create("KAFKA_OFFSETS_NOT_TRANSACTIONAL");
  const { timeoutMs, ...run } = options;
  const limit = timeoutMs === undefined ? {} : { timeoutMs };
  await consumer.runBatch(async (batch, context) => {
    const messages: readonly ConsumedPlace[] = batch.messages;
    const attempt = (): Promise<void> =>
      producer.transaction(async (tx) => {
        await handler(batch, tx, context);
        tx.commitOffsets(consumer, messages, context.signal);
      }, limit);
    await untilCommitted(attempt, {
      signal: context.signal,
      isCommitted: () => isCommitted(offered, producer, messages),
    });
  }, run);
}

interface Attempts {
  readonly signal: AbortSignal;
  readonly isCommitted: () => Promise<boolean>;
}

async function untilCommitted(
  attempt: () => Promise<void>,
  { signal, isCommitted: committed }: Attempts,
): Promise<void> {
  let step: () => Promise<boolean> = () => attempt().then(() => true);
  for (let pauseMs = PAUSE_FIRST_MS; ; pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS)) {
    try {
      if (await step()) return;
      // It was in doubt and is known not to be committed.
      step = () => attempt().then(() => true);
      continue;
    } catch (error) {
      if (signal.aborted) throw error;
      const inDoubt = isTypewireError(error, "KAFKA_TRANSACTION_IN_DOUBT");
      if (inDoubt) step = committed;
      else if (!isTypewireError(error) || !error.retriable) throw error;
    }
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Whether the group is past these messages, once nothing of the producer is open any more. */
async function isCommitted(
  { binding }: OffsetsInTransaction,
  producer: TransactionalProducer,
  messages: readonly ConsumedPlace[],
): Promise<boolean> {
  const last = messages.at(-1);
  if (last === undefined) return true;
  const { topic, partition, offset } = last;
  await producer.prepare();
  const [found] = await binding.committed([{ topic, partition }], COMMITTED_TIMEOUT_MS);
  return found !== undefined && found.offset > offset;
}
