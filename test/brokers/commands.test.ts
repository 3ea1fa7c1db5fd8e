import { describe, expect, test } from "vitest";
import { commandOf, statusLines } from "./commands.mjs";

describe("commands of `npm run kafka`", () => {
  test.each([
    ["stop 2", { kind: "stop", id: 2 }],
    ["  start   3 ", { kind: "start", id: 3 }],
    ["kill 1", { kind: "kill", id: 1 }],
    ["status", { kind: "status" }],
    ["", { kind: "nothing" }],
  ])("%j is understood", (line, command) => {
    expect(commandOf(line, 3)).toEqual(command);
  });

  test.each([
    ["stop", "stop which broker? They are 1, 2, 3."],
    ["start 4", "start which broker? They are 1, 2, 3."],
    ["kill 0", "kill which broker? They are 1, 2, 3."],
    ["stop two", "stop which broker? They are 1, 2, 3."],
    ["stop 2 3", '"stop 2 3" is none of: stop 2, kill 2, start 2, status'],
    ["halt", '"halt" is none of: stop 2, kill 2, start 2, status'],
  ])("%j is answered with what may be said", (line, answer) => {
    expect(commandOf(line, 3)).toEqual({ kind: "unclear", answer });
  });

  test("the status has a line for each broker", () => {
    const pidOf = (id: number): number | undefined => (id === 2 ? undefined : 40 + id);
    expect(statusLines({ brokers: ["h:1", "h:2"], pidOf })).toEqual([
      "broker 1 at h:1 runs (process 41)",
      "broker 2 at h:2 is stopped",
    ]);
  });
});
