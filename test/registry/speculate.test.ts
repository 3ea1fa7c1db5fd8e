import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { decideBatch } from "../../src/registry/commands/batch.ts";
import { planRegistration } from "../../src/registry/commands/plan.ts";
import { speculate } from "../../src/registry/commands/speculate.ts";
import { applyRecord } from "../../src/registry/state/apply.ts";
import { dumpState } from "../../src/registry/state/dump.ts";
import { createSchemaTools } from "../../src/registry/state/schemas.ts";
import type { State } from "../../src/registry/state/state.ts";
import { DEFAULT_SETTINGS } from "../../src/registry/state/world.ts";
import { createMemoryLog } from "../../src/store/index.ts";
import { readAll } from "../store/log-contract.ts";
import { fold } from "./compacted.ts";
import type { Step } from "./histories.ts";
import { answers, batchItems, history, play, serviceOn } from "./histories.ts";
import { foreignRecords } from "./record-arbitraries.ts";
import { nodesOf, walkState } from "./walk.ts";

/** Everything about a state, and the very objects that it is made of. */
function seen(state: State) {
  const { end, remakes, undo } = state;
  return {
    dump: dumpState(state),
    walk: walkState(state, { ranked: true }),
    beside: { end, remakes, undo },
    nodes: nodesOf(state),
  };
}

function expectUnchanged(state: State, before: ReturnType<typeof seen>): void {
  const after = seen(state);
  expect(after.dump).toEqual(before.dump);
  expect(after.walk).toEqual(before.walk);
  expect(after.beside).toEqual(before.beside);
  const replaced = [...before.nodes].filter(([label, node]) => after.nodes.get(label) !== node);
  expect(replaced.map(([label]) => label)).toEqual([]);
}

async function stateAfter(steps: readonly Step[]): Promise<State> {
  const log = createMemoryLog({ clock: () => 7 });
  const service = await serviceOn(log);
  for (const one of steps) await play(service, one);
  return fold(await readAll(log));
}

describe("what is decided and not written", () => {
  test.prop([history, batchItems, fc.boolean()], { numRuns: 40 })(
    "a batch, dry or not, leaves the state as it is until its records come from the log",
    async (steps, items, dryRun) => {
      const state = await stateAfter(steps);
      const before = seen(state);
      const world = { state, settings: DEFAULT_SETTINGS, schemas: createSchemaTools() };
      decideBatch(world, { items, dryRun, subjectOf: (name) => name, now: 9 });
      for (const { subject, body } of items) {
        const command = {
          subject,
          body,
          normalize: false,
          force: true,
          ifMatch: undefined,
          now: 9,
        };
        planRegistration(world, command);
      }
      expectUnchanged(state, before);
    },
  );

  test.prop([foreignRecords, foreignRecords], { numRuns: 80 })(
    "records of any kind are taken back, one speculation inside another",
    (records, speculated) => {
      const state = fold(records);
      const before = seen(state);
      speculate(state, (outer) => {
        outer.apply(speculated);
        const between = seen(state);
        speculate(state, (inner) => inner.apply(speculated.toReversed()));
        expectUnchanged(state, between);
      });
      expectUnchanged(state, before);
    },
  );

  test("a decision that throws leaves the state as it is", () => {
    const state = fold([]);
    const before = seen(state);
    const key = `{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}`;
    const fails = () =>
      speculate(state, ({ apply }) => {
        apply([{ key, value: JSON.stringify({ id: 1, schema: `"int"` }) }]);
        throw new Error("no");
      });
    expect(fails).toThrow("no");
    expectUnchanged(state, before);
  });

  test.prop([history, batchItems], { numRuns: 30 })(
    "a dry run changes no answer, and keeps what is remembered of answers",
    async (steps, items) => {
      const log = createMemoryLog({ clock: () => 7 });
      const service = await serviceOn(log);
      for (const one of steps) await play(service, one);
      const hot = () => [1, 2, 3, 5].map((id) => service.hot.schemaById(id));
      const [before, hotBefore, end] = [await answers(service), hot(), log.end];
      await service.batch(items, { dryRun: true });
      expect(await answers(service)).toEqual(before);
      for (const [index, answer] of hot().entries()) expect(answer).toBe(hotBefore[index]);
      expect(log.end).toBe(end);
    },
  );
});

test("what a speculation applies is seen inside it", () => {
  const state = fold([]);
  const key = `{"keytype":"CONFIG","subject":"s","magic":0}`;
  const inside = speculate(state, ({ apply }) => {
    apply([{ key, value: `{"alias":"t"}` }]);
    return [state.configs.get("s")?.alias, [...(state.aliases.get("t") ?? [])]];
  });
  expect(inside).toEqual(["t", ["s"]]);
  applyRecord(state, { key, value: `{"alias":"u"}`, offset: 0, timestamp: 0 });
  expect([...state.aliases.keys()]).toEqual(["u"]);
});
