/** A log and what compaction leaves of it are one state. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect, test as plainTest } from "vitest";
import type { StoredRecord } from "../../src/registry/index.ts";
import { createRegistryService } from "../../src/registry/index.ts";
import { dumpState } from "../../src/registry/state/dump.ts";
import { createMemoryLog } from "../../src/store/index.ts";
import { readAll } from "../store/log-contract.ts";
import { compacted, fold } from "./compacted.ts";
import type { Step } from "./histories.ts";
import { answers, followUp, history, play, serviceOn } from "./histories.ts";
import { foreignRecords } from "./record-arbitraries.ts";

const compaction = fc.record({
  cut: fc.constantFrom(100, 100, 80, 60, 40, 20),
  forgets: fc.oneof(fc.constant([]), fc.constant([true]), fc.array(fc.boolean(), { minLength: 3 })),
});

/** What becomes of steps on a log: answers of all kinds, and the records that were written. */
async function outcomes(records: readonly StoredRecord[], steps: readonly Step[]) {
  const log = createMemoryLog({ records, clock: () => 7 });
  const service = await serviceOn(log);
  const before = await answers(service);
  const played: unknown[] = [];
  for (const one of steps) played.push([one, await play(service, one)]);
  const end = (records.at(-1)?.offset ?? -1) + 1;
  const written = (await readAll(log)).filter(({ offset }) => offset >= end);
  const lines = written.map(({ key, value }) => [key, value]);
  return { before, played, written: lines, after: await answers(service) };
}

describe("a log and what compaction left of it", () => {
  test.prop([history, compaction, followUp], { numRuns: 40 })(
    "are one state, with the same answers and decisions from then on",
    async (steps, how, later) => {
      const log = createMemoryLog({ clock: () => 7 });
      const service = await serviceOn(log);
      for (const one of steps) await play(service, one);
      const full = await readAll(log);
      const left = compacted(full, how);
      expect(dumpState(fold(left))).toEqual(dumpState(fold(full)));
      expect(await outcomes(left, later)).toEqual(await outcomes(full, later));
    },
  );

  test.prop([foreignRecords, compaction], { numRuns: 150 })(
    "are one state, whoever wrote the records and whatever they say, but for the highest id",
    (full, how) => {
      const [whole, rest] = [fold(full), fold(compacted(full, how))];
      const lines = (state: typeof whole) =>
        dumpState(state).filter((line) => !line.startsWith("context "));
      expect(lines(rest)).toEqual(lines(whole));
      for (const { name, maxId } of rest.contexts.values()) {
        expect(whole.contexts.get(name)?.maxId).toBeGreaterThanOrEqual(maxId);
      }
    },
  );
});

/** Steps by a few words: `register s long id=5 version=2`, `delete s 1`, `delete s 1 permanent`, … */
function steps(lines: string): Step[] {
  return lines
    .trim()
    .split(/\s*[;\n]\s*/)
    .map(step);
}

function step(line: string): Step {
  const [verb, subject = "", ...rest] = line.split(" ");
  const permanent = rest.includes("permanent");
  const version = Number(rest[0]);
  switch (verb) {
    case "register": {
      const [type, ...numbers] = rest;
      const members = numbers.map((number) => number.split("="));
      const said = new Map(members.map(([name, value]) => [name, Number(value)]));
      const schema = `{ "type": "${type}" }`;
      const body = { schema, id: said.get("id") ?? null, version: said.get("version") ?? null };
      return { do: "register", subject, body };
    }
    case "import":
      return { do: "mode", scope: subject, mode: "IMPORT", force: true };
    case "delete":
      if (rest.length === 0 || Number.isNaN(version))
        return { do: "delete-all", subject, permanent };
      return { do: "delete", subject, version, permanent };
    case "undelete":
      return { do: "undelete", subject, version };
    default:
      throw new Error(`no such step: ${line}`);
  }
}

/** Every cut, with and without tombstones. */
const everyCompaction = Array.from({ length: 11 }, (_, index) => 10 * index).flatMap((cut) => [
  { cut, forgets: [] },
  { cut, forgets: [true] },
]);

describe("histories that arrival, once, had a part in", () => {
  plainTest.each<[string, string, string]>([
    [
      "a content with several ids, whose first one was written again",
      "import :.:; register a int id=5; register b int id=3; delete a 1; undelete a 1",
      "register c int; register c int id=5 version=2",
    ],
    [
      "uses of an id, in another order",
      "import :.:; register b int id=1; register a int id=1; register c int id=1; delete a 1; undelete a 1",
      "delete b 1; delete c 1; register a long id=2",
    ],
    [
      "a subject that was deleted twice, and in between once brought back in part",
      "register a int; register a long; register a double; delete a; undelete a 1; delete a",
      "register a long; undelete a 2",
    ],
    [
      "a subject that was deleted, and all that it had was removed, before it had the same again",
      "register a int; register a long; delete a; delete a permanent; register a int; register a long",
      "delete a 1; register a float",
    ],
    [
      "the highest id, removed for good",
      "register a int; register b long; delete b; delete b permanent",
      "register b double; register :.x:a int",
    ],
    [
      "a version that was imported again with another time",
      "import :.:; register a int id=4 version=2; delete a 2; register a int id=4 version=2",
      "register a long id=5",
    ],
    [
      "a version that was imported over another",
      "import :.:; register a int id=4 version=2; register a long id=9 version=2; register b long id=2",
      "register b int id=9; register b int id=4",
    ],
    [
      "soft-deleted twins that gave way",
      "register a int; delete a 1; register a int; delete a 2; register a long; register a int",
      "undelete a 2; register a float",
    ],
    [
      "an import that removed what was soft-deleted",
      "register a int; register a long; delete a; import a; register a float id=7 version=1",
      "register a int id=1; register a int id=8",
    ],
  ])("%s", async (_, lines, later) => {
    let now = 0;
    const log = createMemoryLog({ clock: () => 7 });
    const service = await createRegistryService({ log, clock: () => ++now });
    for (const one of steps(lines)) await play(service, one);
    const full = await readAll(log);
    const expected = await outcomes(full, steps(later));
    const refused = JSON.stringify(expected.played).match(/"refusal"/g)?.length ?? 0;
    expect(refused, "steps that do nothing").toBeLessThan(steps(later).length);
    for (const how of everyCompaction) {
      const left = compacted(full, how);
      expect(dumpState(fold(left)), JSON.stringify(how)).toEqual(dumpState(fold(full)));
      expect(await outcomes(left, steps(later)), JSON.stringify(how)).toEqual(expected);
    }
  });

  plainTest(
    "of several ids, the lowest is given; of several subjects, the first by name",
    async () => {
      const log = createMemoryLog();
      const service = await serviceOn(log);
      for (const one of steps(
        "import :.:; register b int id=5; register a int id=3; register c int id=5",
      )) {
        await play(service, one);
      }
      expect(await service.register("d", { schema: `"int"`, id: 9 }, {})).toMatchObject({ id: 9 });
      await service.updateMode(":.:", "READWRITE", {});
      expect(await service.register("e", { schema: `"int"` }, {})).toMatchObject({ id: 3 });
      expect(await service.schemaById(5, { subject: "zzz" })).toMatchObject({ subject: "b" });
    },
  );
});
