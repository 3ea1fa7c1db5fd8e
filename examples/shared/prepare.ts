/** What the admin programs of the scenarios do: create a topic and register its schemas. */
import type { AnyTopic, TopicDefinition } from "typewire/kafka";
import { createAdmin } from "typewire/kafka";
import { place } from "./place.js";
import { registerSchemas } from "./register.js";

/** How a topic is created. */
export interface Plan {
  readonly partitions: number;
  /** Copies of each partition. Default: as many as the cluster can hold, 3 at most. */
  readonly replication?: number;
  /** Settings of the topic, by Kafka's names. Default: the cluster's. */
  readonly config?: NonNullable<TopicDefinition["config"]>;
}

/** Creates the topic unless it is there, registers its schemas, and says what it did. */
export async function prepare(topic: AnyTopic, plan: Plan): Promise<void> {
  const admin = await createAdmin(place);
  try {
    const isNew = await admin.createTopic({ name: topic.name, ...plan });
    console.log(
      isNew ? `topic ${topic.name} was created` : `topic ${topic.name} was there already`,
    );
  } finally {
    await admin.close();
  }
  await registerSchemas([topic]);
}
