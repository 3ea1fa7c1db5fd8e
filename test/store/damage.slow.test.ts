/** Random damage to the files of a store. */
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LogRecord, StoredRecord } from "../../src/registry/index.ts";
import { checkSqliteFile, openSqliteLog } from "../../src/store/index.ts";
import { readAll, recorder } from "./log-contract.ts";
import { copyFolder, problemsOf, temporaryFolder } from "./logs.ts";

const FLIPS = 200;
const CUTS = 30;
const RECORDS = 120;

let root: string;
/** What was written, and two folders with it: one that was closed, one as a kill leaves it. */
let written: readonly StoredRecord[];
const kinds = ["closed", "killed"] as const;

/** Short values, values of several pages, tombstones. */
const recordOf = (n: number): LogRecord => ({
  key: `{"keytype":"NOOP","magic":0,"n":${n}}`,
  value: n % 7 === 0 ? null : `${n} é ${"v".repeat(n % 10 === 0 ? 9000 : n)}`,
});

beforeAll(async () => {
  root = await temporaryFolder();
  const folder = join(root, "data");
  const log = openSqliteLog({ folder });
  await log.open(recorder());
  for (let n = 0; n < RECORDS; n += 10) {
    const records = Array.from({ length: 10 }, (_, add) => recordOf(n + add));
    await log.transact(() => ({ records, result: n }));
  }
  written = await readAll(log);
  copyFolder(folder, join(root, "killed"));
  await log.close();
  copyFolder(folder, join(root, "closed"));
});
afterAll(() => rm(root, { recursive: true }));

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Runs something on a copy of a folder with a damage. */
async function onCopy<T>(
  kind: string,
  damage: (folder: string) => void,
  look: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = join(root, "copy");
  copyFolder(join(root, kind), folder);
  try {
    damage(folder);
    return await look(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** `found` when it says that something is wrong, else what it has. */
type Seen = "found" | readonly StoredRecord[];

async function orFound(look: () => Promise<Seen>): Promise<Seen> {
  try {
    return await look();
  } catch (error) {
    expect(error).toMatchObject({ code: expect.stringMatching(/^STORE_/) as unknown });
    return "found";
  }
}

const verified = (folder: string) =>
  orFound(async () => {
    if (checkSqliteFile(folder).length > 0 || (await problemsOf(folder)).length > 0) return "found";
    const log = openSqliteLog({ folder, access: "read", damage: "report" });
    try {
      return await readAll(log);
    } finally {
      await log.close();
    }
  });

const served = (folder: string) =>
  orFound(async () => {
    const log = openSqliteLog({ folder });
    const fold = recorder();
    try {
      await log.open(fold);
      return fold.records;
    } finally {
      await log.close();
    }
  });

describe.each(kinds)("a folder that was %s", (kind) => {
  test(`with any of ${FLIPS} bits flipped has what was written, or says that it has not`, async () => {
    const random = randomOf(kind.length);
    let found = 0;
    for (let n = 0; n < FLIPS; n++) {
      let where = "";
      const flip = (folder: string) => {
        const names = readdirSync(folder).sort();
        const name = names[Math.floor(random() * names.length)] ?? "";
        const bytes = readFileSync(join(folder, name));
        const at = Math.floor(random() * bytes.length);
        const bit = 1 << Math.floor(random() * 8);
        bytes[at] = (bytes[at] ?? 0) ^ bit;
        writeFileSync(join(folder, name), bytes);
        where = `flip ${n}: bit ${bit} of byte ${at} of ${name}`;
      };
      const { verify, serve } = await onCopy(kind, flip, async (folder) => {
        const copy = join(root, "verified");
        copyFolder(folder, copy);
        const verify = await verified(copy);
        rmSync(copy, { recursive: true });
        return { verify, serve: await served(folder) };
      });
      if (verify !== "found") expect(verify, `${where}, verified`).toEqual(written);
      if (serve !== "found") expect(serve, `${where}, served`).toEqual(written);
      if (verify === "found") found++;
    }
    // Most bytes are of records: a verification that finds next to nothing looks at nothing.
    expect(found).toBeGreaterThan(FLIPS / 4);
  });

  test(`with any of ${CUTS} ends cut off has what was written, or says that it has not`, async () => {
    const random = randomOf(kind.length + 1);
    let found = 0;
    for (let n = 0; n < CUTS; n++) {
      let where = "";
      const cut = (folder: string) => {
        const names = readdirSync(folder).sort();
        const name = names[n % names.length] ?? "";
        const { length } = readFileSync(join(folder, name));
        const bytes = Math.floor(random() * length);
        truncateSync(join(folder, name), bytes);
        where = `${name} cut to ${bytes} bytes`;
      };
      const seen = await onCopy(kind, cut, served);
      if (seen === "found") found++;
      else expect(seen, where).toEqual(written);
    }
    // A database without its end is seen; a file beside it may hold nothing that is needed.
    expect(found).toBeGreaterThan(0);
  });

  test("without any one of its files has what was written, or says that it has not", async () => {
    for (const name of readdirSync(join(root, kind))) {
      const remove = (folder: string) => rmSync(join(folder, name));
      const seen = await onCopy(kind, remove, served);
      if (seen !== "found") expect(seen, name).toEqual(written);
    }
  });
});
