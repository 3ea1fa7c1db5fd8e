/**
 * The names of retry topics: one for each topic, group and delay. A group has its own, because two
 * groups that shared one would work on each other's failures.
 *
 * Invariant: a name is legal in Kafka (249 characters of `[a-zA-Z0-9._-]`), and two different sets of
 * topic, group and delay never have the same one.
 */
import { createHash } from "node:crypto";

const NAME_CHARS_MAX = 249;
const ILLEGAL = /[^a-zA-Z0-9_-]/g;
const HASH_CHARS = 8;

/** The retry topic of a topic, for a group and a delay in milliseconds. */
export function retryTopicName(topic: string, group: string, delayMs: number): string {
  const safe = group.replace(ILLEGAL, "_");
  const name = `${topic}.retry.${safe}.${delayMs}ms`;
  if (safe === group && name.length <= NAME_CHARS_MAX) return name;
  const hash = createHash("sha256")
    .update(JSON.stringify([topic, group, delayMs]))
    .digest("hex");
  const end = `.${hash.slice(0, HASH_CHARS)}.${delayMs}ms`;
  const start = `${topic}.retry.${safe}`;
  return start.slice(0, NAME_CHARS_MAX - end.length) + end;
}
