/**
 * The interface to Kafka that we wrote; only this folder knows node-rdkafka. It works by **batch**:
 * below the public API a record is never an object, decoders get `(buffer, start, end)`. So a binding
 * that hands over a whole batch as one buffer can stand behind the same interface.
 */

/** Consumed records. Valid until `release()`; whoever keeps bytes longer copies them. */
export interface RecordBatch {
  readonly length: number;
  /** Index into {@link RecordBatch.sources} of record `i`. */
  source(i: number): number;
  readonly sources: readonly { readonly topic: string; readonly partition: number }[];
  offset(i: number): number;
  /** Milliseconds since the epoch; -1 when unknown. */
  timestamp(i: number): number;
  keyBuf(i: number): Buffer;
  /** -1 when the key is null. */
  keyStart(i: number): number;
  keyEnd(i: number): number;
  valueBuf(i: number): Buffer;
  /** -1 when the value is null (a tombstone). */
  valueStart(i: number): number;
  valueEnd(i: number): number;
  /** Parsed on demand; duplicates kept, in order. */
  headers(i: number): readonly (readonly [name: string, value: Buffer | null])[];
  release(): void;
}

/** Writes bytes at `start` and returns the end; an end past the buffer means "grow and call again". */
export type BytesWriter = (buffer: Buffer, start: number) => number;

export interface OutRecord {
  /** Always explicit: partitions are computed above, in JavaScript. */
  readonly partition: number;
  readonly key: Buffer | null | BytesWriter;
  readonly value: Buffer | null | BytesWriter;
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly timestamp?: number;
}

/** Delivery report of a batch. */
export interface BatchReport {
  readonly length: number;
  partition(i: number): number;
  /** Offset of record `i`; -1 when it failed. */
  offset(i: number): number;
  /** The failure of record `i`, if any. */
  error(i: number): Error | undefined;
  readonly failed: number;
  readonly firstError: Error | undefined;
}

export interface OutBatch {
  /** Adds a record; false when the batch is full (send it, begin another). */
  add(record: OutRecord): boolean;
  readonly length: number;
  /** Hands the batch to the client; waits while its queue is full. Resolves on all reports. */
  send(): Promise<BatchReport>;
}
