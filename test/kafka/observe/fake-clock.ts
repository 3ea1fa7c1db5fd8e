/** A clock that stands still until it is told to move. */
import type { Clock } from "../../../src/kafka/contract/deadline.ts";

export interface FakeClock extends Clock {
  /** Moves on, and calls what is due, oldest first. */
  advance(ms: number): void;
  /** Calls that are still waiting. */
  readonly waiting: number;
}

export function fakeClock(): FakeClock {
  let now = 0;
  const timers = new Set<{ at: number; callback: () => void }>();
  return {
    now: () => now,
    after(ms, callback) {
      const timer = { at: now + ms, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(ms) {
      now += ms;
      for (const timer of [...timers].sort((a, b) => a.at - b.at)) {
        if (timer.at > now || !timers.delete(timer)) continue;
        timer.callback();
      }
    },
    get waiting() {
      return timers.size;
    },
  };
}

/** Lets promises that can go on do so. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}
