/** A job whose records each have a span from the call to the report. */
import type { ClientIdentity, KafkaTracing, SendSpan } from "../contract/index.ts";
import type { AnyRecord, Job } from "./jobs.ts";
import type { TopicWriter } from "./topic-encoding.ts";

/** Passes on what happens to a job, and ends the spans of its records. */
export class TracedJob implements Job {
  readonly #job: Job;
  readonly #records: readonly AnyRecord[];
  readonly #spans: (SendSpan | undefined)[];
  readonly writer: TopicWriter;
  readonly count: number;
  readonly endsAt: number;
  queued = 0;

  constructor(job: Job, tracing: KafkaTracing, client: ClientIdentity) {
    this.#job = job;
    this.writer = job.writer;
    this.count = job.count;
    this.endsAt = job.endsAt;
    const spans: (SendSpan | undefined)[] = [];
    this.#spans = spans;
    this.#records = Array.from({ length: job.count }, (_, i) => {
      const record = job.record(i);
      // What is no record has no span: it is refused when it is encoded.
      const span = isRecord(record) ? this.#begin(record, tracing, client) : undefined;
      spans.push(span);
      const headers = span?.headers;
      return span === undefined || headers === record.headers || headers === undefined
        ? record
        : { ...record, headers };
    });
  }

  get settled(): boolean {
    return this.#job.settled;
  }

  record(index: number): AnyRecord {
    return this.#records[index] as AnyRecord;
  }

  delivered(index: number, partition: number, offset: number): void {
    this.#spans[index]?.delivered(partition, offset);
    this.#spans[index] = undefined;
    this.#job.delivered(index, partition, offset);
  }

  failed(index: number, error: unknown): void {
    this.#spans[index]?.failed(error);
    this.#spans[index] = undefined;
    this.#job.failed(index, error);
  }

  giveUp(error: unknown): number {
    for (const span of this.#spans.splice(0)) span?.failed(error);
    return this.#job.giveUp(error);
  }

  #begin(record: AnyRecord, tracing: KafkaTracing, client: ClientIdentity): SendSpan {
    const { key, value, headers } = record;
    const topic = this.#job.writer.topic.name;
    return tracing.send({ client, topic, key, tombstone: value === null }, headers);
  }
}

function isRecord(record: unknown): boolean {
  return typeof record === "object" && record !== null;
}
