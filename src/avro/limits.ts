/**
 * Bounds on what one datum may cost, so that hostile bytes can exhaust neither memory nor the stack.
 *
 * The rule of charging: bytes pay for what they are turned into. Values that take no byte of their
 * own (nulls, empty fixed types, records of nothing else, defaults that the reader fills in, the
 * zeros of a decimal's scale) are counted in units of up to 16 bytes of memory, and one datum, with
 * everything in it, may cost {@link UNITS_PER_BYTE} units for each of its bytes, or `emptyItemsMax`
 * when it is short. What the minimal encoding of a record pays for is known from the schemas and
 * not counted again, so the code for ordinary schemas counts nothing.
 */
export interface CodecLimits {
  /** Length of one datum in bytes, on both ways. Default 67,108,864 (64 MiB). */
  readonly bytesMax?: number;
  /** Items of all arrays and maps of one datum together, on reading. Default 10,000,000. */
  readonly itemsMax?: number;
  /**
   * Values that take no byte of one datum together, on reading: a null counts 1, a record 4, defaults
   * that are filled in what they hold. Bytes pay for 16 each; a datum whose bytes pay for more than
   * this limit may cost as much. Default 100,000.
   */
  readonly emptyItemsMax?: number;
  /**
   * How many records that contain themselves may be open inside each other, on both ways. Schemas
   * without recursion are bounded by their own depth. Default 500.
   */
  readonly depthMax?: number;
  /**
   * Steps that one decoder may take in its life to fit the writer's schema to the reader's: pairs of
   * types and of fields. Default 1,000,000.
   */
  readonly resolutionStepsMax?: number;
}

/** The limits that hold where none are given. */
export const DEFAULT_LIMITS: Required<CodecLimits> = Object.freeze({
  bytesMax: 67_108_864,
  itemsMax: 10_000_000,
  emptyItemsMax: 100_000,
  depthMax: 500,
  resolutionStepsMax: 1_000_000,
});

/** How many units of values without bytes one byte of the datum pays for. */
export const UNITS_PER_BYTE = 16;
/** What a null in a record or array costs. */
export const NULL_UNITS = 1;
/** What a record costs, besides its fields. */
export const RECORD_UNITS = 4;
/** What a `Uint8Array` without content costs. */
export const EMPTY_BYTES_UNITS = 12;
/** How many bytes of text or other content one unit stands for. */
export const BYTES_PER_UNIT = 16;

/** The largest precision of a decimal; no database lets one declare more (PostgreSQL: 1,000). */
export const DECIMAL_DIGITS_MAX = 1000;
/** The longest integer that is shown as a decimal; longer ones cost more than any amount is worth. */
export const DECIMAL_BYTES_MAX = 8192;
/** Fraction digits of a big-decimal; the sender chooses them. */
export const BIG_DECIMAL_SCALE_MAX = 1000;
/** Digits of a big-decimal: as many as surely fit into {@link DECIMAL_BYTES_MAX} bytes. */
export const BIG_DECIMAL_DIGITS_MAX = 19_728;

/** A default comes to no more values, bytes and levels than these. */
export const DEFAULT_VALUES_MAX = 100_000;
export const DEFAULT_BYTES_MAX = 1_048_576;
export const DEFAULT_DEPTH_MAX = 500;
