/**
 * Creating, growing and deleting topics; node-rdkafka's admin client can do nothing else. What can be
 * learned about groups is in `group.ts`. The members of a group, the list of groups and configurations
 * can't be asked for with node-rdkafka: a binding that can gets a method of {@link AdminBinding} for each.
 */

import type { LibrdKafkaError } from "node-rdkafka";
import type { AdminBinding, BrokerMetadata } from "./binding.ts";
import { localClusterOf } from "./cluster.ts";
import { connect } from "./connect.ts";
import { requireFeatures } from "./features.ts";
import { createGroupBinding } from "./group.ts";
import { loadKafka } from "./load.ts";
import { kafkaError } from "./native.ts";
import type { AnyClient } from "./queries.ts";
import { construct, queriesOf } from "./queries.ts";
import type { ConnectionOptions, KafkaSettings } from "./settings.ts";
import { mergeSettings, scopeSettings } from "./settings.ts";

/** What stands for the broker's own default in a request for a new topic; brokers from 2.4 on take it. */
const OF_BROKER = -1;
const METADATA_TIMEOUT_MS = 10_000;

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
  const local = localClusterOf(options.brokers);
  if (local !== undefined) return local.connectAdmin(options);
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
    nodes: () => nodesOf(asker),
    group: (group) => createGroupBinding({ ...options, group }),
    createTopic(topic, timeoutMs) {
      const wanted = {
        topic: topic.name,
        num_partitions: topic.partitions ?? OF_BROKER,
        replication_factor: topic.replication ?? OF_BROKER,
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

function nodesOf(client: AnyClient): Promise<BrokerMetadata[]> {
  return new Promise((resolve, reject) => {
    client.getMetadata({ timeout: METADATA_TIMEOUT_MS }, (error, metadata) => {
      if (error) return reject(kafkaError("metadata of the cluster", error));
      const nodes = metadata.brokers.map(({ id, host, port }) => ({ id, host, port }));
      resolve(nodes.sort((a, b) => a.id - b.id));
    });
  });
}
