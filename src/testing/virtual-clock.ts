/**
 * Time that passes when a test says so.
 *
 * Invariants: time never goes back; what is due is called in the order of its time, and of the calls
 * where times are equal; between two callbacks, the work that the first one set off goes on.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { flag, optional } from "../base/index.ts";
import { checkTesting, timeRule } from "./options.ts";

/** A clock for {@link createTestBroker}, `withRestarts` and `kafkaHealth`. */
export interface VirtualClock {
  /** Milliseconds since the clock was made, and what it started with. */
  now(): number;
  /** Calls back after so many milliseconds; the returned function cancels. */
  after(ms: number, callback: () => void): () => void;
  /**
   * Lets so many milliseconds pass, and calls what is due in them. Before and after each call the
   * process gets turns of its event loop, so that work which waits for nothing else comes to its end.
   *
   * @throws TESTING_OPTION_INVALID
   */
  advance(ms: number): Promise<void>;
  /** Callbacks that wait for their time. */
  readonly waiting: number;
}

/** How a clock runs. */
export interface VirtualClockOptions {
  /** Milliseconds that it shows at first. Default 0. */
  readonly startMs?: number;
  /**
   * Jumps to the next callback by itself, whenever there is one: retries and delays take no time.
   * Default false.
   */
  readonly skipsWaits?: boolean;
}

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Turns of the event loop that work gets between two callbacks; it takes a few to fetch and handle. */
const TURNS = 20;

/** Makes a clock that stands still until {@link VirtualClock.advance}. */
export function createVirtualClock(options: VirtualClockOptions = {}): VirtualClock {
  checkTesting({ startMs: optional(timeRule), skipsWaits: optional(flag) }, options);
  const { startMs = 0, skipsWaits = false } = options;
  const timers = new Set<Timer>();
  let now = startMs;
  let made = 0;
  let isSkipping = false;

  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < TURNS; turn++) await nextTurn();
  };
  const fire = (end: number): boolean => {
    let next: Timer | undefined;
    for (const timer of timers) if (timer.at <= end && isBefore(timer, next)) next = timer;
    if (next === undefined) return false;
    timers.delete(next);
    now = Math.max(now, next.at);
    next.callback();
    return true;
  };
  const skip = async (): Promise<void> => {
    do await nextTurn();
    while (fire(Number.POSITIVE_INFINITY));
    isSkipping = false;
  };
  return {
    now: () => now,
    after(ms, callback) {
      const timer = { at: now + Math.max(0, ms), order: made++, callback };
      timers.add(timer);
      if (skipsWaits && !isSkipping) {
        isSkipping = true;
        void skip();
      }
      return () => timers.delete(timer);
    },
    async advance(ms) {
      checkTesting({ ms: timeRule }, { ms });
      const end = now + ms;
      do await settle();
      while (fire(end));
      now = Math.max(now, end);
    },
    get waiting() {
      return timers.size;
    },
  };
}

function isBefore(one: Timer, other: Timer | undefined): boolean {
  if (other === undefined || one.at < other.at) return true;
  return one.at === other.at && one.order < other.order;
}
