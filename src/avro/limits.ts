/** Bounds on what one datum may cost, so that hostile bytes can neither exhaust memory nor the stack. */
export interface CodecLimits {
  /** Length of one datum in bytes, on reading. Default 67,108,864 (64 MiB). */
  readonly bytesMax?: number;
  /** Items of all arrays and maps of one datum together, on reading. Default 10,000,000. */
  readonly itemsMax?: number;
  /**
   * Items that may take no byte at all (nulls, empty records) of one datum together, on reading;
   * other items are bounded by the bytes that they need. Default 100,000.
   */
  readonly emptyItemsMax?: number;
  /**
   * How many records that contain themselves may be open inside each other, on both ways. Schemas
   * without recursion are bounded by their own depth. Default 500.
   */
  readonly depthMax?: number;
}

/** The limits that hold where none are given. */
export const DEFAULT_LIMITS: Required<CodecLimits> = Object.freeze({
  bytesMax: 67_108_864,
  itemsMax: 10_000_000,
  emptyItemsMax: 100_000,
  depthMax: 500,
});
