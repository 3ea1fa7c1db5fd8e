/**
 * Caches of the client. The schema of an id never changes, so it is kept for as long as there is
 * room. An unknown id is asked for again, but not for every message.
 */
import type { Lru } from "../base/index.ts";
import { createLru } from "../base/index.ts";
import type { ClientClock } from "./types.ts";

/** Values by key, loaded once: concurrent callers share the load, failures are not kept. */
export class LoadingCache<Key, Value extends NonNullable<unknown>> {
  readonly #values: Lru<Key, Value>;
  readonly #inFlight = new Map<Key, Promise<Value>>();

  constructor(max: number) {
    this.#values = createLru(max);
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
      this.#values.set(key, value, 1);
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
  readonly #misses: Lru<Key, { readonly untilMs: number; readonly forMs: number }>;
  readonly #clock: ClientClock;

  constructor(max: number, clock: ClientClock) {
    this.#misses = createLru(max);
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
    this.#misses.set(key, { untilMs: this.#clock.now() + forMs, forMs }, 1);
  }

  found(key: Key): void {
    this.#misses.delete(key);
  }
}
