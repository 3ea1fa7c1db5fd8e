/** How a batch handler says which record failed. */

/**
 * Thrown by a batch handler: the messages before `index` are done, the one at `index` failed with
 * `cause`. Without it nothing of the batch counts as done.
 *
 * @example
 * ```ts
 * import { BatchFailure, createConsumer } from "typewire/kafka";
 * import { orders } from "./generated/orders.js";
 *
 * declare function insert(order: unknown): Promise<void>;
 *
 * const consumer = await createConsumer({
 *   brokers: ["localhost:9092"],
 *   registry: "http://localhost:8081",
 *   group: "billing",
 *   topics: [orders],
 *   from: "earliest",
 * });
 * await consumer.runBatch(async ({ messages }) => {
 *   for (const [index, { value }] of messages.entries()) {
 *     await insert(value).catch((error: unknown) => {
 *       throw new BatchFailure(index, error);
 *     });
 *   }
 * });
 * ```
 */
export class BatchFailure extends Error {
  override readonly name = "BatchFailure";
  /** Where in `messages` the record is that failed. */
  readonly index: number;

  constructor(index: number, cause: unknown) {
    super(`message ${index} of the batch failed`, { cause });
    this.index = index;
  }
}
