import { fc, test } from "@fast-check/vitest";
import { describe, test as example, expect } from "vitest";
import type { StoredRecord } from "../../src/registry/index.ts";
import { dumpState } from "../../src/registry/state/dump.ts";
import { createMemoryLog } from "../../src/store/index.ts";
import { readAll } from "../store/log-contract.ts";
import { fold } from "./compacted.ts";
import type { Step } from "./histories.ts";
import { answers, followUp, history, play, serviceOn } from "./histories.ts";
import { foreignRecords } from "./record-arbitraries.ts";
import { BESIDES, nodesOf, walkState } from "./walk.ts";

/** A change of a log: which record, and what happens to it. */
const change = fc.record({
  at: fc.nat(),
  to: fc.nat(),
  how: fc.constantFrom("drop", "repeat", "swap", "delete", "revive", "text", "number", "time"),
});

/** The log with one record changed; offsets stay where they are. */
function changed(
  records: readonly StoredRecord[],
  { at, to, how }: typeof change extends fc.Arbitrary<infer T> ? T : never,
): StoredRecord[] {
  const record = records[at % records.length];
  const other = records[to % records.length];
  if (record === undefined || other === undefined) return [...records];
  const place = ({ key, value }: StoredRecord, { offset, timestamp }: StoredRecord) => ({
    key,
    value,
    offset,
    timestamp,
  });
  const edited = (edit: (value: string) => string) =>
    records.map((one) =>
      one === record && one.value !== null ? { ...one, value: edit(one.value) } : one,
    );
  switch (how) {
    case "drop":
      return records.filter((one) => one !== record);
    case "repeat":
      return [...records, { ...record, offset: (records.at(-1)?.offset ?? 0) + 1 }];
    case "swap":
      return records.map((one) =>
        one === record ? place(other, record) : one === other ? place(record, other) : one,
      );
    case "delete":
      return records.map((one) => (one === record ? { ...one, value: null } : one));
    case "revive":
      return edited((value) => value.replace(`"deleted":true`, `"deleted":false`));
    case "text":
      return edited((value) => value.replace(/p(?=\\*":1)/, "r"));
    case "number":
      return edited((value) => value.replace(/"(id|version|maxId)":(\d)/, `"$1":${1 + (to % 3)}`));
    case "time":
      return edited((value) => value.replace(/"ts":7/, `"ts":8`));
  }
}

async function logOf(steps: readonly Step[]): Promise<StoredRecord[]> {
  const log = createMemoryLog({ clock: () => 7 });
  const service = await serviceOn(log);
  for (const one of steps) await play(service, one);
  return readAll(log);
}

/** All answers before, between and after steps, and what is written. */
async function outcomes(records: readonly StoredRecord[], steps: readonly Step[]) {
  const log = createMemoryLog({ records, clock: () => 7 });
  const service = await serviceOn(log);
  const before = await answers(service);
  const played: unknown[] = [];
  for (const one of steps) played.push(await play(service, one));
  const written = (await readAll(log)).slice(records.length).map(({ key, value }) => [key, value]);
  return { before, played, written, after: await answers(service) };
}

/** Two logs: what differs in the states shows in the dumps, and nothing else does. */
function expectSameView(one: readonly StoredRecord[], other: readonly StoredRecord[]): boolean {
  const [left, right] = [fold(one), fold(other)];
  const isSame = (view: (state: typeof left) => string[]): boolean =>
    JSON.stringify(view(left)) === JSON.stringify(view(right));
  const sameDump = isSame(dumpState);
  if (!isSame((state) => walkState(state, { ranked: false }))) expect(sameDump).toBe(false);
  if (isSame((state) => walkState(state, { ranked: true }))) expect(sameDump).toBe(true);
  return sameDump;
}

describe("the dump shows all that a later answer depends on", () => {
  test.prop([history, fc.array(change, { minLength: 1, maxLength: 2 }), followUp], {
    numRuns: 40,
  })(
    "a log that was changed has another dump, or the same answers and decisions for ever",
    async (steps, changes, later) => {
      const records = await logOf(steps);
      const other = changes.reduce<StoredRecord[]>(changed, records);
      if (!expectSameView(records, other)) return;
      const ends = (all: readonly StoredRecord[]) => (all.at(-1)?.offset ?? -1) + 1;
      fc.pre(ends(records) >= 0);
      expect(await outcomes(other, later)).toEqual(await outcomes(records, later));
    },
  );

  test.prop([foreignRecords, fc.array(change, { minLength: 1, maxLength: 2 })], { numRuns: 150 })(
    "whoever wrote the log",
    (records, changes) => {
      expectSameView(records, changes.reduce<StoredRecord[]>(changed, records));
    },
  );

  const line = (subject: string, members: object, offset: number): StoredRecord => ({
    key: `{"keytype":"SCHEMA","subject":"${subject}","version":1,"magic":1}`,
    value: JSON.stringify({ id: 1, schema: `"int"`, ts: 1, ...members }),
    offset,
    timestamp: 1,
  });
  const variant = (schemaType: string) => ({ schemaType });
  const rival = (schema: string) => ({ schema });

  example.each<[string, readonly object[]]>([
    ["say one content differently", [variant("AVRO"), variant("JSON"), variant("PROTOBUF")]],
    ["give one id to different contents", [rival(`"int"`), rival(`"long"`), rival(`"float"`)]],
  ])("the order of records that %s: it says what counts when the first one goes", (_, said) => {
    const [first, second, third] = said.map(
      (members, index) => ["abc"[index] ?? "", members] as const,
    );
    if (first === undefined || second === undefined || third === undefined)
      throw new Error("three");
    const log = (order: readonly (readonly [string, object])[]) =>
      order.map(([subject, members], offset) => line(subject, members, offset));
    const [one, other] = [log([first, second, third]), log([first, third, second])];
    expect(dumpState(fold(one))).not.toEqual(dumpState(fold(other)));
    const gone = { key: one[0]?.key ?? "", value: null, offset: 9, timestamp: 1 };
    const left = (records: readonly StoredRecord[]) =>
      fold([...records, gone])
        .contexts.get(".")
        ?.byId.get(1);
    expect(left(one)?.uses[0]?.subject.name).toBe("b");
    expect(
      [left(one)?.content, left(other)?.content].map((content) => [
        content?.schemaType,
        content?.text,
      ]),
    ).toEqual(
      [second, third].map(([, members]) => {
        const { schemaType, schema } = { schemaType: "AVRO", schema: `"int"`, ...members };
        return [schemaType, schema];
      }),
    );
  });

  // Whoever adds a member shows it in the dump (or says here why it need not be), and then lists it.
  const members: Readonly<Record<string, readonly string[]>> = {
    state: [
      "aliases",
      "cleared",
      "clears",
      "configs",
      "contexts",
      "counts",
      "guids",
      "modes",
      "names",
      "originals",
      "referrers",
      "rivals",
      "spellings",
      "subjects",
      "watermarks",
      ...BESIDES,
    ],
    context: ["byGuid", "byId", "declared", "markedId", "maxId", "name", "rivals", "subjects"],
    content: [
      "context",
      "guid",
      "ids",
      "metadata",
      "references",
      "ruleSet",
      "schemaType",
      "text",
      "variants",
    ],
    id: ["content", "id", "uses"],
    subject: ["context", "live", "name", "shortName", "versions"],
    version: ["deleted", "deletedAlone", "entry", "offset", "subject", "ts", "variant", "version"],
  };

  test("and every member of the state is known to it", async () => {
    const state = fold(await logOf([{ do: "register", subject: "a", body: { schema: `"int"` } }]));
    const nodes: [string, object][] = [["state", state], ...nodesOf(state)];
    for (const [label, node] of nodes) {
      const kind = label.split(" ")[0] ?? "";
      expect(Object.keys(node).sort(), label).toEqual([...(members[kind] ?? [])].sort());
    }
    expect(new Set(nodes.map(([label]) => label.split(" ")[0]))).toEqual(
      new Set(Object.keys(members)),
    );
  });
});
