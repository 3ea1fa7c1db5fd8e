/** The admin client and the start-up check on the embedded Kafka. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clientErrors } from "../../src/client/index.ts";
import type { StartCheckOptions } from "../../src/kafka/index.ts";
import { checkClients } from "../../src/kafka/index.ts";
import type { EmbeddedKafka } from "../../src/rdkafka/index.ts";
import { startEmbeddedKafka } from "../../src/rdkafka/index.ts";
import { describeAdmin } from "./admin-contract.ts";
import {
  audit,
  fullRegistry,
  MemoryRegistry,
  ordersV1,
  ordersV2,
  orderV1,
  users,
} from "./fixtures.ts";

describe("an admin client on the embedded Kafka", () => {
  let cluster: EmbeddedKafka;
  afterAll(() => cluster.close());

  describeAdmin(async () => {
    cluster = await startEmbeddedKafka();
    return { brokers: cluster.brokers, createTopics: (names) => cluster.createTopics(...names) };
  });
});

describe("the start-up check", () => {
  let cluster: EmbeddedKafka;
  let brokers: readonly string[];
  beforeAll(async () => {
    cluster = await startEmbeddedKafka();
    ({ brokers } = cluster);
    await cluster.createTopics("orders", "users", "audit");
  });
  afterAll(() => cluster.close());

  async function problemsOf(options: Omit<StartCheckOptions, "brokers">): Promise<string[]> {
    const error: unknown = await checkClients({ brokers, ...options }).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: "KAFKA_START_CHECK_FAILED" });
    return (error as { details: { problems: string[] } }).details.problems;
  }

  /** A registry that has these texts as the versions of `orders-value`, and the schemas of its base. */
  function withVersions(base: MemoryRegistry, ...texts: readonly string[]) {
    return Object.assign(base, {
      url: "http://registry:8081/",
      versions: (subject: string) =>
        Promise.resolve(subject === "orders-value" ? texts.map((_, i) => i + 1) : []),
      closedSchema: (_: string, version: number | "latest") =>
        Promise.resolve(texts[Number(version) - 1] ?? ""),
    });
  }

  test("passes when everything is there, and lists what it can't see", async () => {
    const report = await checkClients({
      brokers,
      registry: withVersions(fullRegistry(), orderV1.schema),
      reads: [ordersV1, audit],
      writes: [users, ordersV2],
      topics: [{ name: "users", partitions: 4, compact: true }],
      forwardsTo: ["audit"],
    });
    expect(report.unknown).toEqual([
      `topic users takes tombstones; whether its cleanup.policy in Kafka is compact can't be read by this client; look with: kafka-configs.sh --bootstrap-server ${brokers.join(",")} --describe --entity-type topics --entity-name users`,
    ]);
  });

  test("tells all problems at once, each with the command that mends it", async () => {
    const wider = orderV1.schema.replace('"int"', '"string"');
    const tool = `kafka-topics.sh --bootstrap-server ${brokers.join(",")}`;
    const problems = await problemsOf({
      registry: withVersions(new MemoryRegistry(orderV1), orderV1.schema, wider, wider),
      reads: [ordersV1],
      writes: [users],
      forwardsTo: ["orders.dead"],
      topics: [
        { name: "orders", partitions: 6 },
        { name: "users", partitions: 3 },
        { name: "audit", replication: 2, compact: true },
        { name: "new", partitions: 2, config: { "retention.ms": 1000, "x y": "it's" } },
      ],
    });
    const body = (text: string): string => JSON.stringify({ schema: text });
    const post = "curl -X POST -H 'Content-Type: application/vnd.schemaregistry.v1+json' --data";
    const schemas = [users.key, users.value] as readonly { subject: string; schema: string }[];
    expect(problems).toEqual([
      `topic orders has 4 partitions, 6 are defined; grow it: ${tool} --alter --topic orders --partitions 6 (keys move to other partitions by that)`,
      'topic users takes tombstones, but its definition is not compacted; add "compact": true to the definition',
      "topic users has 4 partitions, not 3: Kafka never removes partitions; or correct the definition of the topic",
      `topic orders.dead does not exist; create it: ${tool} --create --topic orders.dead`,
      "partitions 0, 1, 2, 3 of topic audit have 1 replica, not 2: kafka-reassign-partitions.sh changes that; or correct the definition of the topic",
      `topic new does not exist; create it: ${tool} --create --topic new --partitions 2 --config retention.ms=1000 --config 'x y=it'\\''s'`,
      ...schemas.map(
        ({ subject, schema }) =>
          `the schema of topic users is not registered under subject ${subject}; register it: ${post} '${body(schema)}' http://registry:8081/subjects/${subject}/versions`,
      ),
      expect.stringMatching(/^Version 2 of subject orders-value .*npx typewire codegen$/),
      expect.stringMatching(/^Version 3 of subject orders-value .*npx typewire codegen$/),
    ]);
  });

  test("a compacted topic without keys is a problem before its first record is refused", async () => {
    const problems = await problemsOf({
      writes: [audit],
      topics: [{ name: "audit", config: { "cleanup.policy": "delete, compact" } }],
    });
    expect(problems).toEqual([
      expect.stringMatching(/^topic audit has no keys, but its definition/),
    ]);
  });

  test("brokers and a registry that are down are one problem each", async () => {
    const registry = fullRegistry();
    const details = {
      url: "memory:",
      method: "POST",
      path: "/",
      attempts: 1,
      reason: "down",
      mayBeDone: false,
    };
    registry.idOf = () => Promise.reject(clientErrors.create("CLIENT_UNREACHABLE", details));
    const check = checkClients({
      brokers: ["127.0.0.1:1"],
      connectTimeoutMs: 300,
      registry,
      writes: [users, ordersV1],
    });
    await expect(check).rejects.toMatchObject({
      code: "KAFKA_START_CHECK_FAILED",
      details: {
        problems: [
          expect.stringMatching(/127\.0\.0\.1:1 .* npx typewire doctor --brokers 127\.0\.0\.1:1$/),
          expect.stringMatching(/^The registry at memory: .*down/i),
        ],
      },
    });
  });

  test("what a registry client can't tell is unknown", async () => {
    const all = { brokers, registry: fullRegistry(), reads: [ordersV1, audit] };
    expect((await checkClients(all)).unknown).toEqual([
      "versions of orders-value were not checked: the registry client given can't list them",
    ]);
    expect((await checkClients({ brokers, reads: [ordersV1] })).unknown).toEqual([
      "schemas of orders-value were not checked: no registry given",
    ]);
  });

  test("options that can't work are refused", async () => {
    await expect(checkClients({ brokers, reads: [{ name: "x" }] as never })).rejects.toMatchObject({
      code: "KAFKA_OPTION_INVALID",
      details: { option: "reads[0].key" },
    });
  });
});
