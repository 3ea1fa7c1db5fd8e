import { afterEach, describe, expect, test } from "vitest";
import type { Fold, Log, LogProblem, LogRecord, StoredRecord } from "../../src/registry/index.ts";

/** A kind of log under the contract. */
export interface LogKind {
  readonly name: string;
  /** Whether several logs can share one storage. */
  readonly isShared: boolean;
  /** Opens a log over storage of its own. */
  create(): Promise<LogUnderTest>;
}

export interface LogUnderTest {
  readonly log: Log;
  /** Another log over the same storage, where that is possible. */
  openAgain(): Log;
  dispose(): Promise<void>;
}

/** A fold that keeps what it was given. */
export function recorder(): Fold & { readonly records: StoredRecord[]; resets: number } {
  const records: StoredRecord[] = [];
  return {
    records,
    resets: 0,
    apply(record) {
      records.push(record);
    },
    reset() {
      records.length = 0;
      this.resets++;
    },
  };
}

/** Every record of a log from an offset on. */
export async function readAll(log: Log, from?: number): Promise<StoredRecord[]> {
  const records: StoredRecord[] = [];
  for await (const stored of log.read(from)) records.push(stored);
  return records;
}

const record = (key: string, value: string | null = `{"of":"${key}"}`): LogRecord => ({
  key,
  value,
});

export function describeLogContract(kind: LogKind): void {
  describe(`a ${kind.name} log`, () => {
    const open: LogUnderTest[] = [];
    const create = async (): Promise<LogUnderTest> => {
      const made = await kind.create();
      open.push(made);
      return made;
    };
    afterEach(async () => {
      for (const made of open.splice(0)) await made.dispose();
    });

    test("is empty at first", async () => {
      const { log } = await create();
      const fold = recorder();
      await log.open(fold);
      await log.barrier();
      expect(log.end).toBe(0);
      expect(fold.records).toEqual([]);
    });

    test("applies the records of a decision, in order, before it resolves", async () => {
      const { log } = await create();
      const fold = recorder();
      await log.open(fold);
      const result = await log.transact(() => ({
        records: [record("a"), record("b", null)],
        result: "done",
      }));
      expect(result).toBe("done");
      expect(fold.records.map(({ key, value }) => ({ key, value }))).toEqual([
        record("a"),
        record("b", null),
      ]);
      expect(fold.records.every(({ timestamp }) => timestamp > 0)).toBe(true);
      const [first, second] = fold.records;
      expect(second?.offset).toBeGreaterThan(first?.offset ?? Number.NaN);
      expect(log.end).toBe((second?.offset ?? Number.NaN) + 1);
    });

    test("lets each of many concurrent decisions see the ones before it", async () => {
      const { log } = await create();
      const fold = recorder();
      await log.open(fold);
      const results = await Promise.all(
        Array.from({ length: 200 }, () =>
          log.transact(() => ({
            records: [record(`n${fold.records.length}`)],
            result: fold.records.length,
          })),
        ),
      );
      expect(results).toEqual(Array.from({ length: 200 }, (_, index) => index));
      expect(fold.records.map(({ key }) => key)).toEqual(results.map((index) => `n${index}`));
    });

    test("rejects a decision that throws with its error, and appends nothing of it", async () => {
      const { log } = await create();
      const fold = recorder();
      await log.open(fold);
      const settled = await Promise.allSettled([
        log.transact(() => ({ records: [record("a")], result: 1 })),
        log.transact(() => {
          throw new RangeError("no");
        }),
        log.transact(() => ({ records: [record("b")], result: 2 })),
      ]);
      expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
      expect(settled[1]).toMatchObject({ reason: new RangeError("no") });
      expect(fold.records.map(({ key }) => key)).toEqual(["a", "b"]);
    });

    test("takes a decision without records", async () => {
      const { log } = await create();
      await log.open(recorder());
      expect(await log.transact(() => ({ records: [], result: "nothing" }))).toBe("nothing");
      expect(log.end).toBe(0);
    });

    test("reads every record as stored, from the start or from an offset", async () => {
      const { log } = await create();
      const fold = recorder();
      await log.open(fold);
      await log.transact(() => ({ records: [record("a"), record("b"), record("c")], result: 0 }));
      expect(await readAll(log)).toEqual(fold.records);
      const from = fold.records[1]?.offset ?? Number.NaN;
      expect(await readAll(log, from)).toEqual(fold.records.slice(1));
    });

    test("keeps text exactly: quotes, line breaks, other scripts, an empty value", async () => {
      const { log } = await create();
      const fold = recorder();
      await log.open(fold);
      const odd = [record("\u0000\n\"'é漢🙂", ""), record("k", "🙂\u2028")];
      await log.transact(() => ({ records: odd, result: 0 }));
      expect(fold.records.map(({ key, value }) => ({ key, value }))).toEqual(odd);
    });

    test("refuses work before it is open and after it is closed", async () => {
      const { log } = await create();
      const work = () => log.transact(() => ({ records: [], result: 0 }));
      await expect(work()).rejects.toMatchObject({ code: "STORE_NOT_OPEN" });
      await log.open(recorder());
      await work();
      await log.close();
      await log.close();
      await expect(work()).rejects.toMatchObject({ code: "STORE_NOT_OPEN" });
    });

    test("finishes what is in flight when it is closed", async () => {
      const { log } = await create();
      const fold = recorder();
      await log.open(fold);
      const work = log.transact(() => ({ records: [record("a")], result: "kept" }));
      await log.close();
      expect(await work).toBe("kept");
      expect(fold.records).toHaveLength(1);
    });

    if (!kind.isShared) return;

    test("shares its records with another log over the same storage", async () => {
      const made = await create();
      const { log } = made;
      const fold = recorder();
      await log.open(fold);
      await log.transact(() => ({ records: [record("a")], result: 0 }));
      const other = made.openAgain();
      const otherFold = recorder();
      await other.open(otherFold);
      expect(otherFold.records).toEqual(fold.records);
      await other.transact(() => ({ records: [record("b")], result: 0 }));
      await log.barrier();
      expect(fold.records).toEqual(otherFold.records);
      await Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          (index % 2 === 0 ? log : other).transact(() => ({
            records: [record(`c${index}`)],
            result: 0,
          })),
        ),
      );
      await Promise.all([log.barrier(), other.barrier()]);
      expect(fold.records).toHaveLength(42);
      expect(fold.records).toEqual(otherFold.records);
      const problems: LogProblem[] = [];
      for await (const problem of log.check?.() ?? []) problems.push(problem);
      expect(problems).toEqual([]);
      await other.close();
    });
  });
}
