/** A cache that forgets what was used longest ago, bounded by weight. */
export interface Lru<K, V> {
  get(key: K): V | undefined;
  /** Keeps a value; `weight` is what it counts towards the bound. */
  set(key: K, value: V, weight: number): void;
  delete(key: K): void;
  clear(): void;
}

/** Makes a cache whose values weigh at most `weightMax` together. */
export function createLru<K, V extends object>(weightMax: number): Lru<K, V> {
  // A Map iterates in order of insertion: the first entry is the one that was used longest ago.
  const entries = new Map<K, { readonly value: V; readonly weight: number }>();
  let total = 0;
  const drop = (key: K): void => {
    const entry = entries.get(key);
    if (entry === undefined) return;
    entries.delete(key);
    total -= entry.weight;
  };
  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entries.delete(key);
      entries.set(key, entry);
      return entry.value;
    },
    set(key, value, weight) {
      drop(key);
      entries.set(key, { value, weight });
      total += weight;
      for (const oldest of entries.keys()) {
        if (total <= weightMax) return;
        drop(oldest);
      }
    },
    delete: drop,
    clear() {
      entries.clear();
      total = 0;
    },
  };
}
