/**
 * One deadline for a call with several stages: made when the call begins, passed down through every
 * stage, so that the stages together take no longer than the caller said.
 *
 * Invariants: a deadline never moves; time is monotonic, so a change of the clock does not matter;
 * `race` leaves no timer behind.
 */

/** Where time comes from; tests give their own. */
export interface Clock {
  /** Milliseconds on a clock that never goes back. */
  now(): number;
  /** Calls back after so many milliseconds; the returned function cancels. */
  after(ms: number, callback: () => void): () => void;
}

/** The longest delay that timers of Node take, in milliseconds. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** The clock of the process. */
export const processClock: Clock = {
  now: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(ms, 0), TIMER_MAX_MS));
    return () => clearTimeout(timer);
  },
};

/** What {@link Deadline.race} yields when time is over. */
export const TOO_LATE: unique symbol = Symbol("too late");

/** A point in time by which a whole call must be over. */
export class Deadline {
  readonly #clock: Clock;
  readonly #endsAt: number;
  /** What the caller allowed, in milliseconds; for messages. */
  readonly totalMs: number;

  constructor(totalMs: number, clock: Clock) {
    this.#clock = clock;
    this.#endsAt = clock.now() + totalMs;
    this.totalMs = totalMs;
  }

  /** A deadline so many milliseconds from now. */
  static after(ms: number, clock: Clock = processClock): Deadline {
    return new Deadline(ms, clock);
  }

  /** Milliseconds that are left, never below 0. */
  get leftMs(): number {
    return Math.max(0, this.#endsAt - this.#clock.now());
  }

  /** Whether time is over. */
  get passed(): boolean {
    return this.leftMs === 0;
  }

  /**
   * What the promise yields, or {@link TOO_LATE} when time is over first. The promise goes on; a
   * rejection after that is dropped.
   */
  race<T>(promise: Promise<T>): Promise<T | typeof TOO_LATE> {
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(this.leftMs, () => resolve(TOO_LATE));
      promise.then(
        (value) => {
          cancel();
          resolve(value);
        },
        (error: unknown) => {
          cancel();
          reject(error);
        },
      );
    });
  }
}
