/**
 * A reused buffer that grows: the binding copies what it is given, so one per client is enough.
 * A view is an object that the garbage collector has to look after, so views are reused too.
 */
import type { BytesWriter } from "./binding.ts";

const FIRST_BYTES = 64 * 1024;
/** Views of up to this many bytes are kept. */
const VIEW_BYTES_MAX = 1_024;

/** Holds the bytes of one record at a time. */
export class Slab {
  #buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  readonly #views: (Buffer | undefined)[] = [];

  /** The bytes of a record; a view that the next call overwrites when they came from a writer. */
  bytes(source: Buffer | null | BytesWriter): Buffer | null {
    return typeof source === "function" ? this.write(source) : source;
  }

  /** What a writer writes; a view that the next call overwrites. */
  write(writer: BytesWriter): Buffer {
    let end = writer(this.#buffer, 0);
    while (end > this.#buffer.length) {
      this.#buffer = Buffer.allocUnsafeSlow(Math.max(end, this.#buffer.length * 2));
      this.#views.length = 0;
      end = writer(this.#buffer, 0);
    }
    return end > VIEW_BYTES_MAX ? this.#buffer.subarray(0, end) : this.#view(end);
  }

  #view(end: number): Buffer {
    const known = this.#views[end];
    if (known !== undefined) return known;
    // Without holes, so that the array stays a plain one.
    for (let size = this.#views.length; size < end; size++) this.#views.push(undefined);
    const view = this.#buffer.subarray(0, end);
    this.#views[end] = view;
    return view;
  }
}
