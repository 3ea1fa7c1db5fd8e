import { expect, test } from "vitest";
import { FindingList, found, shownFindings } from "../../src/avro/findings.ts";

/** Each finding's texts come to its message and one character of location. */
function shown(count: number, messageChars: number) {
  const list = new FindingList(count);
  const message = "m".repeat(messageChars);
  for (let n = 0; n < count; n++) list.add(found("TYPE_MISMATCH", undefined, () => message));
  return shownFindings(list.all);
}

test.each([
  { count: 200, messageChars: 100, told: 200 },
  { count: 201, messageChars: 100, told: 200 },
  { count: 25, messageChars: 9_999, told: 25 },
  { count: 26, messageChars: 9_999, told: 25 },
  { count: 26, messageChars: 10_001, told: 24 },
])("of $count findings of $messageChars characters $told are told", (row) => {
  const found = shown(row.count, row.messageChars);
  expect(found.filter(({ type }) => type === "TYPE_MISMATCH")).toHaveLength(row.told);
  const rest = row.told === row.count ? [] : [found.at(-1)?.type];
  expect(found.slice(row.told).map(({ type }) => type)).toEqual(rest);
  expect(rest).toEqual(row.told === row.count ? [] : ["MORE_FINDINGS"]);
});
