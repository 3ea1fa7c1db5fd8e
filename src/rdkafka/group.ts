/**
 * A group seen from outside: what it has committed and what its partitions hold, asked by a consumer
 * that subscribes to nothing.
 *
 * Invariants:
 * - It never joins the group, so it takes no partition from a member. The broker takes its commits only
 *   while the group has no members.
 * - One commit at a time; its outcome arrives inside `consume` only, which yields nothing here because
 *   nothing is assigned.
 * - Answers come in the order of the partitions that were asked for; node-rdkafka puts an error without a
 *   name in the place of a partition that failed.
 */
import type { KafkaConsumer, LibrdKafkaError } from "node-rdkafka";
import type { GroupBinding, TopicPartition, TopicPartitionOffset } from "./binding.ts";
import { connect } from "./connect.ts";
import { rdkafkaErrors } from "./errors.ts";
import { requireFeatures } from "./features.ts";
import { loadKafka } from "./load.ts";
import { KAFKA_CODES, kafkaError } from "./native.ts";
import { construct } from "./queries.ts";
import type { ConnectionOptions, KafkaSettings } from "./settings.ts";
import { mergeSettings, scopeSettings } from "./settings.ts";

/** What stands for a timestamp where the first or the next offset of a partition is asked for. */
export const OFFSET_TIMES = { first: -2, next: -1 } as const;

/** How long one call waits for the outcome of a commit, in milliseconds. */
const COMMIT_POLL_MS = 20;

/** An entry of node-rdkafka's answers. */
type Answer = { readonly offset?: number } | Error;

/**
 * Connects to a group without joining it.
 *
 * @throws RDKAFKA_CONNECT_FAILED, RDKAFKA_SETTING_INVALID, RDKAFKA_SETTING_REFUSED
 */
export async function createGroupBinding(
  options: ConnectionOptions & { readonly group: string },
): Promise<GroupBinding> {
  const fixed = {
    "allow.auto.create.topics": false,
    "enable.auto.commit": false,
    "group.id": options.group,
  };
  const { global, topic } = scopeSettings(mergeSettings(options, {}, fixed));
  const kafka = await loadKafka();
  requireFeatures(kafka.features, global as KafkaSettings);
  const told: { outcome?: Error | undefined; done: boolean } = { done: false };
  const onCommit = (error: LibrdKafkaError | null, offsets: readonly Answer[]): void => {
    const failed = error ?? offsets.find((entry) => entry instanceof Error);
    told.outcome = failed ? kafkaError("the commit", failed) : undefined;
    told.done = true;
  };
  const settings = { ...global, offset_commit_cb: onCommit as never };
  const client = construct(() => new kafka.KafkaConsumer(settings, topic));
  await connect(client, options);
  let closed: Promise<void> | undefined;
  return {
    committed: (partitions, timeoutMs) =>
      ask("the committed offsets", (done) => client.committed([...partitions], timeoutMs, done)),
    offsetsAt: (partitions, timestamp, timeoutMs) => {
      const asked = partitions.map((entry) => ({ ...entry, offset: timestamp }));
      return ask("offsets by time", (done) => client.offsetsForTimes(asked, timeoutMs, done));
    },
    async commit(offsets, timeoutMs) {
      told.done = false;
      attempt("the commit", () => client.commit([...offsets]));
      const endsAt = performance.now() + timeoutMs;
      while (!told.done && performance.now() < endsAt) await serveEvents(client);
      if (!told.done) throw noAnswer("the commit", timeoutMs);
      if (told.outcome) throw told.outcome;
    },
    close() {
      closed ??= new Promise((resolve) => {
        client.disconnect(() => resolve());
      });
      return closed;
    },
  };
}

/** Offsets in the order of the question; undefined where there is none. */
function ask(
  action: string,
  start: (done: (error: LibrdKafkaError | null, answers: TopicPartitionOffset[]) => void) => void,
): Promise<(number | undefined)[]> {
  return new Promise((resolve, reject) => {
    start((error, answers) => {
      const entries = (answers ?? []) as readonly Answer[];
      const failed = error ?? entries.find((entry) => entry instanceof Error);
      if (failed) reject(kafkaError(action, failed));
      else resolve(entries.map(offsetIn));
    });
  });
}

/** Negative offsets are librdkafka's words for "none". */
function offsetIn(entry: Answer): number | undefined {
  const { offset } = entry as TopicPartition & { readonly offset?: number };
  return offset !== undefined && offset >= 0 ? offset : undefined;
}

function serveEvents(client: KafkaConsumer): Promise<void> {
  client.setDefaultConsumeTimeout(COMMIT_POLL_MS);
  return new Promise((resolve) => {
    client.consume(1, () => resolve());
  });
}

function attempt(action: string, call: () => unknown): void {
  try {
    call();
  } catch (error) {
    throw kafkaError(action, error);
  }
}

function noAnswer(action: string, timeoutMs: number): Error {
  const reason = `no answer within ${timeoutMs} ms`;
  const kafkaCode = KAFKA_CODES.timedOut;
  return rdkafkaErrors.create("RDKAFKA_UNAVAILABLE", { action, reason, kafkaCode });
}
