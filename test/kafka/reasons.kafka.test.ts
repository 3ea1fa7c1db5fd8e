/** Why a client can't connect or may not do something, on a broker with log-in, TLS and rights. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createConsumer, createProducer } from "../../src/kafka/index.ts";
import { whyNoKafka } from "../brokers/install.mjs";
import { createTopic } from "../brokers/raw-client.ts";
import type { SecuredKafka } from "../brokers/secured-kafka.ts";
import { startSecuredKafka, USER } from "../brokers/secured-kafka.ts";

const missing = await whyNoKafka();
const why = missing === undefined ? "" : ` (skipped: ${missing})`;

const LOG_IN = {
  "security.protocol": "sasl_plaintext",
  "sasl.mechanisms": "PLAIN",
  "sasl.username": USER.name,
  "sasl.password": USER.password,
} as const;
const words = (name: string) =>
  ({ name, key: { kind: "none" }, value: { kind: "string" }, compact: false }) as never;
// No topic here has a schema.
const registry = "http://127.0.0.1:1";

describe.skipIf(missing !== undefined)(`the reason reaches the user${why}`, () => {
  let kafka: SecuredKafka;
  beforeAll(async () => {
    kafka = await startSecuredKafka();
    await createTopic([kafka.open], "one", 1);
    await createTopic([kafka.open], "two", 1);
    await kafka.allow(
      { resource: "topic", name: "one", operation: "describe" },
      { resource: "topic", name: "two", operation: "describe" },
    );
  });
  afterAll(() => kafka?.stop());

  const connect = (broker: string, librdkafka: Record<string, string>, connectTimeoutMs = 60_000) =>
    createProducer({ brokers: [broker], registry, librdkafka, connectTimeoutMs }).then(
      async (producer) => {
        await producer.close();
        return "connected";
      },
      (error: unknown) => error,
    );

  describe("while connecting", () => {
    // These are known long before the minute that connecting may take.
    test.each([
      ["a wrong password", { "sasl.password": "not-the-password" }, "Invalid username or password"],
      ["an unknown user", { "sasl.username": "mallory" }, "Invalid username or password"],
      ["a mechanism that the broker lacks", { "sasl.mechanisms": "SCRAM-SHA-256" }, "PLAIN"],
    ])("%s is a refused log-in", async (_, wrong, reason) => {
      const error = await connect(kafka.logIn, { ...LOG_IN, ...wrong });
      expect(error).toMatchObject({
        code: "RDKAFKA_AUTHENTICATION_FAILED",
        message: expect.stringContaining(reason) as unknown,
        retriable: false,
      });
      expect(JSON.stringify(error) + String(error)).not.toMatch(/not-the-password|sesame/);
    });

    test("a log-in where none is wanted is refused", async () => {
      expect(await connect(kafka.open, LOG_IN)).toMatchObject({
        code: "RDKAFKA_AUTHENTICATION_FAILED",
        retriable: false,
      });
    });

    test("a certificate that nobody trusts is named", async () => {
      expect(await connect(kafka.tls, { "security.protocol": "ssl" })).toMatchObject({
        code: "RDKAFKA_TLS_FAILED",
        message: expect.stringContaining("certificate verify failed") as unknown,
        retriable: false,
      });
    });

    test.each([
      ["TLS at a plaintext listener", () => kafka.open, { "security.protocol": "ssl" }, "ssl"],
      ["plaintext at a TLS listener", () => kafka.tls, {}, "plaintext"],
      ["plaintext at a listener with log-in", () => kafka.logIn, {}, "plaintext"],
    ])("%s is another protocol", async (_, broker, settings, protocol) => {
      expect(await connect(broker(), settings as never, 1_000)).toMatchObject({
        code: "RDKAFKA_PROTOCOL_MISMATCH",
        message: expect.stringContaining(`security.protocol ${protocol}`) as unknown,
        retriable: false,
      });
    });

    test("a broker that advertises an address where nobody is, is told apart", async () => {
      expect(await connect(kafka.misled, {})).toMatchObject({
        code: "RDKAFKA_ADVERTISED_UNREACHABLE",
        message: expect.stringMatching(/ECONNREFUSED/) as unknown,
        retriable: false,
      });
    });

    test("with the right settings they connect", async () => {
      const tls = { "security.protocol": "ssl", "ssl.ca.location": kafka.certificate };
      expect(await connect(kafka.tls, tls)).toBe("connected");
      expect(await connect(kafka.logIn, LOG_IN)).toBe("connected");
    });
  });

  describe("without a right", () => {
    const base = () => ({ brokers: [kafka.logIn], registry, librdkafka: LOG_IN });
    const consume = async (...topics: readonly string[]) => {
      const consumer = await createConsumer({
        ...base(),
        group: "readers",
        topics: topics.map(words),
        from: "earliest",
      });
      onTestFinished(() => void consumer.close().catch(() => undefined));
      return consumer.run(() => undefined);
    };

    // Who may write nowhere is refused by the cluster when the producer asks for its number.
    test.each([
      ["anywhere", 31, true, [], "Cluster authorization failed"],
      ["to this topic", 29, false, ["two"], "Topic authorization failed"],
    ])(
      "to write %s, an idempotent producer says so",
      async (...[, kafkaCode, fatal, writable, reason]) => {
        await kafka.allow(
          ...writable.map((name) => ({ resource: "topic", name, operation: "write" }) as const),
        );
        const producer = await createProducer(base());
        onTestFinished(() => void producer.close().catch(() => undefined));
        for (let i = 0; i < 2; i++) {
          const sent = producer.send(words("one"), { value: "x" } as never);
          await expect(sent).rejects.toMatchObject({
            code: "RDKAFKA_NOT_AUTHORIZED",
            message: expect.stringMatching(new RegExp(`one/0: .*${reason}`)) as unknown,
            retriable: false,
            details: { kafkaCode, fatal },
          });
        }
      },
    );

    test("on the group, a consumer ends", async () => {
      await expect(consume("one")).rejects.toMatchObject({
        code: "RDKAFKA_NOT_AUTHORIZED",
        message: expect.stringContaining("Group authorization failed") as unknown,
        retriable: false,
      });
    });

    test("to read one of two topics, a consumer names the topic", async () => {
      await kafka.allow(
        { resource: "group", name: "readers", operation: "read" },
        { resource: "topic", name: "one", operation: "read" },
      );
      await expect(consume("one", "two")).rejects.toMatchObject({
        code: "RDKAFKA_NOT_AUTHORIZED",
        message: expect.stringMatching(
          /fetching two: Broker: Topic authorization failed/,
        ) as unknown,
        retriable: false,
        details: { kafkaCode: 29 },
      });
    });

    test("to a transactional id, a producer ends", async () => {
      const created = createProducer({ ...base(), transactionalId: "payments" });
      await expect(created).rejects.toMatchObject({
        code: "RDKAFKA_NOT_AUTHORIZED",
        message: expect.stringContaining("authorization failed") as unknown,
        retriable: false,
      });
    });
  });
});
