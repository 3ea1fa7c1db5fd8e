/** What consumers of the scenarios tell about their group. */
import type { KafkaClientOptions, TopicPartition } from "typewire/kafka";

/** Hooks that say which partitions the group gives to this consumer, and takes away. */
export const tellingRebalances: NonNullable<KafkaClientOptions["hooks"]> = [
  {
    onRebalance({ kind, partitions }) {
      const word = kind === "assign" ? "assigned" : "revoked";
      if (partitions.length > 0) console.log(`${word}: partitions ${numbersOf(partitions)}`);
    },
  },
];

/** Waits for the first assignment, and says so when it is empty. */
export async function tellIfIdle(consumer: {
  readonly assigned: Promise<void>;
  assignment(): readonly TopicPartition[];
}): Promise<void> {
  await consumer.assigned;
  if (consumer.assignment().length === 0) {
    console.log("assigned: none; this consumer waits until another one leaves");
  }
}

function numbersOf(partitions: readonly TopicPartition[]): string {
  return partitions
    .map(({ partition }) => partition)
    .sort((a, b) => a - b)
    .join(", ");
}
