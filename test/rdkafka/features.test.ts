import { describe, expect, test } from "vitest";
import { createAdminBinding } from "../../src/rdkafka/admin.ts";
import { createConsumerBinding } from "../../src/rdkafka/consumer.ts";
import { requireFeatures, unreadableCodec } from "../../src/rdkafka/features.ts";
import { loadKafka } from "../../src/rdkafka/load.ts";
import { createProducerBinding } from "../../src/rdkafka/producer.ts";
import type { ConnectionOptions } from "../../src/rdkafka/settings.ts";

const ALL = ["zstd", "gzip", "ssl", "sasl_scram", "sasl_gssapi", "oidc"];

describe("a setting needs a part of librdkafka", () => {
  test.each([
    { setting: "compression.codec", value: "zstd", feature: "zstd", packages: "libzstd-dev" },
    { setting: "compression.type", value: "ZSTD", feature: "zstd", packages: "libzstd-dev" },
    { setting: "compression.codec", value: "gzip", feature: "gzip", packages: "zlib1g-dev" },
    { setting: "security.protocol", value: "ssl", feature: "ssl", packages: "libssl-dev" },
    { setting: "security.protocol", value: "SASL_SSL", feature: "ssl", packages: "libssl-dev" },
    {
      setting: "sasl.mechanisms",
      value: "SCRAM-SHA-512",
      feature: "sasl_scram",
      packages: "libssl",
    },
    {
      setting: "sasl.mechanism",
      value: "GSSAPI",
      feature: "sasl_gssapi",
      packages: "libsasl2-dev",
    },
    { setting: "sasl.oauthbearer.method", value: "oidc", feature: "oidc", packages: "libcurl" },
  ])("$setting = $value needs $feature", ({ setting, value, feature, packages }) => {
    const others = ALL.filter((name) => name !== feature);
    expect(() => requireFeatures(others, { [setting]: value })).toThrow(
      expect.objectContaining({
        code: "RDKAFKA_FEATURE_MISSING",
        message: `librdkafka was built without ${feature}, which the setting ${setting} = ${value} needs`,
        hint: expect.stringContaining(packages) as string,
      }) as Error,
    );
    expect(() => requireFeatures(ALL, { [setting]: value })).not.toThrow();
  });

  test("settings that need no part are never refused", () => {
    const settings = { "compression.codec": "lz4", "security.protocol": "plaintext", acks: -1 };
    expect(() => requireFeatures([], settings)).not.toThrow();
  });
});

describe("records that can't be decompressed", () => {
  test.each([
    { built: ["gzip"], feature: "zstd" },
    { built: [], feature: "zstd or gzip" },
    { built: ALL, feature: "a codec" },
  ])("built with $built: names $feature", ({ built, feature }) => {
    const cause = new Error("Local: Not implemented");
    const error = unreadableCodec(built, cause);
    expect(error).toMatchObject({ code: "RDKAFKA_FEATURE_MISSING", cause });
    expect(error.message).toContain(`without ${feature},`);
    expect(error.details).toMatchObject({ kafkaCode: -170 });
  });
});

const { features } = await loadKafka();

describe.skipIf(features.includes("zstd"))(
  "a binding without zstd (where node-rdkafka was built without it)",
  () => {
    const options: ConnectionOptions = {
      brokers: ["127.0.0.1:1"],
      clientId: "features",
      librdkafka: { "compression.codec": "zstd" },
    };
    test.each([
      { client: "producer", create: () => createProducerBinding(options) },
      { client: "admin", create: () => createAdminBinding(options) },
      {
        client: "consumer",
        create: () => createConsumerBinding({ ...options, group: "g", from: "earliest" }),
      },
    ])("refuses a $client that asks for it before it connects", async ({ create }) => {
      await expect(create()).rejects.toMatchObject({ code: "RDKAFKA_FEATURE_MISSING" });
    });
  },
);
