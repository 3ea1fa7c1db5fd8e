/**
 * Which of several topics a consumer may not read. The binding says that one is refused and keeps its
 * name to itself, so a second client asks for each topic alone; only where a consumer ends anyway.
 */
import type { LibrdKafkaError } from "node-rdkafka";
import type { TopicPartition } from "./binding.ts";
import { KAFKA_CODES, kafkaCodeOf } from "./native.ts";
import type { AnyClient } from "./queries.ts";

/** The part of a consumer of node-rdkafka that asking needs. */
export interface TopicReader {
  assign(partitions: { topic: string; partition: number; offset: number }[]): unknown;
  setDefaultConsumeTimeout(timeoutMs: number): unknown;
  consume(
    count: number,
    done: (error: LibrdKafkaError | null, messages: readonly unknown[]) => void,
  ): void;
  on(event: "partition.eof", listener: (end: { readonly topic: string }) => void): unknown;
}

/** A client that belongs to no group as long as it does not subscribe. */
export type ConnectReader = () => Promise<{
  readonly reader: TopicReader;
  close(): Promise<void>;
}>;

const WAIT_MS = 100;
/** Answers are waited for this many times: a fetch that is allowed ends with a record or the end. */
const WAITS_MAX = 20;
/** A consumer of more topics names them all. */
const TOPICS_MAX = 20;

/**
 * The refused ones of the topics that a consumer reads, for its error: all of them where that can't be
 * found out.
 */
export async function refusedTopics(
  partitions: readonly TopicPartition[],
  connect: ConnectReader,
): Promise<readonly string[]> {
  const byTopic = new Map(partitions.map((place) => [place.topic, place]));
  const all = [...byTopic.keys()];
  if (all.length < 2 || all.length > TOPICS_MAX) return all;
  const refused = await ask([...byTopic.values()], connect).catch(() => []);
  return refused.length === 0 ? all : refused;
}

async function ask(
  places: readonly TopicPartition[],
  connect: ConnectReader,
): Promise<readonly string[]> {
  const { reader, close } = await connect();
  try {
    const ended = new Set<string>();
    reader.on("partition.eof", ({ topic }) => ended.add(topic));
    reader.setDefaultConsumeTimeout(WAIT_MS);
    const refused: string[] = [];
    for (const place of places) {
      if (await isRefused(reader, place, ended)) refused.push(place.topic);
    }
    return refused;
  } finally {
    await close();
  }
}

async function isRefused(
  reader: TopicReader,
  { topic, partition }: TopicPartition,
  ended: ReadonlySet<string>,
): Promise<boolean> {
  reader.assign([{ topic, partition, offset: 0 }]);
  for (let waits = 0; waits < WAITS_MAX && !ended.has(topic); waits++) {
    const answer = await new Promise<number | boolean>((resolve) => {
      reader.consume(1, (error, messages) =>
        resolve(error ? kafkaCodeOf(error) : messages.length > 0),
      );
    });
    if (answer === KAFKA_CODES.topicAuthorization) return true;
    if (answer === true) return false;
  }
  return false;
}

/** Ends a client that reads nothing. */
export function endReader(client: AnyClient): Promise<void> {
  return new Promise((resolve) => {
    client.disconnect(() => resolve());
  });
}
