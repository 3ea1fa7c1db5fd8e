/**
 * Notices that the brokers do not answer a producer, and that they answer again, and tells the hook
 * `onOutage`. There is no probing: an outage is over with the first acknowledgement.
 */
import type { HookCaller } from "../contract/index.ts";
import { kafkaErrors } from "../contract/index.ts";

/** How often it is looked whether acknowledgements still come, in milliseconds. */
const LOOK_MS = 1_000;

/** Watches one producer. */
export class OutageWatch {
  readonly #hooks: HookCaller;
  readonly #inFlight: () => number;
  readonly #silentMs: number;
  #since: number | undefined;
  #lastAnswer = performance.now();
  readonly #timer: NodeJS.Timeout | undefined;

  /** @param silentMs how long records may wait without any acknowledgement before that is an outage. */
  constructor(hooks: HookCaller, inFlight: () => number, silentMs: number) {
    this.#hooks = hooks;
    this.#inFlight = inFlight;
    this.#silentMs = silentMs;
    if (hooks.wants("onOutage")) this.#timer = setInterval(() => this.#look(), LOOK_MS).unref();
  }

  /** Reports came in. */
  answered(taken: boolean): void {
    if (!taken) return;
    this.#lastAnswer = performance.now();
    if (this.#since === undefined) return;
    const since = this.#since;
    this.#since = undefined;
    this.#hooks.call("onOutage", { what: "brokers", over: true, since });
  }

  /** No broker can be reached. */
  down(error: unknown): void {
    if (this.#since !== undefined) return;
    this.#since = Date.now();
    this.#hooks.call("onOutage", { what: "brokers", over: false, since: this.#since, error });
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const count = this.#inFlight();
    const now = performance.now();
    if (count === 0) this.#lastAnswer = now;
    const ms = Math.round(now - this.#lastAnswer);
    if (ms < this.#silentMs) return;
    this.down(kafkaErrors.create("KAFKA_NO_ACKNOWLEDGEMENT", { ms, count }));
  }
}
