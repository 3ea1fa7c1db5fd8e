import { describe, expect, test } from "vitest";
import { clientErrors } from "../../src/client/index.ts";
import { assertVersionsReadable } from "../../src/kafka/admin/readable-versions.ts";
import { createConsumer } from "../../src/kafka/index.ts";
import { fullRegistry, ordersV1, ordersV2, orderV1, orderV2, users } from "./fixtures.ts";

/** A registry with these texts as versions 1, 2 … of `orders-value`, and nothing else. */
function versionsOf(...texts: readonly string[]) {
  return {
    versions(subject: string): Promise<readonly number[]> {
      if (subject === "orders-value") return Promise.resolve(texts.map((_, i) => i + 1));
      const details = {
        url: "memory:",
        method: "GET",
        path: "/",
        status: 404,
        errorCode: 404,
        reason: "no",
      };
      return Promise.reject(clientErrors.create("CLIENT_REFUSED", details));
    },
    closedSchema: (_subject: string, version: number | "latest") =>
      Promise.resolve(texts[Number(version) - 1] ?? ""),
  };
}

describe("the check of versions", () => {
  test("passes when the type reads each of them, and for subjects that are not there", async () => {
    const registry = versionsOf(orderV1.schema, orderV2.schema);
    const check = assertVersionsReadable([ordersV1, ordersV2, users], registry);
    await expect(check).resolves.toBeUndefined();
  });

  test("names the version that the type can't read, and where", async () => {
    const wider = orderV1.schema.replace('"int"', '"string"');
    const registry = versionsOf(orderV1.schema, wider);
    await expect(assertVersionsReadable([ordersV2], registry)).rejects.toMatchObject({
      code: "KAFKA_VERSION_UNREADABLE",
      details: { topic: "orders", subject: "orders-value", version: 2 },
      message: expect.stringContaining("TYPE_MISMATCH at /fields/1/type") as string,
    });
  });

  test("needs a registry that can list versions", async () => {
    const options = {
      brokers: ["127.0.0.1:1"],
      registry: fullRegistry(),
      group: "g",
      from: "latest",
    } as const;
    await expect(
      createConsumer({ ...options, topics: [ordersV1], checkVersions: true }),
    ).rejects.toMatchObject({ code: "KAFKA_OPTION_INVALID", details: { option: "checkVersions" } });
  });
});
