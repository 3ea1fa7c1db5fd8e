/** How a batch handler says which record failed. */

/**
 * Thrown by a batch handler: the messages before `index` are done, the one at `index` failed with
 * `cause`. Without it nothing of the batch counts as done.
 *
 * @example
 * ```ts
 * await consumer.runBatch(async ({ messages }) => {
 *   for (const [index, message] of messages.entries()) {
 *     await insert(message).catch((error) => { throw new BatchFailure(index, error); });
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
