/** Records of any registry: sound ones that contradict each other, in several spellings, and nonsense. */
import { fc } from "@fast-check/vitest";
import type { StoredRecord } from "../../src/registry/index.ts";

const subject = fc.constantFrom("s", "s", "t", ":.x:s");
const version = fc.constantFrom(1, 2, 3);
const id = fc.constantFrom(1, 1, 2, 3);
const text = fc.constantFrom(`"int"`, `"long"`);

interface Line {
  readonly key: string;
  readonly value: string | null;
}

// The same key as compaction and as a registry sees it: other member orders are other keys.
const schemaKey = fc
  .tuple(subject, version, fc.constantFrom(0, 0, 0, 1, 2))
  .map(([name, number, spelling]) => {
    const [head, tail] = [`"subject":${JSON.stringify(name)}`, `"version":${number}`];
    if (spelling === 0) return `{"keytype":"SCHEMA",${head},${tail},"magic":1}`;
    if (spelling === 1) return `{"keytype":"SCHEMA",${head},${tail},"magic":0}`;
    return `{"magic":1,${tail},${head},"keytype":"SCHEMA"}`;
  });
// Of one hash: an md5 that says so, whatever the rest is.
const schemaValue = fc
  .record(
    {
      id,
      schema: text,
      deleted: fc.boolean(),
      ts: fc.constantFrom(1, 2),
      schemaType: fc.constantFrom("AVRO", "JSON"),
      md5: fc.constantFrom("FvHspev5IrPagCEvj6c0Lg=="),
      references: fc.constant([{ name: "n", subject: "s", version: 1 }]),
    },
    { requiredKeys: ["id", "schema"] },
  )
  .map((members) => JSON.stringify(members));
const gone = fc.constantFrom(null, null, null, "", "nonsense", `{"id":0,"schema":"{}"}`);
const schema: fc.Arbitrary<Line> = fc.record({
  key: schemaKey,
  value: fc.oneof({ weight: 4, arbitrary: schemaValue }, { weight: 1, arbitrary: gone }),
});
const scope = fc.constantFrom(
  "",
  `"subject":null,`,
  `"subject":"s",`,
  `"subject":":.x:s",`,
  `"subject":":.x:",`,
);
const scoped = (keytype: string, value: fc.Arbitrary<string | null>): fc.Arbitrary<Line> =>
  fc.record({ key: scope.map((name) => `{"keytype":"${keytype}",${name}"magic":0}`), value });
const orGone = (value: fc.Arbitrary<string>) =>
  fc.oneof(
    { weight: 3, arbitrary: value as fc.Arbitrary<string | null> },
    { weight: 1, arbitrary: gone },
  );
const other: fc.Arbitrary<Line> = fc.oneof(
  scoped("CONFIG", orGone(fc.constantFrom(`{"alias":"t"}`, `{"compatibilityLevel":"FULL"}`))),
  scoped("MODE", orGone(fc.constantFrom(`{"mode":"IMPORT"}`, `{"mode":"READONLY"}`))),
  scoped("CLEAR_SUBJECT", orGone(fc.constant("{}"))),
  fc.record({
    key: subject.map(
      (name) => `{"keytype":"DELETE_SUBJECT","subject":${JSON.stringify(name)},"magic":0}`,
    ),
    value: orGone(version.map((number) => `{"version":${number}}`)),
  }),
  fc.record({
    key: fc
      .constantFrom(".", ".x", ".y")
      .map((name) => `{"keytype":"CONTEXT","context":"${name}"}`),
    value: orGone(fc.constant("{}")),
  }),
  fc.record({
    key: fc
      .constantFrom(".", ".x")
      .map((name) => `{"keytype":"TYPEWIRE_IDS","context":"${name}","magic":0}`),
    value: orGone(fc.constantFrom(3, 1, 2 ** 31).map((maxId) => JSON.stringify({ maxId }))),
  }),
  fc.record({
    key: fc
      .tuple(subject, version)
      .map(([name, number]) =>
        JSON.stringify({ keytype: "TYPEWIRE_ORIGINAL", subject: name, version: number, magic: 0 }),
      ),
    value: orGone(text.map((original) => JSON.stringify({ schema: ` ${original}` }))),
  }),
);

/** A log; offsets have gaps. */
export const foreignRecords: fc.Arbitrary<StoredRecord[]> = fc
  .array(fc.oneof({ weight: 3, arbitrary: schema }, { weight: 2, arbitrary: other }), {
    maxLength: 40,
  })
  .map((lines) => lines.map((line, index) => ({ ...line, offset: 2 * index, timestamp: index })));
