/**
 * One timer for the deadlines of all records: it is set for the oldest open one, so a record that is
 * delivered in time costs nothing.
 */
import type { Clock } from "../contract/index.ts";
import { processClock } from "../contract/index.ts";

/** Gives up on what is late, and says when the next deadline is. */
export type Sweep = (now: number) => number | undefined;

/** Calls {@link Sweep} at the deadlines that it is told of; they must not go back. */
export class Expiry {
  readonly #sweep: Sweep;
  readonly #clock: Clock;
  #cancel: (() => void) | undefined;
  #stopped = false;

  constructor(sweep: Sweep, clock: Clock = processClock) {
    this.#sweep = sweep;
    this.#clock = clock;
  }

  /** Something has to be settled by `endsAt`. */
  watch(endsAt: number): void {
    if (this.#cancel === undefined && !this.#stopped) this.#arm(endsAt);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  #arm(endsAt: number): void {
    this.#cancel = this.#clock.after(endsAt - this.#clock.now(), () => {
      this.#cancel = undefined;
      const next = this.#sweep(this.#clock.now());
      if (next !== undefined) this.watch(next);
    });
  }
}
