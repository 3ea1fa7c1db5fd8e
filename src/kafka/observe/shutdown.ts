/**
 * Ending a service in order: on the first signal consumers finish what is in hand, commit and leave;
 * then producers deliver what they hold; all of it by one deadline.
 *
 * Exit codes: 0 all was finished; 1 a client failed; 2 the deadline passed, or a second signal came.
 */
import type { Clock } from "../contract/index.ts";
import { checkKafka, Deadline, processClock, SHUTDOWN, TOO_LATE } from "../contract/index.ts";

/** What can be closed by a deadline: consumers, producers, servers. */
export interface Closable {
  close(options: { readonly timeoutMs: number }): Promise<unknown>;
}

/** How to end. */
export interface ShutdownOptions {
  /** Closed first, side by side. */
  readonly consumers?: readonly Closable[];
  /** Closed when the consumers are, side by side; what handlers sent is delivered by then. */
  readonly producers?: readonly Closable[];
  /** What else to do at the end: close a pool, a server. */
  readonly after?: () => Promise<unknown> | unknown;
  /** For everything together, in milliseconds. Default 25,000: under the 30 s of Kubernetes. */
  readonly timeoutMs?: number;
  /** Default SIGTERM and SIGINT. */
  readonly signals?: readonly NodeJS.Signals[];
  /**
   * Called with the exit code at the end. Default: `process.exitCode` is set and the process ends by
   * itself when nothing holds it; give `process.exit` where something may.
   */
  readonly exit?: (code: number) => void;
  /** Told what happens: a signal came, what was left over. */
  readonly log?: (message: string, error?: unknown) => void;
  /** Where signals come from; for tests. Default the process. */
  readonly source?: SignalSource;
  /** For tests. */
  readonly clock?: Clock;
}

/** Where signals come from. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  removeListener(signal: NodeJS.Signals, listener: () => void): unknown;
}

/** A shutdown that waits for its signal. */
export interface Shutdown {
  /** Begins without a signal, for example when a `run` failed. */
  begin(reason?: unknown): void;
  /** Resolves with the exit code when all is over. */
  readonly done: Promise<number>;
}

const TIMEOUT_MS = 25_000;
const FINISHED = 0;
const FAILED = 1;
const FORCED = 2;

/**
 * Ends the clients in order when the process is told to stop.
 *
 * @throws KAFKA_OPTION_INVALID
 *
 * @example
 * ```ts
 * import { createConsumer, stopOnSignals } from "typewire/kafka";
 * import { orders } from "./generated/orders.js";
 *
 * const consumer = await createConsumer({
 *   brokers: ["localhost:9092"],
 *   registry: "http://localhost:8081",
 *   group: "billing",
 *   topics: [orders],
 *   from: "earliest",
 * });
 * const shutdown = stopOnSignals({ consumers: [consumer], exit: process.exit });
 * consumer.run((message) => console.log(message.value.orderId)).catch(shutdown.begin);
 * ```
 */
export function stopOnSignals(options: ShutdownOptions = {}): Shutdown {
  checkKafka(SHUTDOWN, options);
  const { signals = ["SIGTERM", "SIGINT"], source = process, log = () => undefined } = options;
  let begun = false;
  let force = (): void => undefined;
  const forced = new Promise<number>((resolve) => {
    force = () => resolve(FORCED);
  });
  let settle = (_code: number): void => undefined;
  const done = new Promise<number>((resolve) => {
    settle = resolve;
  });
  const begin = (reason?: unknown): void => {
    if (begun) return;
    begun = true;
    if (reason !== undefined) log("stopping after a failure", reason);
    void Promise.race([forced, closeAll(options, log)]).then((code) => {
      for (const signal of signals) source.removeListener(signal, onSignal);
      const worst = reason === undefined ? code : Math.max(code, FAILED);
      settle(worst);
      (options.exit ?? setExitCode)(worst);
    });
  };
  const onSignal = (): void => {
    if (begun) {
      log("a second signal: stopping at once");
      force();
      return;
    }
    log("stopping");
    begin();
  };
  for (const signal of signals) source.on(signal, onSignal);
  return { begin, done };
}

function setExitCode(code: number): void {
  process.exitCode = code;
}

/** Closes everything in order. What is late does not keep what follows from being told. */
async function closeAll(
  {
    consumers = [],
    producers = [],
    after,
    timeoutMs = TIMEOUT_MS,
    clock = processClock,
  }: ShutdownOptions,
  log: NonNullable<ShutdownOptions["log"]>,
): Promise<number> {
  const deadline = Deadline.after(timeoutMs, clock);
  let code = FINISHED;
  const stages: readonly (readonly [string, () => Promise<unknown>])[] = [
    ["consumers", () => closeEach(consumers, deadline)],
    ["producers", () => closeEach(producers, deadline)],
    ["the rest", async () => after?.()],
  ];
  for (const [name, close] of stages) {
    try {
      if ((await deadline.race(close())) !== TOO_LATE) continue;
      log(`${name} did not finish within ${timeoutMs} ms`);
      code = FORCED;
    } catch (error) {
      log(`${name} failed to close`, error);
      code = Math.max(code, FAILED);
    }
  }
  return code;
}

/** Waits for all of them, and then tells the first failure. */
async function closeEach(closables: readonly Closable[], deadline: Deadline): Promise<void> {
  const results = await Promise.allSettled(
    closables.map((one) => one.close({ timeoutMs: Math.max(1, Math.floor(deadline.leftMs)) })),
  );
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}
