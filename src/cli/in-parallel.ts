/** Requests in flight at once: enough to hide latency, few enough for a small registry. */
const LANES = 16;

/** Calls `work` with each item, several at once; the first failure ends it once all lanes stopped. */
export async function inParallel<Item>(
  items: Iterable<Item>,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = [...items].reverse();
  const lane = async (): Promise<void> => {
    for (let item = queue.pop(); item !== undefined; item = queue.pop()) await work(item);
  };
  const lanes = Array.from({ length: LANES }, async () => {
    try {
      await lane();
    } catch (error) {
      queue.length = 0;
      throw error;
    }
  });
  const failed = (await Promise.allSettled(lanes)).find(({ status }) => status === "rejected");
  if (failed?.status === "rejected") throw failed.reason;
}
