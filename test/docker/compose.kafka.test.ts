import { describe, expect, test } from "vitest";
import { createAdmin } from "../../src/kafka/index.ts";
import { startKafka } from "../brokers/cluster.mjs";
import { whyNoKafka } from "../brokers/install.mjs";
import { freePorts } from "../brokers/ports.mjs";
import { advertisedBrokers, consumeAll, createTopic, produceAll } from "../brokers/raw-client.ts";
import { readText } from "../tidy/source.ts";
import { at, kafkaSettings, parseYaml } from "./compose.ts";

const missing = await whyNoKafka();
const why = missing === undefined ? "" : ` (skipped: ${missing})`;

/** Addresses of containers become loopback ones: the network of services is 127.0.0.2. */
const HERE: readonly (readonly [RegExp, string])[] = [
  [/INTERNAL:\/\/(?:kafka)?:19092/, "INTERNAL://127.0.0.2:{inside}"],
  [/EXTERNAL:\/\/(?:localhost)?:9092/, "EXTERNAL://127.0.0.1:{port}"],
  [/CONTROLLER:\/\/:9093/, "CONTROLLER://127.0.0.1:{controllerPort}"],
  [/kafka:9093/, "127.0.0.1:{controllerPort}"],
  [/^\/var\/lib\/kafka\/data$/, "{data}"],
];

describe.skipIf(missing !== undefined)(`the Kafka of docker-compose.yml${why}`, () => {
  test("starts with these settings, and both sides keep their own address", async () => {
    const [port] = await freePorts(1);
    const settings: Record<string, string> = {};
    for (const [name, value] of Object.entries(kafkaSettings())) {
      settings[name] = HERE.reduce((text, [from, to]) => text.replace(from, to), value).replace(
        "{inside}",
        String(port),
      );
    }
    const cluster = await startKafka({ settings });
    try {
      const outside = cluster.brokers;
      const inside = [`127.0.0.2:${port}`];
      expect(await advertisedBrokers(outside)).toEqual(outside);
      expect(await advertisedBrokers(inside)).toEqual(inside);
      await initTopics(inside);
      const admin = await createAdmin({ brokers: outside });
      expect((await admin.describeTopic("events"))?.partitions).toHaveLength(3);
      await admin.close();
      await createTopic(inside, "orders", 1);
      await produceAll(inside, "orders", [[0, "a"]]);
      expect(await consumeAll(outside, "orders", 1)).toEqual([
        { partition: 0, offset: 0, value: "a" },
      ]);
    } finally {
      await cluster.stop();
    }
  });
});

/**
 * Does what the command of `init-topics` asks for. Kafka's own tool is not among the server's jars, so
 * its arguments are read here.
 */
async function initTopics(brokers: readonly string[]): Promise<void> {
  const service = at(parseYaml(readText("docker-compose.yml")), "services", "init-topics");
  expect(service["entrypoint"]).toEqual(["/opt/kafka/bin/kafka-topics.sh"]);
  const args = service["command"] as readonly string[];
  const argument = (option: string): string => args[args.indexOf(option) + 1] ?? "";
  expect(args).toEqual([
    ...["--bootstrap-server", "kafka:19092"],
    ...["--create", "--if-not-exists"],
    ...["--topic", argument("--topic")],
    ...["--partitions", argument("--partitions")],
  ]);
  const admin = await createAdmin({ brokers });
  await admin.createTopic({
    name: argument("--topic"),
    partitions: Number(argument("--partitions")),
  });
  await admin.close();
}
