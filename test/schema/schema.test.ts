/** The runtime that generated code imports. */
import { describe, expect, test } from "vitest";
import {
  avroType,
  bytesType,
  noKey,
  prefixed,
  renamed,
  stringType,
  topic,
} from "../../src/schema/index.ts";

const descriptor = {
  subject: "s-value",
  name: "long",
  schema: '"long"',
  fingerprint: "0".repeat(16),
};

describe("descriptors", () => {
  test("are the data that they were made from, and of a kind", () => {
    expect(avroType<bigint, bigint>(descriptor)).toEqual({ kind: "avro", ...descriptor });
    expect([stringType.kind, bytesType.kind, noKey.kind]).toEqual(["string", "bytes", "none"]);
  });

  test("can't be changed", () => {
    const value = avroType<bigint, bigint>(descriptor);
    const orders = topic({ name: "orders", key: stringType, value });
    const all = [value, orders, renamed(orders, "x"), stringType, bytesType, noKey];
    expect(all.filter((each) => !Object.isFrozen(each))).toEqual([]);
  });
});

describe("topics", () => {
  const value = avroType<bigint, bigint>(descriptor);

  test("are not compacted unless they say so", () => {
    expect(topic({ name: "orders", key: noKey, value })).toEqual({
      name: "orders",
      key: noKey,
      value,
      compact: false,
    });
    expect(topic({ name: "users", key: noKey, value, compact: true }).compact).toBe(true);
  });

  test("under another name are the same otherwise", () => {
    const users = topic({ name: "users", key: stringType, value, compact: true });
    expect(renamed(users, "staging.users")).toEqual({ ...users, name: "staging.users" });
    expect(users.name).toBe("users");
  });

  test("get a prefix together, and keep what they are", () => {
    const users = topic({ name: "users", key: stringType, value, compact: true });
    const audit = topic({ name: "audit", key: noKey, value: stringType });
    const dev = prefixed("dev.", { users, log: audit });
    expect(dev).toEqual({
      users: { ...users, name: "dev.users" },
      log: { ...audit, name: "dev.audit" },
    });
    expect(Object.isFrozen(dev.users)).toBe(true);
  });
});
