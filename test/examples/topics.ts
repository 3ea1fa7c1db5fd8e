/** Topics that an earlier run left on brokers that outlive it. */
import { setTimeout as sleep } from "node:timers/promises";
import { createAdmin } from "../../src/kafka/index.ts";

/** Deletes the topics that are there, and waits until they are gone. */
export async function forgetTopic(
  brokers: readonly string[],
  ...names: readonly string[]
): Promise<void> {
  const admin = await createAdmin({ brokers });
  for (const name of names) {
    if ((await admin.describeTopic(name)) === undefined) continue;
    await admin.deleteTopic(name);
    while ((await admin.describeTopic(name)) !== undefined) await sleep(50);
  }
  await admin.close();
}
