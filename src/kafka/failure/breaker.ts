/**
 * Waiting for a registry that does not answer, once for all of a consumer's partitions.
 *
 * Invariants:
 * - While it does not answer, one call at a time asks it; the others wait for that one's outcome.
 * - Pauses grow from failure to failure and are short again after an answer.
 * - An outage is told when it begins and when it is over, not at each attempt.
 * - Whoever waits stops waiting when its signal is aborted; nothing is given up by that.
 */
import { isTypewireError } from "../../base/index.ts";
import type { Clock, HookCaller } from "../contract/index.ts";
import { pause, processClock, untilAborted } from "../contract/index.ts";
import type { Backoff } from "./backoff.ts";
import { delayOf } from "./backoff.ts";

const BACKOFF: Backoff = { firstDelayMs: 100, maxDelayMs: 10_000 };

/** Where time and chance come from; tests give their own. */
export interface BreakerParts {
  readonly hooks?: HookCaller | undefined;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** One for a consumer. */
export class Breaker {
  readonly #hooks: HookCaller | undefined;
  readonly #clock: Clock;
  readonly #random: () => number;
  #failures = 0;
  #since = 0;
  /** Ends with the probe that is under way; undefined while the registry answers. */
  #probing: Promise<void> | undefined;

  constructor({ hooks, clock = processClock, random = Math.random }: BreakerParts = {}) {
    this.#hooks = hooks;
    this.#clock = clock;
    this.#random = random;
  }

  /** Whether the registry is known not to answer. */
  get isOpen(): boolean {
    return this.#failures > 0;
  }

  /**
   * Calls until it is answered. False when the signal was aborted first.
   *
   * @param waiting told when it begins to wait, and when that is over
   * @throws what the call throws, unless it says `retriable`
   */
  async call(
    attempt: () => Promise<void>,
    signal: AbortSignal,
    waiting: (on: boolean) => void,
  ): Promise<boolean> {
    let waits = false;
    try {
      while (!signal.aborted) {
        if (this.isOpen && !waits) {
          waits = true;
          waiting(true);
        }
        if (await this.#try(attempt, signal)) return true;
      }
      return false;
    } finally {
      if (waits) waiting(false);
    }
  }

  /** One attempt, or the wait for somebody else's. True when this call was answered. */
  async #try(attempt: () => Promise<void>, signal: AbortSignal): Promise<boolean> {
    if (this.#probing !== undefined) {
      await untilAborted(this.#probing, signal);
      return false;
    }
    if (!this.isOpen) return this.#ask(attempt);
    let end = (): void => undefined;
    this.#probing = new Promise<void>((resolve) => {
      end = resolve;
    });
    try {
      await pause(delayOf(BACKOFF, this.#failures, this.#random()), signal, this.#clock);
      return !signal.aborted && (await this.#ask(attempt));
    } finally {
      this.#probing = undefined;
      end();
    }
  }

  async #ask(attempt: () => Promise<void>): Promise<boolean> {
    try {
      await attempt();
    } catch (error) {
      if (!isTypewireError(error) || !error.retriable) {
        this.#answered();
        throw error;
      }
      this.#failed(error);
      return false;
    }
    this.#answered();
    return true;
  }

  #failed(error: unknown): void {
    this.#failures++;
    if (this.#failures > 1) return;
    this.#since = Date.now();
    this.#hooks?.call("onOutage", { what: "registry", over: false, since: this.#since, error });
  }

  #answered(): void {
    if (this.#failures === 0) return;
    this.#failures = 0;
    this.#hooks?.call("onOutage", { what: "registry", over: true, since: this.#since });
  }
}
