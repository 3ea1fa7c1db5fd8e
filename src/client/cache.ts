/**
 * Caches of the client. The schema of an id never changes, so it is kept for as long as there is
 * room. An unknown id is asked for again, but not for every message.
 */
import type { ClientClock } from "./types.ts";

/**
 * A bounded map that forgets what was not used lately. Two generations instead of a linked list: a
 * hit in the young one costs a single lookup and writes nothing.
 */
export class BoundedMap<Key, Value> {
  readonly #half: number;
  #young = new Map<Key, Value>();
  #old = new Map<Key, Value>();

  /** Keeps at most `max` entries, rounded up to an even number. */
  constructor(max: number) {
    this.#half = Math.ceil(max / 2);
  }

  get(key: Key): Value | undefined {
    const value = this.#young.get(key);
    if (value !== undefined) return value;
    const aged = this.#old.get(key);
    if (aged !== undefined) this.set(key, aged);
    return aged;
  }

  set(key: Key, value: Value): void {
    this.#old.delete(key);
    if (this.#young.size >= this.#half && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  delete(key: Key): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }
}

/** Values by key, loaded once: concurrent callers share the load, failures are not kept. */
export class LoadingCache<Key, Value> {
  readonly #values: BoundedMap<Key, Value>;
  readonly #inFlight = new Map<Key, Promise<Value>>();

  constructor(max: number) {
    this.#values = new BoundedMap(max);
  }

  peek(key: Key): Value | undefined {
    return this.#values.get(key);
  }

  async get(key: Key, load: () => Promise<Value>): Promise<Value> {
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    const running = this.#inFlight.get(key);
    if (running !== undefined) return running;
    const started = load();
    this.#inFlight.set(key, started);
    try {
      const value = await started;
      this.#values.set(key, value);
      return value;
    } finally {
      this.#inFlight.delete(key);
    }
  }
}

const MISS_MS_MIN = 1_000;
const MISS_MS_MAX = 60_000;

/** Remembers for how long an unknown key need not be asked for again: 1 s, doubling to 60 s. */
export class MissCache<Key> {
  readonly #misses: BoundedMap<Key, { readonly untilMs: number; readonly forMs: number }>;
  readonly #clock: ClientClock;

  constructor(max: number, clock: ClientClock) {
    this.#misses = new BoundedMap(max);
    this.#clock = clock;
  }

  /** Whether the key was missing a moment ago. */
  isMissing(key: Key): boolean {
    const miss = this.#misses.get(key);
    return miss !== undefined && this.#clock.now() < miss.untilMs;
  }

  miss(key: Key): void {
    const before = this.#misses.get(key)?.forMs;
    const forMs = before === undefined ? MISS_MS_MIN : Math.min(before * 2, MISS_MS_MAX);
    this.#misses.set(key, { untilMs: this.#clock.now() + forMs, forMs });
  }

  found(key: Key): void {
    this.#misses.delete(key);
  }
}
