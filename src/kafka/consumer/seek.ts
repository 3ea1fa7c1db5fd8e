/**
 * Going on elsewhere in a partition.
 *
 * Invariants: records in hand are finished, or given up, before the position changes; the new position
 * is stored and committed, because the client would else commit the old one again; a seek that fails
 * half-way ends the run, as nothing may be skipped.
 */
import type { ConsumerBinding, TopicPartition } from "../../rdkafka/index.ts";
import { kafkaErrors } from "../contract/index.ts";
import type { ConsumerLoop } from "./consumer-loop.ts";
import { keyOf } from "./offsets.ts";
import { invalid } from "./options.ts";
import { edgeOf } from "./starts.ts";

/** Where to go: an offset, an edge, or the first record not older than a time. */
export type SeekTarget = number | "start" | "end" | { readonly timestamp: number | Date };

const SEEK_TIMEOUT_MS = 5_000;

/** @throws KAFKA_OPTION_INVALID */
export function checkTarget(to: SeekTarget): void {
  if (to === "start" || to === "end") return;
  const number = typeof to === "object" && to !== null ? Number(to.timestamp) : to;
  if (!Number.isSafeInteger(number) || number < 0) {
    throw invalid("to", to, "give an offset from 0, start, end or { timestamp }");
  }
}

/** Moves a partition; called between two batches. */
export async function seek(
  binding: ConsumerBinding,
  loop: ConsumerLoop,
  { topic, partition }: TopicPartition,
  to: SeekTarget,
): Promise<void> {
  const position = { topic, partition, offset: await offsetOf(binding, { topic, partition }, to) };
  const lane = loop.lanes.get(keyOf(position));
  if (lane === undefined) throw kafkaErrors.create("KAFKA_NOT_ASSIGNED", { topic, partition });
  await loop.drain([lane]);
  try {
    await binding.seek(position, SEEK_TIMEOUT_MS);
  } catch (error) {
    loop.fail(error);
    throw error;
  }
  loop.replace(lane);
  binding.storeOffsets([position]);
  await binding.commit([position], SEEK_TIMEOUT_MS);
}

async function offsetOf(
  binding: ConsumerBinding,
  place: TopicPartition,
  to: SeekTarget,
): Promise<number> {
  if (typeof to === "number") return to;
  const edge = async (at: "beginning" | "end"): Promise<number> =>
    (await edgeOf(binding, { ...place, at })).offset;
  if (typeof to === "string") return edge(to === "start" ? "beginning" : "end");
  const [found] = await binding.offsetsAt([place], Number(to.timestamp), SEEK_TIMEOUT_MS);
  const offset = found?.offset ?? -1;
  return offset >= 0 ? offset : edge("end");
}
