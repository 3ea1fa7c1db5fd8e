/** A reused buffer that grows: the binding copies what it is given, so one per client is enough. */
import type { BytesWriter } from "./binding.ts";

const FIRST_BYTES = 64 * 1024;

/** Holds the bytes of one record at a time. */
export class Slab {
  #buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);

  /** The bytes of a record; a view that the next call overwrites when they came from a writer. */
  bytes(source: Buffer | null | BytesWriter): Buffer | null {
    if (typeof source !== "function") return source;
    let end = source(this.#buffer, 0);
    while (end > this.#buffer.length) {
      this.#buffer = Buffer.allocUnsafeSlow(Math.max(end, this.#buffer.length * 2));
      end = source(this.#buffer, 0);
    }
    return this.#buffer.subarray(0, end);
  }
}
