import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import type { StoredRecord } from "../../src/registry/index.ts";
import { applyRecord } from "../../src/registry/state/apply.ts";
import { dumpState } from "../../src/registry/state/dump.ts";
import { createState } from "../../src/registry/state/state.ts";

const keyMember = fc.oneof(
  fc.constantFrom("SCHEMA", "CONFIG", "MODE", "DELETE_SUBJECT", "CLEAR_SUBJECT", "CONTEXT"),
  fc.constantFrom("TYPEWIRE_IDS", "TYPEWIRE_ORIGINAL", "NOOP"),
);
const subject = fc.constantFrom("s", ":.x:s", ":.x:", ":.:", "", null, 7, "__proto__");
const version = fc.constantFrom(1, 2, -1, 0, 2 ** 40, "1", null);
const key = fc
  .record({ keytype: keyMember, subject, context: subject, version, magic: fc.constantFrom(0, 1) })
  .map((members) => JSON.stringify(members));
const value = fc.oneof(
  fc.constantFrom(null, "", "{", "[]", "null"),
  fc
    .record(
      {
        id: fc.constantFrom(1, 2, -5, "1", null),
        schema: fc.constantFrom(`"int"`, `"long"`, "{", 7),
        version,
        maxId: fc.constantFrom(3, "x"),
        mode: fc.constantFrom("IMPORT", 7),
        alias: fc.constantFrom("t", 7),
        deleted: fc.boolean(),
        metadata: fc.jsonValue(),
        ruleSet: fc.jsonValue(),
        references: fc.oneof(
          fc.jsonValue(),
          fc.constant([{ name: "n", subject: "s", version: 2 ** 40 }]),
          fc.constant([{ name: "n", subject: "s", version: 1 }]),
        ),
      },
      { requiredKeys: [] },
    )
    .map((members) => JSON.stringify(members)),
);

test.prop([fc.array(fc.tuple(key, value), { maxLength: 60 })], { numRuns: 300 })(
  "the fold takes any records, and the same records give the same state",
  (lines) => {
    const records: StoredRecord[] = lines.map(([one, other], offset) => ({
      key: one,
      value: other,
      offset,
      timestamp: 1,
    }));
    const [first, second] = [createState(), createState()];
    for (const record of records) applyRecord(first, record);
    for (const record of records) applyRecord(second, record);
    expect(dumpState(second)).toEqual(dumpState(first));
    expect(first.names.size).toBe(first.subjects.size);
    const versions = [...first.subjects.values()].flatMap((one) => one.versions);
    expect(first.counts.live + first.counts.deleted).toBe(versions.length);
    for (const one of versions) expect(one.entry.uses).toContain(one);
  },
);

test("a record that is written again comes after another one of its id, which holds it from then on", () => {
  const line = (offset: number, name: string, schema: string, deleted: boolean): StoredRecord => ({
    key: JSON.stringify({ keytype: "SCHEMA", subject: name, version: 1, magic: 1 }),
    value: JSON.stringify({ subject: name, version: 1, id: 5, schema, deleted }),
    offset,
    timestamp: 1,
  });
  const first = line(0, "s", '"int"', false);
  const [other, again] = [line(1, "t", '"long"', false), line(2, "s", '"int"', true)];
  const [whole, compacted] = [createState(), createState()];
  for (const record of [first, other, again]) applyRecord(whole, record);
  for (const record of [other, again]) applyRecord(compacted, record);
  expect(dumpState(whole)).toEqual(dumpState(compacted));
  expect(whole.contexts.get(".")?.byId.get(5)?.content.text).toBe('"long"');
});
