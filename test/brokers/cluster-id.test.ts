/** The id that the harness gives a cluster. */
import { expect, test } from "vitest";
import { clusterIdOf } from "./settings.mjs";

test("no cluster id begins with a dash, which Kafka's tools take for an option", () => {
  const firstBytes = Array.from({ length: 256 }, (_, byte) => byte);
  const ids = firstBytes.map((byte) => clusterIdOf(new Uint8Array(16).fill(255).fill(byte, 0, 1)));
  expect(ids.filter((id) => id.startsWith("-"))).toEqual([]);
  expect(new Set(ids.map((id) => id.length))).toEqual(new Set([22]));
});
