import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { StoredRecord } from "../../src/registry/index.ts";
import type { ChainedRecord, Head } from "../../src/store/chain.ts";
import {
  chainFault,
  chainHash,
  EMPTY_HEAD,
  endFault,
  headAfter,
  isSameHead,
} from "../../src/store/chain.ts";

const record: StoredRecord = { offset: 3, timestamp: 17, key: "k", value: "é" };

/** A chain of records, as a log writes it. */
function chained(records: readonly StoredRecord[]): ChainedRecord[] {
  let previous = EMPTY_HEAD.hash;
  return records.map((one) => {
    previous = chainHash(previous, one);
    return { ...one, hash: previous };
  });
}

/** The first fault that a reader meets, from the start to the head. */
function faultOf(rows: readonly ChainedRecord[], end: Head): string | undefined {
  let head = EMPTY_HEAD;
  for (const row of rows) {
    const fault = chainFault(head, row);
    if (fault !== undefined) return fault;
    head = headAfter(head, row);
  }
  return endFault(head, end);
}

const endOf = (rows: readonly ChainedRecord[]): Head => rows.reduce(headAfter, EMPTY_HEAD);

describe("the hash of a record", () => {
  test("is SHA-256 over the hash before, the numbers, the lengths in bytes, and the texts", () => {
    expect(chainHash(EMPTY_HEAD.hash, record)).toBe(
      "ebdc01d265fd0c234990830fc974ba45e4aab7928dab81230b3f8fc18bf8b9e9",
    );
  });

  test.each<[string, Partial<StoredRecord>]>([
    ["the offset", { offset: 4 }],
    ["the timestamp", { timestamp: 18 }],
    ["the key", { key: "l" }],
    ["the value", { value: "e" }],
    ["a tombstone in place of a value", { value: null }],
    ["an empty value", { value: "" }],
    ["text that moves from the value to the key", { key: "ké", value: "" }],
    ["digits that move from one number to the other", { offset: 31, timestamp: 7 }],
  ])("depends on %s", (_, change) => {
    const changed = { ...record, ...change };
    expect(chainHash(EMPTY_HEAD.hash, changed)).not.toBe(chainHash(EMPTY_HEAD.hash, record));
  });

  test("tells a tombstone from an empty value", () => {
    const [none, empty] = [null, ""].map((value) => chainHash("", { ...record, value }));
    expect(none).not.toBe(empty);
  });
});

/** How each sentence about a damaged log begins. */
const FAULT = /^(?:the record at offset \d|records \d|\d+ records should be there)/;

const texts = fc.string({ unit: "grapheme", maxLength: 12 });
const logs = fc
  .array(
    fc.record({
      timestamp: fc.integer({ min: 0 }),
      key: texts,
      value: fc.option(texts),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((rows) => chained(rows.map((row, offset) => ({ ...row, offset }))));

describe("a chain", () => {
  test("as it was written has no fault", () => {
    fc.assert(
      fc.property(logs, (rows) => {
        expect(faultOf(rows, endOf(rows))).toBeUndefined();
      }),
    );
  });

  test("with any record changed, its own hash made to fit or not, has one", () => {
    const changes = fc.constantFrom<(row: ChainedRecord) => Partial<ChainedRecord>>(
      ({ timestamp }) => ({ timestamp: timestamp + 1 }),
      ({ key }) => ({ key: `${key}x` }),
      ({ value }) => ({ value: value === null ? "" : null }),
      ({ hash }) => ({ hash: hash.replace(/^./, (digit) => (digit === "0" ? "1" : "0")) }),
    );
    fc.assert(
      fc.property(logs, fc.nat(), changes, fc.boolean(), (rows, at, change, isFitted) => {
        const place = at % rows.length;
        const row = rows[place] as ChainedRecord;
        const changed = { ...row, ...change(row) };
        const previous = rows[place - 1]?.hash ?? EMPTY_HEAD.hash;
        if (isFitted) changed.hash = chainHash(previous, changed);
        // Only a hash was changed, and the right one put back.
        if (changed.hash === row.hash) return;
        expect(faultOf(rows.with(place, changed), endOf(rows))).toMatch(FAULT);
      }),
    );
  });

  test("whose offset goes back has one, though its hash is right", () => {
    const before: Head = { records: 2, end: 5, hash: "a".repeat(64) };
    for (const offset of [3, 4]) {
      const row = { ...record, offset };
      const back = { ...row, hash: chainHash(before.hash, row) };
      expect(chainFault(before, back)).toMatch(
        new RegExp(`^the record at offset ${offset} does not fit its hash`),
      );
    }
  });

  test("with records missing, doubled or swapped has one", () => {
    fc.assert(
      fc.property(logs, fc.nat(), fc.nat(), (rows, one, other) => {
        const [from, to] = [one % rows.length, other % rows.length];
        expect(faultOf(rows.toSpliced(from, 1), endOf(rows))).toMatch(FAULT);
        const row = rows[from] as ChainedRecord;
        expect(faultOf(rows.toSpliced(to, 0, row), endOf(rows))).toMatch(FAULT);
        if (from === to) return;
        const swapped = rows.with(from, rows[to] as ChainedRecord).with(to, row);
        expect(faultOf(swapped, endOf(rows))).toMatch(FAULT);
      }),
    );
  });

  test.each<[string, number, string]>([
    ["one record", 1, "the record at offset 1 is missing"],
    ["several", 3, "records 1 to 3 are missing"],
  ])("without %s in the middle says which", (_, count, fault) => {
    const rows = chained([0, 1, 2, 3, 4].map((offset) => ({ ...record, offset })));
    expect(faultOf(rows.toSpliced(1, count), endOf(rows))).toBe(fault);
  });

  test("without its tail says which records are gone", () => {
    const rows = chained([0, 1, 2].map((offset) => ({ ...record, offset })));
    const fault = faultOf(rows.slice(0, 1), endOf(rows));
    expect(fault).toBe("records 1 to 2 are missing at the end");
  });

  test("of another log, as long, has another end", () => {
    const [left, right] = ["a", "b"].map((key) => chained([{ ...record, offset: 0, key }]));
    const fault = "the record at offset 0 is not the one that was written last";
    expect(faultOf(left ?? [], endOf(right ?? []))).toBe(fault);
    expect(isSameHead(endOf(left ?? []), endOf(right ?? []))).toBe(false);
  });

  test("with gaps that were there when it was made has no fault, but its number counts", () => {
    const rows = chained([0, 5, 9].map((offset) => ({ ...record, offset })));
    expect(faultOf(rows, endOf(rows))).toBeUndefined();
    const fault = faultOf(rows, { ...endOf(rows), records: 10 });
    expect(fault).toBe("10 records should be there, and 3 are");
  });
});
