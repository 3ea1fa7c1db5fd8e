/** A record of the log, as it is written and as it is read. */

/**
 * One record, byte-compatible with Confluent's `_schemas` topic: compact JSON text with a fixed
 * member order as the key, and as the value; `null` is a tombstone.
 */
export interface LogRecord {
  readonly key: string;
  readonly value: string | null;
}

/** A record with its place in the log. */
export interface StoredRecord extends LogRecord {
  /** Position, growing; gaps are allowed (compaction, transaction markers). */
  readonly offset: number;
  /** Milliseconds since the epoch, as given to the log. */
  readonly timestamp: number;
}
