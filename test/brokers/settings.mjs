// @ts-check
/** What a test broker is told: `server.properties` of KRaft nodes that are broker and controller at once. */

/**
 * One Kafka node.
 * @typedef {{ id: number, port: number, controllerPort: number }} KafkaNode
 */

/** The one address that test brokers listen on. */
export const HOST = "127.0.0.1";

/**
 * The text of `server.properties` for one node of a cluster.
 *
 * @param {KafkaNode} node the node
 * @param {readonly KafkaNode[]} nodes all nodes of the cluster
 * @param {string} dataFolder where the node keeps its log
 * @param {Readonly<Record<string, string>>} overrides settings that win over these; `{port}`,
 *   `{controllerPort}` and `{data}` in them are the node's own
 * @returns {string}
 */
export function serverProperties(node, nodes, dataFolder, overrides) {
  const voters = nodes.map((voter) => `${voter.id}@${HOST}:${voter.controllerPort}`).join(",");
  const replicas = String(nodes.length);
  const inSync = nodes.length > 2 ? "2" : "1";
  const settings = {
    "process.roles": "broker,controller",
    "node.id": String(node.id),
    "controller.quorum.voters": voters,
    "controller.listener.names": "CONTROLLER",
    listeners: `PLAINTEXT://${HOST}:${node.port},CONTROLLER://${HOST}:${node.controllerPort}`,
    "advertised.listeners": `PLAINTEXT://${HOST}:${node.port}`,
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "log.dirs": dataFolder,
    // A test that misspells a topic fails instead of getting a new one.
    "auto.create.topics.enable": "false",
    "group.initial.rebalance.delay.ms": "0",
    // With its default of 15 s a test of compaction waits for most of a minute.
    "log.cleaner.backoff.ms": "200",
    "offsets.topic.num.partitions": "4",
    "offsets.topic.replication.factor": replicas,
    "transaction.state.log.num.partitions": "4",
    "transaction.state.log.replication.factor": replicas,
    "transaction.state.log.min.isr": inSync,
    "share.coordinator.state.topic.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": replicas,
    "share.coordinator.state.topic.min.isr": inSync,
    "min.insync.replicas": inSync,
    ...overrides,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("")
    .replaceAll("{port}", String(node.port))
    .replaceAll("{controllerPort}", String(node.controllerPort))
    .replaceAll("{data}", dataFolder);
}

/**
 * A cluster id of 16 random bytes, in base64 as Kafka wants it. The first bit is cleared: an id that
 * begins with `-` would be taken for an option by Kafka's storage tool.
 * @param {Uint8Array} random
 */
export function clusterIdOf(random) {
  const bytes = Buffer.from(random);
  bytes.writeUInt8(bytes.readUInt8(0) & 0x7f, 0);
  return bytes.toString("base64url");
}
