/**
 * The producer over node-rdkafka's `Producer`.
 *
 * Invariants:
 * - A record is in the client's queue or it is not: `produce` throws, answers false, or promises
 *   exactly one report. A full queue is back-pressure, never a loss.
 * - The opaque of a record is a slot number; slots are reused, so nothing grows with time.
 * - Polling runs all the time: without it no report ever arrives and the queue fills.
 * - The client is torn down only when nothing polls it and no call of a transaction runs: the binding
 *   takes no lock in either, and would end the process.
 * - Closing flushes first; records without a report after the deadline are reported as failed.
 */

import type { DeliveryReport, LibrdKafkaError, Producer } from "node-rdkafka";
import type { OutRecord, ProducerBinding } from "./binding.ts";
import { localClusterOf } from "./cluster.ts";
import { connect } from "./connect.ts";
import { rdkafkaErrors } from "./errors.ts";
import { requireFeatures } from "./features.ts";
import { nativeHeaders } from "./headers.ts";
import { loadKafka } from "./load.ts";
import { KAFKA_CODES, kafkaCodeOf, kafkaError } from "./native.ts";
import type { BatchOwner } from "./out-batch.ts";
import { PerMessageBatch } from "./out-batch.ts";
import { construct, queriesOf } from "./queries.ts";
import type { ConnectionOptions, KafkaSettings } from "./settings.ts";
import { mergeSettings, scopeSettings } from "./settings.ts";
import { Slab } from "./slab.ts";
import { NativeTransactions } from "./transactions.ts";
import { TIMEOUT_MS_MAX, within } from "./within.ts";

/** Settings of a producer. */
export interface ProducerBindingOptions extends ConnectionOptions {
  /** Records without a report at most; under librdkafka's queue of 100,000. Default 20,000. */
  readonly maxInFlight?: number;
  /** Bytes of them at most. Default 64 MiB. */
  readonly maxInFlightBytes?: number;
  /** Makes the producer transactional; it does nothing before `transactions.init`. */
  readonly transactional?: { readonly id: string; readonly timeoutMs: number };
}

/** How often reports are fetched, in milliseconds; with `maxInFlight` it bounds the throughput. */
const POLL_INTERVAL_MS = 2;
const MAX_IN_FLIGHT_DEFAULT = 20_000;
const MAX_IN_FLIGHT_BYTES_DEFAULT = 64 * 1024 * 1024;
/** Records with up to this many headers are counted with this many bytes on top, as clients do. */
const RECORD_BYTES = 64;
/** Tearing the client down takes a few milliseconds, unless a request of its holds it up. */
const DISCONNECT_MS_MIN = 100;
/** Of `maxInFlight` records, the share that has to be reported before records are taken again. */
const ROOM_SHARE = 0.95;

const DEFAULTS: KafkaSettings = {
  "linger.ms": 5,
  acks: "all",
  "delivery.timeout.ms": 120_000,
  "enable.idempotence": true,
};

/**
 * Connects a producer.
 *
 * @throws RDKAFKA_CONNECT_FAILED, RDKAFKA_SETTING_REFUSED, RDKAFKA_FEATURE_MISSING
 */
export async function createProducerBinding(
  options: ProducerBindingOptions,
): Promise<ProducerBinding> {
  const { transactional } = options;
  const fixed: KafkaSettings =
    transactional === undefined
      ? {}
      : { "transactional.id": transactional.id, "transaction.timeout.ms": transactional.timeoutMs };
  const { global, topic } = scopeSettings(mergeSettings(options, DEFAULTS, fixed));
  const local = localClusterOf(options.brokers);
  if (local !== undefined) return local.connectProducer(options);
  const kafka = await loadKafka();
  requireFeatures(kafka.features, global as KafkaSettings);
  const client = construct(() => new kafka.Producer({ ...global, dr_cb: true }, topic));
  await connect(client, options);
  return new PerMessageProducer(client, options);
}

class PerMessageProducer implements ProducerBinding, BatchOwner {
  readonly #client: Producer;
  readonly #maxInFlight: number;
  readonly #maxBytes: number;
  readonly transactions: NativeTransactions | undefined;
  readonly #keySlab = new Slab();
  readonly #valueSlab = new Slab();
  readonly #slotBatch: (PerMessageBatch | undefined)[] = [];
  readonly #slotIndex: number[] = [];
  readonly #slotBytes: number[] = [];
  readonly #freeSlots: number[] = [];
  readonly #sent = new Set<PerMessageBatch>();
  #settleWaiters: { batches: Set<PerMessageBatch>; resolve: () => void }[] = [];
  #inFlight = 0;
  #bytes = 0;
  /** Records may be added again when no more than this many are in flight; −1 while there is room. */
  #resumeAt = -1;
  #resumeAtBytes = 0;
  #roomWaiters: (() => void)[] = [];
  #closing: Promise<void> | undefined;
  readonly brokers: ProducerBinding["brokers"];
  readonly topic: ProducerBinding["topic"];
  readonly topics: ProducerBinding["topics"];
  readonly watermarks: ProducerBinding["watermarks"];

  constructor(client: Producer, options: ProducerBindingOptions) {
    this.#client = client;
    this.#maxInFlight = options.maxInFlight ?? MAX_IN_FLIGHT_DEFAULT;
    this.#maxBytes = options.maxInFlightBytes ?? MAX_IN_FLIGHT_BYTES_DEFAULT;
    this.transactions = options.transactional && new NativeTransactions(client);
    ({
      brokers: this.brokers,
      topic: this.topic,
      topics: this.topics,
      watermarks: this.watermarks,
    } = queriesOf(client));
    client.on("delivery-report", (error, report) => this.#delivered(error, report));
    client.setPollInterval(POLL_INTERVAL_MS);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  begin(topic: string): PerMessageBatch {
    return new PerMessageBatch(this, topic);
  }

  sent(batch: PerMessageBatch): void {
    this.#sent.add(batch);
  }

  room(): Promise<void> | undefined {
    if (this.#resumeAt < 0) return undefined;
    // Whoever waits for reports does not wait for the timer as well.
    if (this.#closing === undefined) this.#client.poll();
    return new Promise((resolve) => {
      this.#roomWaiters.push(resolve);
    });
  }

  produce(batch: PerMessageBatch, index: number, topic: string, record: OutRecord): boolean {
    if (this.#closing) throw rdkafkaErrors.create("RDKAFKA_CLOSED", { action: "producing" });
    if (this.#resumeAt >= 0) return false;
    const key = this.#keySlab.bytes(record.key);
    const value = this.#valueSlab.bytes(record.value);
    const headers = record.headers === undefined ? undefined : nativeHeaders(record.headers);
    const bytes = RECORD_BYTES + (key?.length ?? 0) + (value?.length ?? 0) + textBytes(record);
    if (this.#inFlight > 0 && this.#bytes + bytes > this.#maxBytes) {
      this.#fill();
      return false;
    }
    const slot = this.#freeSlots.pop() ?? this.#slotIndex.length;
    try {
      this.#client.produce(topic, record.partition, value, key, record.timestamp, slot, headers);
    } catch (error) {
      this.#freeSlots.push(slot);
      if (slot === this.#slotIndex.length) {
        this.#slotIndex.push(0);
        this.#slotBytes.push(0);
      }
      if (kafkaCodeOf(error) !== KAFKA_CODES.queueFull || this.#inFlight === 0) {
        throw kafkaError(`a record for ${topic}/${record.partition}`, error, this.#client);
      }
      this.#fill();
      return false;
    }
    this.#slotBatch[slot] = batch;
    this.#slotIndex[slot] = index;
    this.#slotBytes[slot] = bytes;
    this.#bytes += bytes;
    this.#inFlight++;
    if (this.#inFlight >= this.#maxInFlight) this.#fill();
    return true;
  }

  settled(batch: PerMessageBatch): void {
    this.#sent.delete(batch);
    if (this.#settleWaiters.length === 0) return;
    this.#settleWaiters = this.#settleWaiters.filter(({ batches, resolve }) => {
      batches.delete(batch);
      if (batches.size > 0) return true;
      resolve();
      return false;
    });
  }

  async flush(timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    const batches = new Set(this.#sent);
    const flushed = new Promise<void>((resolve, reject) => {
      this.#client.flush(Math.min(timeoutMs, TIMEOUT_MS_MAX), (error: LibrdKafkaError | null) => {
        if (error) reject(kafkaError("the flush", error));
        else resolve();
      });
    });
    await within(flushed, timeoutMs, "the flush");
    // librdkafka has every report; the binding still hands them over, a hundred per loop turn.
    for (const batch of batches) if (!this.#sent.has(batch)) batches.delete(batch);
    if (batches.size === 0) return;
    const settled = new Promise<void>((resolve) => {
      this.#settleWaiters.push({ batches, resolve });
    });
    await within(settled, deadline - performance.now(), "the flush");
  }

  close(timeoutMs: number): Promise<void> {
    this.#closing ??= this.#close(timeoutMs);
    return this.#closing;
  }

  onTrouble(listener: (error: Error) => void): void {
    this.#client.on("event.error", (error: unknown) => {
      if (this.#closing === undefined) listener(kafkaError("the connection", error, this.#client));
    });
  }

  async #close(timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    const flushed = await this.flush(timeoutMs).then(
      () => true,
      () => false,
    );
    const gone = (this.transactions?.ended() ?? Promise.resolve()).then(() => this.#disconnect());
    // A request that a broker does not answer holds the client up; it goes by itself after that.
    const leftMs = Math.max(deadline - performance.now(), DISCONNECT_MS_MIN);
    await within(gone, leftMs, "disconnecting").catch(() => undefined);
    this.#drained();
    if (flushed && this.#inFlight === 0) return;
    const pending = this.#inFlight;
    const error = rdkafkaErrors.create("RDKAFKA_CLOSE_TIMEOUT", { timeoutMs, pending });
    for (let slot = 0; slot < this.#slotBatch.length; slot++) this.#report(slot, -1, error);
    if (pending > 0) throw error;
  }

  #disconnect(): Promise<void> {
    // The binding polls without its lock: a poll while the client is being torn down is a crash.
    this.#client.setPollInterval(0);
    return new Promise((resolve) => {
      this.#client.disconnect(1, () => resolve());
    });
  }

  #delivered(raw: LibrdKafkaError | null, report: DeliveryReport): void {
    const error = raw
      ? kafkaError(`a record to ${report.topic}/${report.partition}`, raw, this.#client)
      : undefined;
    // Without acknowledgements nobody knows the offset, and the client says -1001.
    this.#report(report.opaque as number, Math.max(report.offset, -1), error);
  }

  #report(slot: number, offset: number, error: Error | undefined): void {
    const batch = this.#slotBatch[slot];
    if (batch === undefined) return;
    this.#slotBatch[slot] = undefined;
    this.#freeSlots.push(slot);
    this.#inFlight--;
    this.#bytes -= this.#slotBytes[slot] ?? 0;
    batch.report(this.#slotIndex[slot] ?? 0, offset, error);
    if (this.#inFlight <= this.#resumeAt && this.#bytes <= this.#resumeAtBytes) this.#drained();
  }

  #fill(): void {
    this.#resumeAt = Math.floor(this.#inFlight * ROOM_SHARE);
    this.#resumeAtBytes = this.#bytes * ROOM_SHARE;
  }

  #drained(): void {
    this.#resumeAt = -1;
    const waiters = this.#roomWaiters;
    this.#roomWaiters = [];
    for (const resolve of waiters) resolve();
  }
}

/** About what headers take in memory; most records have none. */
function textBytes({ headers }: OutRecord): number {
  let bytes = 0;
  for (const [name, value] of headers ?? []) bytes += name.length + value.length;
  return bytes;
}
