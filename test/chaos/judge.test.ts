/** The judge of the chaos finds every kind of fault in evidence that was tampered with. */
import { describe, expect, test } from "vitest";
import type { Evidence, Handled, Stored } from "./judge.mjs";
import { brokenPromises, judge } from "./judge.mjs";

function stored(offset: number, key: string, n: number, kind: Stored["kind"] = "good"): Stored {
  return { partition: 0, offset, key, n, kind };
}

/** Handled by process `a` at that time, for two ticks. */
function handled(offset: number, key: string, at: number, life = "a"): Handled {
  return { partition: 0, offset, key, life, from: BigInt(at), to: BigInt(at + 2) };
}

const CLEAN: Evidence = {
  acked: [
    { topic: "in", partition: 0, offset: 0, key: "k", n: 0 },
    { topic: "in", partition: 0, offset: 1, key: "l", n: 0 },
    { topic: "pipe", partition: 0, offset: 0, key: "k", n: 0 },
  ],
  stored: new Map([
    [
      "in",
      [
        stored(0, "k", 0),
        stored(1, "l", 0),
        stored(2, "k", 1, "fail"),
        stored(3, "k", 2, "poison"),
        stored(4, "k", 3),
      ],
    ],
    ["pipe", [stored(0, "k", 0), stored(1, "k", 1)]],
  ]),
  input: "in",
  pipelineInput: "pipe",
  // The last two are handled again by another process, after a crash.
  handled: [
    handled(0, "k", 0),
    handled(1, "l", 2),
    handled(4, "k", 4),
    handled(1, "l", 20, "b"),
    handled(4, "k", 22, "b"),
  ],
  gracefulUntil: 10n,
  order: "partition",
  dead: [
    { partition: 0, offset: 2, stage: "handler", at: 3n },
    { partition: 0, offset: 3, stage: "value", at: 3n },
    { partition: 0, offset: 3, stage: "schema", at: 24n },
  ],
  piped: [
    { partition: 0, offset: 1 },
    { partition: 0, offset: 0 },
  ],
};

function promisesBrokenBy(change: Partial<Evidence>): string[] {
  const verdict = judge({ ...CLEAN, ...change });
  return Object.entries(verdict).flatMap(([promise, found]) => (found.length > 0 ? promise : []));
}

test("evidence without a fault breaks no promise, replays after a crash included", () => {
  expect(promisesBrokenBy({})).toEqual([]);
  expect(promisesBrokenBy({ order: "key" })).toEqual([]);
  expect(brokenPromises(judge(CLEAN))).toEqual([]);
});

describe("a fault is found:", () => {
  const [first, second, third, ...again] = CLEAN.handled as [Handled, Handled, Handled];
  const input = CLEAN.stored.get("in") ?? [];
  const ack = { topic: "in", partition: 0, offset: 9, key: "k", n: 9 };
  const without = (topic: string, offset: number) =>
    new Map([
      ...CLEAN.stored,
      [topic, (CLEAN.stored.get(topic) ?? []).filter((record) => record.offset !== offset)],
    ]);

  test.each<[string, Partial<Evidence>, string[]]>([
    [
      "an acknowledgement without an offset",
      { acked: [{ ...ack, offset: -1 }] },
      ["an acknowledgement has an offset", "an acknowledged record is in its topic"],
    ],
    ["a record lost by the brokers", { acked: [ack] }, ["an acknowledged record is in its topic"]],
    [
      "another record where one was acknowledged",
      { acked: [{ ...ack, offset: 0 }] },
      ["an acknowledged record is in its topic"],
    ],
    [
      "a key stored out of order",
      {
        stored: new Map([...CLEAN.stored, ["pipe", [stored(0, "k", 1), stored(1, "k", 0)]]]),
        acked: [],
      },
      ["records of a key are stored in the order they were sent, once"],
    ],
    [
      "a record stored twice",
      {
        stored: new Map([...CLEAN.stored, ["pipe", [stored(0, "k", 1), stored(1, "k", 1)]]]),
        acked: [],
      },
      ["records of a key are stored in the order they were sent, once"],
    ],
    ["a record that nobody handled", { handled: [first, second] }, ["each record is handled"]],
    [
      "a poisonous record that was handled",
      { handled: [...CLEAN.handled, handled(3, "k", 30)] },
      ["only what can be handled is handled"],
    ],
    [
      "a later record before an earlier one",
      { handled: [second, { ...first, from: 5n, to: 6n }, third, ...again] },
      ["order is kept", "one at a time"],
    ],
    [
      "two of one lane at once",
      { handled: [first, { ...second, from: 1n }, third] },
      ["one at a time"],
    ],
    [
      "a record handled twice before anything was killed",
      { handled: [first, second, { ...second, life: "b", from: 4n, to: 5n }, third] },
      ["a graceful stop hands nothing out twice"],
    ],
    [
      "a failure that is no dead letter",
      { dead: CLEAN.dead.slice(1) },
      ["what fails is a dead letter"],
    ],
    [
      "a good record among the dead letters",
      { dead: [...CLEAN.dead, { partition: 0, offset: 0, stage: "handler", at: 3n }] },
      ["nothing else is a dead letter"],
    ],
    [
      "a dead letter with the wrong stage",
      { dead: [...CLEAN.dead, { partition: 0, offset: 2, stage: "schema", at: 3n }] },
      ["a dead letter names its stage"],
    ],
    ["an input without a result", { piped: CLEAN.piped.slice(1) }, ["each input has a result"]],
    [
      "a result of nothing",
      { stored: without("pipe", 1), acked: [] },
      ["each result has an input"],
    ],
    [
      "two results of one input",
      { piped: [...CLEAN.piped, { partition: 0, offset: 0 }] },
      ["no input has two results"],
    ],
  ])("%s", (_, change, promises) => {
    expect(input).toHaveLength(5);
    expect(promisesBrokenBy(change).sort()).toEqual([...promises].sort());
  });
});

test("with order by key, what is behind a record that is not done may come again, and only that", () => {
  const handledTwice = [...CLEAN.handled.slice(0, 3), handled(4, "k", 7, "b")];
  const at = (time: bigint) => CLEAN.dead.map((letter) => ({ ...letter, at: time }));
  const evidence: Partial<Evidence> = { handled: handledTwice };
  const promise = "a graceful stop hands nothing out twice";
  expect(promisesBrokenBy({ ...evidence, order: "key", dead: at(8n) })).toEqual([]);
  expect(promisesBrokenBy({ ...evidence, order: "key", dead: at(3n) })).toEqual([promise]);
  expect(promisesBrokenBy({ ...evidence, order: "partition", dead: at(8n) })).toEqual([promise]);
});

test("what was found is told with its first pieces of evidence", () => {
  const verdict = judge({ ...CLEAN, dead: [] });
  expect(brokenPromises(verdict)).toEqual(["what fails is a dead letter: 2 times not: 0@2; 0@3"]);
});
