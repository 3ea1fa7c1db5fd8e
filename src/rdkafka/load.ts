/**
 * Loading node-rdkafka, which is an optional peer: whoever only runs the registry, the code generator
 * or the registry client never compiles it.
 *
 * Invariants:
 * - It is loaded at the first use of a Kafka client, never by an import of typewire.
 * - Where it can't be loaded the error says which of the four reasons it is and the commands that mend
 *   it. In a worker thread it is refused, because its native part ends the whole process there.
 */
import { createRequire } from "node:module";
import { isMainThread } from "node:worker_threads";
import { nativeProblem, reasonOf } from "../base/index.ts";
import { BINDING, rdkafkaErrors } from "./errors.ts";

/** The binding, as its package exports it. */
export type Kafka = typeof import("node-rdkafka");

let loading: Promise<Kafka> | undefined;

/**
 * Loads the binding, once.
 *
 * @throws RDKAFKA_NOT_INSTALLED, RDKAFKA_NOT_BUILT, RDKAFKA_OTHER_NODE, RDKAFKA_NOT_LOADABLE,
 *   RDKAFKA_IN_WORKER
 */
export async function loadKafka(): Promise<Kafka> {
  if (!isMainThread) throw rdkafkaErrors.create("RDKAFKA_IN_WORKER");
  loading ??= importKafka();
  return loading;
}

async function importKafka(): Promise<Kafka> {
  try {
    return (await import("node-rdkafka")).default as unknown as Kafka;
  } catch (error) {
    loading = undefined;
    throw loadError(error);
  }
}

const ROWS = {
  absent: "RDKAFKA_NOT_INSTALLED",
  "not built": "RDKAFKA_NOT_BUILT",
  "other Node": "RDKAFKA_OTHER_NODE",
  unloadable: "RDKAFKA_NOT_LOADABLE",
} as const;

/** The error for a failed import of the binding. */
export function loadError(error: unknown): Error {
  const reason = reasonOf(error);
  const row = ROWS[nativeProblem(BINDING.name, error)];
  return rdkafkaErrors.create(row, { reason, node: process.version }, error);
}

/** librdkafka's text of each error code; none in a worker thread, where the binding must not be loaded. */
export function errorTexts(): ReadonlyMap<number, string> {
  if (!isMainThread) return new Map();
  const require = createRequire(import.meta.url);
  const { CODES } = require("node-rdkafka") as Kafka;
  const native = require("node-rdkafka/librdkafka.js") as { err2str(code: number): string };
  const codes = Object.values(CODES.ERRORS) as number[];
  return new Map(codes.map((code) => [code, native.err2str(code)]));
}
