/**
 * A consumer of a broker in memory.
 *
 * Invariants: fetching of a partition begins with the answer to its assignment and ends with the answer
 * to its revoke; stored offsets are committed before each fetch, on revoke and on leaving; a consumer
 * that was killed commits nothing any more.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type {
  ClientReport,
  ClusterQueries,
  ConsumerBinding,
  ConsumerBindingOptions,
  NextOptions,
  RebalanceEvent,
  RecordBatch,
  TopicPartition,
  TopicPartitionOffset,
} from "../rdkafka/index.ts";
import { KAFKA_CODES, rdkafkaErrors } from "../rdkafka/index.ts";
import { MemoryBatch } from "./memory-batch.ts";
import type { MemoryCluster } from "./memory-cluster.ts";
import type { GroupMember, MemoryGroup } from "./memory-group.ts";
import { keyOf, placeOf } from "./memory-group.ts";
import { sizeOf } from "./partition-log.ts";

interface Position {
  offset: number;
  paused: boolean;
  /** The end that was told last. */
  toldEnd: number;
}

/** One member of a group. */
export class MemoryConsumer implements ConsumerBinding, GroupMember {
  readonly #cluster: MemoryCluster;
  readonly #group: MemoryGroup;
  readonly #from: "earliest" | "latest" | "error";
  readonly #commitsItself: boolean;
  readonly #positions = new Map<string, Position>();
  #topics = new Set<string>();
  #patterns: RegExp[] = [];
  #events: RebalanceEvent[] = [];
  /** Events that are told and not answered. */
  #open = 0;
  #reports: ClientReport[] = [];
  #stored = new Map<string, number>();
  #state: "open" | "closed" | "killed" = "open";
  readonly brokers: ClusterQueries["brokers"];
  readonly topic: ClusterQueries["topic"];
  readonly topics: ClusterQueries["topics"];
  readonly watermarks: ClusterQueries["watermarks"];

  constructor(cluster: MemoryCluster, options: ConsumerBindingOptions) {
    this.#cluster = cluster;
    this.#group = cluster.group(options.group);
    this.#from = options.from;
    this.#commitsItself = options.ownCommits !== false;
    ({
      brokers: this.brokers,
      topic: this.topic,
      topics: this.topics,
      watermarks: this.watermarks,
    } = cluster.queries());
  }

  /** Whether every event is answered. */
  get isSettled(): boolean {
    return this.#open === 0;
  }

  /** The group that it is a member of. */
  get group(): MemoryGroup {
    return this.#group;
  }

  wants(topic: string): boolean {
    return this.#topics.has(topic) || this.#patterns.some((pattern) => pattern.test(topic));
  }

  tell(event: RebalanceEvent): void {
    this.#events.push(event);
    this.#open++;
    this.#cluster.changed();
  }

  subscribe(topics: readonly string[]): void {
    this.#topics = new Set(topics.filter((name) => !name.startsWith("^")));
    this.#patterns = topics.filter((name) => name.startsWith("^")).map((name) => new RegExp(name));
    this.#group.join(this);
  }

  async next(options: NextOptions): Promise<RecordBatch> {
    await nextTurn();
    this.#assertUsable("fetching");
    this.#commitStored();
    const fault = this.#cluster.faults.clusterError("fetch", "fetching", this.#fetched());
    if (fault !== undefined) {
      if (!fault.retriable) throw fault;
      this.#report({ kind: "error", error: brokersDown(fault) });
      return new MemoryBatch();
    }
    const batch = this.#collect(options);
    if (batch.length > 0 || batch.ends.length > 0 || this.#events.length > 0) return batch;
    await this.#sleep(options.waitMs);
    this.#assertUsable("fetching");
    return this.#collect(options);
  }

  takeEvents(): RebalanceEvent[] {
    return this.#events.splice(0);
  }

  takeReports(): ClientReport[] {
    return this.#reports.splice(0);
  }

  answer(event: RebalanceEvent, starts: readonly TopicPartitionOffset[] = []): void {
    this.#open--;
    this.#cluster.changed();
    if (event.kind === "revoke") {
      this.#commitStored();
      for (const place of event.partitions) this.#positions.delete(keyOf(place));
      this.#group.released(this, event.partitions);
      return;
    }
    const startOf = new Map(starts.map((start) => [keyOf(start), start.offset]));
    for (const place of event.partitions) {
      if (!this.#group.owns(this, place)) continue;
      const offset = startOf.get(keyOf(place)) ?? this.#group.committed(place);
      this.#positions.set(keyOf(place), { offset, paused: false, toldEnd: -1 });
    }
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const position of this.#at(partitions)) position.paused = true;
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const position of this.#at(partitions)) position.paused = false;
    this.#cluster.changed();
  }

  async seek(to: TopicPartitionOffset): Promise<void> {
    await nextTurn();
    const [position] = this.#at([to]);
    if (position === undefined) {
      const action = `going to offset ${to.offset} of ${keyOf(to)}`;
      throw refused(action, KAFKA_CODES.state, "the partition is not assigned");
    }
    position.offset = to.offset;
    position.toldEnd = -1;
  }

  storeOffsets(offsets: readonly TopicPartitionOffset[]): boolean {
    if (this.#state !== "open" || !offsets.every((one) => this.#positions.has(keyOf(one)))) {
      return false;
    }
    for (const one of offsets) this.#stored.set(keyOf(one), one.offset);
    return true;
  }

  async commit(offsets: readonly TopicPartitionOffset[]): Promise<void> {
    await this.#cluster.faults.wait("commit");
    await nextTurn();
    this.#assertUsable("the commit");
    const error = this.#tryCommit(offsets);
    if (error !== undefined) throw error;
  }

  async committed(partitions: readonly TopicPartition[]): Promise<TopicPartitionOffset[]> {
    await nextTurn();
    return partitions.map(({ topic, partition }) => {
      return { topic, partition, offset: this.#group.committed({ topic, partition }) };
    });
  }

  async offsetsAt(
    partitions: readonly TopicPartition[],
    time: number,
  ): Promise<TopicPartitionOffset[]> {
    await nextTurn();
    return partitions.map(({ topic, partition }) => {
      const offset = this.#cluster.log({ topic, partition })?.offsetAt(time) ?? -1;
      return { topic, partition, offset };
    });
  }

  async close(): Promise<boolean> {
    await nextTurn();
    if (this.#state !== "open") return true;
    this.#commitStored("leaving");
    this.#state = "closed";
    this.#end();
    return true;
  }

  /** Ends as a process that is killed: nothing is committed, and the group goes on without it. */
  kill(): void {
    if (this.#state !== "open") return;
    this.#state = "killed";
    this.#end();
  }

  #end(): void {
    this.#stored.clear();
    this.#positions.clear();
    this.#events = [];
    this.#open = 0;
    this.#group.leave(this);
    this.#cluster.changed();
  }

  #collect({ maxMessages, maxBytes }: NextOptions): MemoryBatch {
    const batch = new MemoryBatch();
    let bytes = 0;
    const now = this.#cluster.clock.now();
    for (const [key, position] of [...this.#positions]) {
      if (position.paused || batch.length >= maxMessages || bytes >= maxBytes) continue;
      const place = placeOf(key);
      const log = this.#cluster.log(place);
      if (log === undefined) continue;
      this.#settle(place, position, log);
      const start = batch.length;
      for (const record of log.read(position.offset, now)) {
        if (batch.length >= maxMessages || bytes >= maxBytes) break;
        if (batch.length === start) batch.sources.push(place);
        batch.add(record);
        bytes += sizeOf(record);
        position.offset = record.offset + 1;
      }
      this.#tellEnd(batch, place, position, log.visibleEnd(position.offset, now));
      // The others have their turn first the next time.
      this.#positions.delete(key);
      this.#positions.set(key, position);
    }
    return batch;
  }

  /** Finds where to begin when nothing is committed, or what is committed is not there. */
  #settle(place: TopicPartition, position: Position, log: { low: number; high: number }): void {
    if (position.offset >= log.low && position.offset <= log.high) return;
    if (this.#from === "error") {
      const reason = "no committed offset that is in the log";
      throw refused(`fetching ${keyOf(place)}`, KAFKA_CODES.autoOffsetReset, reason);
    }
    position.offset = this.#from === "latest" ? log.high : log.low;
  }

  #tellEnd(batch: MemoryBatch, place: TopicPartition, position: Position, end: number): void {
    const log = this.#cluster.log(place);
    const now = this.#cluster.clock.now();
    const hasMore = log?.read(position.offset, now).next().done === false;
    if (hasMore || position.toldEnd === end) return;
    position.offset = Math.max(position.offset, end);
    position.toldEnd = end;
    batch.ends.push({ ...place, offset: end });
  }

  /** Commits what is stored; what the broker refuses stays for the next time. */
  #commitStored(when: "fetching" | "leaving" = "fetching"): void {
    if (!this.#commitsItself || this.#stored.size === 0) return;
    if (when === "fetching" && !this.#cluster.commitsEarly) return;
    const offsets = [...this.#stored].map(([key, offset]) => ({ ...placeOf(key), offset }));
    if (this.#tryCommit(offsets) === undefined) this.#stored.clear();
  }

  #tryCommit(offsets: readonly TopicPartitionOffset[]): Error | undefined {
    const topic = offsets[0]?.topic;
    const error =
      this.#cluster.faults.clusterError("commit", "the commit", topic) ??
      (this.#group.isMember(this)
        ? undefined
        : refused("the commit", KAFKA_CODES.unknownMember, "Broker: Unknown member"));
    if (error === undefined) this.#group.commit(offsets);
    this.#report({ kind: "commit", offsets, error });
    this.#cluster.changed();
    return error;
  }

  #report(report: ClientReport): void {
    this.#reports.push(report);
  }

  /** A topic that is fetched, for faults of one topic. */
  #fetched(): string | undefined {
    for (const key of this.#positions.keys()) return placeOf(key).topic;
    return undefined;
  }

  #at(partitions: readonly TopicPartition[]): Position[] {
    return partitions.flatMap((place) => this.#positions.get(keyOf(place)) ?? []);
  }

  #sleep(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(end, waitMs);
      const cancel = this.#cluster.onChange(end);
      function end(): void {
        clearTimeout(timer);
        cancel();
        resolve();
      }
    });
  }

  #assertUsable(action: string): void {
    if (this.#state === "closed") throw rdkafkaErrors.create("RDKAFKA_CLOSED", { action });
    if (this.#state === "open") return;
    const details = { action, reason: "the test killed it", kafkaCode: KAFKA_CODES.fatal };
    throw rdkafkaErrors.create("RDKAFKA_FATAL", details);
  }
}

function refused(action: string, kafkaCode: number, reason: string): Error {
  return rdkafkaErrors.create("RDKAFKA_REQUEST_FAILED", { action, reason, kafkaCode });
}

/** A fetch that is not answered says nothing by itself; the client reports lost brokers. */
function brokersDown(fault: Error): Error {
  const details = { action: "the connection to the cluster", reason: fault.message };
  const kafkaCode = KAFKA_CODES.allBrokersDown;
  return rdkafkaErrors.create("RDKAFKA_UNAVAILABLE", { ...details, kafkaCode }, fault);
}
