/**
 * A sorted set of strings in chunks: insert and remove move at most one chunk, a range is found by
 * two binary searches. Order is by UTF-16 unit, as Java sorts strings.
 */
const CHUNK_MAX = 512;

/** A sorted set of strings. */
export interface SortedNames {
  readonly size: number;
  add(name: string): void;
  remove(name: string): void;
  /** Names in order from `from` (included) up to `to` (excluded; to the end when left out). */
  range(from?: string, to?: string): Generator<string, void, undefined>;
}

/** Makes an empty set. */
export function createSortedNames(): SortedNames {
  return new ChunkedNames();
}

/** Names that begin with `prefix`, in order. */
export function* withPrefix(
  names: SortedNames,
  prefix: string,
): Generator<string, void, undefined> {
  for (const name of names.range(prefix)) {
    if (!name.startsWith(prefix)) return;
    yield name;
  }
}

class ChunkedNames implements SortedNames {
  #chunks: string[][] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(name: string): void {
    const at = this.#chunkFor(name);
    const chunk = this.#chunks[at];
    if (chunk === undefined) {
      this.#chunks.push([name]);
      this.#size++;
      return;
    }
    const index = lowerBound(chunk, name);
    if (chunk[index] === name) return;
    chunk.splice(index, 0, name);
    this.#size++;
    if (chunk.length > CHUNK_MAX) {
      this.#chunks.splice(at + 1, 0, chunk.splice(CHUNK_MAX / 2));
    }
  }

  remove(name: string): void {
    const at = this.#chunkFor(name);
    const chunk = this.#chunks[at];
    if (chunk === undefined) return;
    const index = lowerBound(chunk, name);
    if (chunk[index] !== name) return;
    chunk.splice(index, 1);
    this.#size--;
    if (chunk.length === 0) this.#chunks.splice(at, 1);
  }

  *range(from = "", to?: string): Generator<string, void, undefined> {
    for (let at = this.#chunkFor(from); at < this.#chunks.length; at++) {
      const chunk = this.#chunks[at] ?? [];
      for (let index = lowerBound(chunk, from); index < chunk.length; index++) {
        const name = chunk[index];
        if (name === undefined) return;
        if (to !== undefined && name >= to) return;
        yield name;
      }
    }
  }

  /** The last chunk whose first name is not above `name`; the first chunk when all are. */
  #chunkFor(name: string): number {
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#chunks[middle]?.[0] ?? "") <= name) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

function lowerBound(sorted: readonly string[], name: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? "") < name) low = middle + 1;
    else high = middle;
  }
  return low;
}
