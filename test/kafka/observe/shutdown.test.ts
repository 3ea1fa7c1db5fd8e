import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import type { ShutdownOptions } from "../../../src/kafka/observe/index.ts";
import { stopOnSignals } from "../../../src/kafka/observe/index.ts";
import type { FakeClock } from "./fake-clock.ts";
import { fakeClock, settled } from "./fake-clock.ts";

interface Scene {
  readonly source: EventEmitter;
  readonly clock: FakeClock;
  readonly log: string[];
  readonly done: Promise<number>;
  readonly exits: number[];
  begin(reason?: unknown): void;
}

function scene(options: (log: string[], clock: FakeClock) => ShutdownOptions): Scene {
  const source = new EventEmitter();
  const clock = fakeClock();
  const log: string[] = [];
  const exits: number[] = [];
  const shutdown = stopOnSignals({
    source,
    clock,
    exit: (code) => exits.push(code),
    log: (message) => log.push(message),
    ...options(log, clock),
  });
  return { source, clock, log, exits, ...shutdown };
}

const closing = (
  name: string,
  log: string[],
  work: () => Promise<unknown> = async () => undefined,
) => ({
  async close(): Promise<void> {
    log.push(`${name} begins`);
    await work();
    log.push(`${name} ends`);
  },
});

test("consumers end before producers, and those before the rest", async () => {
  const { source, log, done, exits } = scene((told) => ({
    consumers: [closing("a", told), closing("b", told)],
    producers: [closing("p", told)],
    after: () => told.push("the rest"),
  }));
  source.emit("SIGTERM");
  expect(await done).toBe(0);
  expect(log).toEqual([
    "stopping",
    "a begins",
    "b begins",
    "a ends",
    "b ends",
    "p begins",
    "p ends",
    "the rest",
  ]);
  expect(exits).toEqual([0]);
  expect(source.listenerCount("SIGTERM") + source.listenerCount("SIGINT")).toBe(0);
});

test("a client that fails to close gives 1, and the others are closed all the same", async () => {
  const { source, log, done } = scene((told) => ({
    consumers: [closing("a", told, () => Promise.reject(new Error("no"))), closing("b", told)],
    producers: [closing("p", told)],
  }));
  source.emit("SIGINT");
  expect(await done).toBe(1);
  expect(log).toContain("b ends");
  expect(log).toContain("p ends");
  expect(log).toContain("consumers failed to close");
});

test("the deadline is one for all stages: what is late gives 2", async () => {
  const timeouts: number[] = [];
  const { source, clock, log, done } = scene((told, fake) => ({
    timeoutMs: 1_000,
    consumers: [
      closing("a", told, () => new Promise<void>((resolve) => fake.after(700, () => resolve()))),
    ],
    producers: [
      {
        close({ timeoutMs }) {
          timeouts.push(timeoutMs);
          return new Promise(() => undefined);
        },
      },
    ],
    after: () => told.push("the rest"),
  }));
  source.emit("SIGTERM");
  await settled();
  clock.advance(700);
  await settled();
  expect(timeouts).toEqual([300]);
  clock.advance(300);
  expect(await done).toBe(2);
  expect(log).toContain("producers did not finish within 1000 ms");
  expect(log).toContain("the rest");
});

test("a second signal ends at once", async () => {
  const { source, done, exits } = scene(() => ({
    consumers: [{ close: () => new Promise(() => undefined) }],
  }));
  source.emit("SIGTERM");
  source.emit("SIGINT");
  expect(await done).toBe(2);
  expect(exits).toEqual([2]);
});

test("a failed run closes everything and gives 1", async () => {
  const { begin, done, log } = scene((told) => ({ producers: [closing("p", told)] }));
  begin(new Error("run failed"));
  begin(new Error("and again"));
  expect(await done).toBe(1);
  expect(log).toEqual(["stopping after a failure", "p begins", "p ends"]);
});

test("without `exit` the code of the process is set, and nothing is ended", async () => {
  const source = new EventEmitter();
  const before = process.exitCode;
  const { done } = stopOnSignals({ source });
  source.emit("SIGTERM");
  try {
    expect(await done).toBe(0);
    expect(process.exitCode).toBe(0);
  } finally {
    process.exitCode = before;
  }
});

test.each([
  ["a list in place of options", [{ close: async () => undefined }]],
  ["a consumer that is in no list", { consumers: { close: async () => undefined } }],
  ["what cannot be closed", { producers: [{}] }],
  ["a time that is none", { timeoutMs: Number.NaN }],
])("refuses %s at once, not at the end", (_what, options) => {
  const source = new EventEmitter();
  const given = Object.assign(options, { source }) as unknown as ShutdownOptions;
  expect(() => stopOnSignals(given)).toThrow(
    expect.objectContaining({ code: "KAFKA_OPTION_INVALID" }),
  );
  expect(source.eventNames()).toEqual([]);
});
