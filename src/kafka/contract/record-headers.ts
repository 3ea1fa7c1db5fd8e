/** Headers of a consumed record: bytes on the wire, mostly text. */
import type { HeaderPair } from "../../rdkafka/index.ts";

/** Read access to a record's headers; a name may occur more than once. */
export class RecordHeaders {
  readonly #pairs: readonly HeaderPair[];

  constructor(pairs: readonly HeaderPair[]) {
    this.#pairs = pairs;
  }

  /** Every header in order, duplicates included. */
  get entries(): readonly HeaderPair[] {
    return this.#pairs;
  }

  /** The last value of a name as UTF-8 text; undefined when it is absent or null. */
  get(name: string): string | undefined {
    return this.bytes(name)?.toString();
  }

  /** The last value of a name; undefined when it is absent or null. */
  bytes(name: string): Buffer | undefined {
    return this.#pairs.findLast(([key]) => key === name)?.[1] ?? undefined;
  }
}

/** A record without headers. */
export const NO_HEADERS = new RecordHeaders([]);
