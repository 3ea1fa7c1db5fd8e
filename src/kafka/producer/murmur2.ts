/** Murmur2 as Kafka's Java client computes it, so keys keep their partition across languages. */
import { checkKafka, KEY_BYTES } from "../contract/index.ts";

const SEED = 0x9747b28c;
const M = 0x5bd1e995;

/** The hash of `buffer[start, end)` as a signed 32-bit integer. */
export function murmur2(buffer: Uint8Array, start: number, end: number): number {
  if (!(buffer instanceof Uint8Array)) checkKafka(KEY_BYTES, { buffer });
  const length = end - start;
  let hash = SEED ^ length;
  let at = start;
  for (const lastBlock = end - 3; at < lastBlock; at += 4) {
    const block =
      (buffer[at] as number) |
      ((buffer[at + 1] as number) << 8) |
      ((buffer[at + 2] as number) << 16) |
      ((buffer[at + 3] as number) << 24);
    let mixed = Math.imul(block, M);
    mixed = Math.imul(mixed ^ (mixed >>> 24), M);
    hash = Math.imul(hash, M) ^ mixed;
  }
  const rest = length & 3;
  if (rest > 2) hash ^= (buffer[at + 2] as number) << 16;
  if (rest > 1) hash ^= (buffer[at + 1] as number) << 8;
  if (rest > 0) hash = Math.imul(hash ^ (buffer[at] as number), M);
  hash = Math.imul(hash ^ (hash >>> 13), M);
  return hash ^ (hash >>> 15);
}

/** The partition of a key's bytes, as Java's default partitioner chooses it. */
export function partitionOfKey(
  key: Uint8Array,
  start: number,
  end: number,
  partitions: number,
): number {
  return (murmur2(key, start, end) & 0x7fffffff) % partitions;
}
