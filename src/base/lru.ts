/**
 * A least-recently-used cache, bounded by weight.
 *
 * Invariants:
 * - The values weigh at most `weightMax` together; a value that is heavier than that is not kept.
 * - A read changes nothing but a mark: moving the entry to the end of the Map with each read makes the
 *   Map grow and be rebuilt, which was seen as a fifth of a whole HTTP request.
 * - An entry that was read since it was last looked at for forgetting is passed over once.
 */
export interface Lru<K, V> {
  get(key: K): V | undefined;
  /** Keeps a value; `weight` is what it counts towards the bound. */
  set(key: K, value: V, weight: number): void;
  delete(key: K): void;
  clear(): void;
}

interface Entry<V> {
  readonly value: V;
  readonly weight: number;
  isUsed: boolean;
}

/** Makes a cache whose values weigh at most `weightMax` together. */
export function createLru<K, V extends NonNullable<unknown>>(weightMax: number): Lru<K, V> {
  // A Map iterates in order of insertion: the first entry is the one that is looked at next.
  const entries = new Map<K, Entry<V>>();
  let total = 0;
  const drop = (key: K): void => {
    const entry = entries.get(key);
    if (entry === undefined) return;
    entries.delete(key);
    total -= entry.weight;
  };
  const shrinkTo = (bound: number): void => {
    for (const [key, entry] of entries) {
      if (total <= bound) return;
      entries.delete(key);
      if (entry.isUsed) {
        entry.isUsed = false;
        entries.set(key, entry);
      } else {
        total -= entry.weight;
      }
    }
  };
  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entry.isUsed = true;
      return entry.value;
    },
    set(key, value, weight) {
      drop(key);
      if (weight > weightMax) return;
      shrinkTo(weightMax - weight);
      entries.set(key, { value, weight, isUsed: false });
      total += weight;
    },
    delete: drop,
    clear() {
      entries.clear();
      total = 0;
    },
  };
}
