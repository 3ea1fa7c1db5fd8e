import { expect, test } from "vitest";
import { createRegistryService } from "../../src/registry/index.ts";
import { createMemoryLog } from "../../src/store/index.ts";

/** What `verify` says of a log with one record. */
async function verified(key: string, value: string | null) {
  const log = createMemoryLog({ records: [{ offset: 7, timestamp: 1, key, value }] });
  const { problems, notes } = await (await createRegistryService({ log, clock: () => 1 })).verify();
  return { problems: problems.map(({ problem }) => problem), notes: notes ?? [] };
}

const unread = (text: string) => ({
  problems: [`The record at offset 7 is not understood: ${text}`],
  notes: [],
});
const schemaKey = '{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}';

test.each([
  ["a key that is no JSON", '{"keytype":"SCHEM', "{}", "its key is no JSON object"],
  ["a key that is a list", "[]", "{}", "its key is no JSON object"],
  ["a key that is null", "null", "{}", "its key is no JSON object"],
  ["a key without its type", '{"subject":"s"}', "{}", "its key has no keytype"],
  ["a value that is no JSON", schemaKey, "{", "its value is no JSON object"],
  ["a value without its schema", schemaKey, '{"id":1}', "its value has no text of a schema"],
  [
    "a mode without a mode",
    '{"keytype":"MODE","subject":null,"magic":0}',
    "{}",
    "the mode (none) of its value can't be used",
  ],
  [
    "a key of ours that is not known",
    '{"keytype":"TYPEWIRE_IDZ","context":".","magic":0}',
    '{"maxId":4}',
    'this version does not know the key type "TYPEWIRE_IDZ"',
  ],
])("%s is a problem", async (_, key, value, text) => {
  expect(await verified(key, value)).toEqual(unread(text));
});

test.each([
  ["a mark of the end", '{"keytype":"NOOP","magic":0}', null, []],
  [
    "a record that lost its race",
    '{"keytype":"SCHEMA","subject":"s","version":1,"magic":1,"seq":3,"node":1}',
    "{",
    [],
  ],
  [
    "a type of another registry",
    '{"keytype":"ENCRYPTION","magic":0}',
    "{}",
    ['1 of the records have the key type "ENCRYPTION", which this registry does not use'],
  ],
])("%s is none", async (_, key, value, notes) => {
  expect(await verified(key, value)).toEqual({ problems: [], notes });
});

test("of very many the first hundred are told", async () => {
  const records = Array.from({ length: 130 }, (_, offset) => ({
    offset,
    timestamp: 1,
    key: "{",
    value: null,
  }));
  const log = createMemoryLog({ records });
  const { problems } = await (await createRegistryService({ log, clock: () => 1 })).verify();
  expect(problems).toHaveLength(101);
  expect(problems.at(-1)).toEqual({ problem: "30 more records like these are not understood" });
});
