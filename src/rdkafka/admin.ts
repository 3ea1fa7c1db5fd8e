/** Creating, growing and deleting topics. node-rdkafka's admin client can do nothing else. */

import type { LibrdKafkaError } from "node-rdkafka";
import type { AdminBinding } from "./binding.ts";
import { connect } from "./connect.ts";
import { requireFeatures } from "./features.ts";
import { loadKafka } from "./load.ts";
import { kafkaError } from "./native.ts";
import { construct, queriesOf } from "./queries.ts";
import type { ConnectionOptions, KafkaSettings } from "./settings.ts";
import { mergeSettings, scopeSettings } from "./settings.ts";

/**
 * Connects an admin client (and a client for metadata, which the admin client can't ask for).
 *
 * @throws RDKAFKA_CONNECT_FAILED, RDKAFKA_SETTING_REFUSED
 */
export async function createAdminBinding(options: ConnectionOptions): Promise<AdminBinding> {
  // Describing a topic must not create it.
  const { global } = scopeSettings(
    mergeSettings(options, {}, { "allow.auto.create.topics": false }),
  );
  const kafka = await loadKafka();
  requireFeatures(kafka.features, global as KafkaSettings);
  const asker = construct(() => new kafka.Producer({ ...global }, {}));
  await connect(asker, options);
  const client = construct(() => kafka.AdminClient.create({ ...global }));
  const call = (action: string, start: (done: (error?: LibrdKafkaError) => void) => void) =>
    new Promise<void>((resolve, reject) => {
      start((error) => (error ? reject(kafkaError(action, error)) : resolve()));
    });
  let closed: Promise<void> | undefined;
  return {
    ...queriesOf(asker),
    createTopic(topic, timeoutMs) {
      const wanted = {
        topic: topic.name,
        num_partitions: topic.partitions,
        replication_factor: topic.replication,
        config: { ...topic.config },
      };
      return call(`creating topic ${topic.name}`, (done) =>
        client.createTopic(wanted, timeoutMs, done),
      );
    },
    deleteTopic: (name, timeoutMs) =>
      call(`deleting topic ${name}`, (done) => client.deleteTopic(name, timeoutMs, done)),
    createPartitions: (name, total, timeoutMs) =>
      call(`adding partitions to topic ${name}`, (done) =>
        client.createPartitions(name, total, timeoutMs, done),
      ),
    close() {
      closed ??= new Promise((resolve) => {
        client.disconnect();
        asker.disconnect(1, () => resolve());
      });
      return closed;
    },
  };
}
