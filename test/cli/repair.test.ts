import { mkdtemp, readdir, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createRegistryService } from "../../src/registry/index.ts";
import { openSqliteLog } from "../../src/store/index.ts";
import { openDatabase } from "../../src/store/sqlite-engine.ts";
import { makeOldFile } from "../store/old-file.ts";
import { codeIn, runHere } from "./run-here.ts";

let folder: string;
const data = (): string => join(folder, "data");

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "typewire-cli-"));
  const log = openSqliteLog({ folder: data() });
  const service = await createRegistryService({ log, clock: () => 1 });
  for (const schema of ['"string"', '"bytes"', '"int"'])
    await service.register(schema, { schema }, {});
  await log.close();
});
afterEach(() => rm(folder, { recursive: true }));

/** Changes the text of the second schema behind the registry's back. */
function damage(): void {
  const database = openDatabase(join(data(), "registry.sqlite"), { timeoutMs: 5000 });
  database.exec(
    `UPDATE records SET value = replace(value, '\\"bytes\\"', '\\"float\\"') WHERE offset = 1`,
  );
  database.close();
}

const FOUND =
  "The record at offset 1 does not fit its hash: it, or the one before it, is not what was written";

describe("on a file that was changed", () => {
  test("verify tells the record and ends with status 1", async () => {
    damage();
    const verified = await runHere(["verify", "--data", data()]);
    expect(verified).toMatchObject({ status: 1, stderr: "" });
    const [first, ...others] = verified.stdout.trimEnd().split("\n");
    expect(first).toBe(FOUND);
    expect(others.at(-1)).toContain("1 problem");
  });

  test("serve, backup and a restore into it are refused, and leave it as it is", async () => {
    damage();
    const out = join(folder, "file");
    for (const args of [
      ["serve", "--port", "0", "--data", data()],
      ["backup", "--data", data(), "--out", out],
    ]) {
      const refused = await runHere(args);
      expect(refused.status).toBe(1);
      expect(codeIn(refused)).toBe("STORE_DAMAGED");
      expect(refused.stderr).toContain("the record at offset 1");
    }
    expect(await readdir(folder)).toEqual(["data"]);
    expect((await runHere(["verify", "--data", data()])).status).toBe(1);
  });

  test("repair says what it would accept, and changes nothing", async () => {
    damage();
    const said = await runHere(["repair", "--data", data()]);
    expect(said.status).toBe(1);
    expect(said.stdout).toBe(
      `${FOUND}\nnothing was changed; restore a backup, or stop all registries on the folder and give --accept-damage\n`,
    );
    expect((await runHere(["verify", "--data", data()])).status).toBe(1);
  });

  test("repair --accept-damage goes on with what is there, and keeps the files as they were", async () => {
    damage();
    const repaired = await runHere(["repair", "--data", data(), "--accept-damage"]);
    expect(repaired.status).toBe(0);
    const lines = repaired.stdout.trimEnd().split("\n");
    expect(lines.slice(0, 2)).toEqual([
      FOUND,
      "accepted: 3 records are there and count from now on",
    ]);
    expect(lines[2]).toBe("ids go on 1000 higher: those of lost schemas are given to nobody");
    expect(lines.slice(3).map((line) => line.replace(/\.damaged-.*$/, ""))).toEqual([
      `as it was: ${join(data(), "registry.sqlite")}`,
      `as it was: ${join(data(), "registry.sqlite-head")}`,
    ]);
    expect((await runHere(["verify", "--data", data()])).status).toBe(0);
    const log = openSqliteLog({ folder: data() });
    const service = await createRegistryService({ log, clock: () => 1 });
    expect(await service.schemaById(2, {})).toMatchObject({ schema: '"float"' });
    await log.close();
  });
});

describe("ids that may be in messages are given to nobody after a repair", () => {
  const nextIds = async () => {
    const log = openSqliteLog({ folder: data() });
    const service = await createRegistryService({ log, clock: () => 1 });
    const ids: unknown[] = [];
    for (const subject of ["new", ":.eu:new"]) {
      const made = await service.register(subject, { schema: '{"type":"long","new":1}' }, {});
      ids.push("id" in made ? made.id : made);
    }
    expect((await service.verify()).problems).toEqual([]);
    await log.close();
    return ids;
  };
  const writeMore = async () => {
    const log = openSqliteLog({ folder: data() });
    const service = await createRegistryService({ log, clock: () => 1 });
    await service.register(":.eu:first", { schema: '"int"' }, {});
    for (let n = 0; n < 5; n++) {
      await service.register(
        `more${n}`,
        { schema: `{"type":"enum","name":"E${n}","symbols":["A"]}` },
        {},
      );
    }
    await log.close();
  };
  const execute = (sql: string): void => {
    const database = openDatabase(join(data(), "registry.sqlite"), { timeoutMs: 5000 });
    database.exec(sql);
    database.close();
  };

  test.each([
    // 1,000 above the highest id that is there, and one for each record that the heads know and that is not.
    [
      "a changed record",
      "UPDATE records SET value = replace(value, 'E4', 'E5') WHERE offset = 9",
      1000,
      8,
    ],
    ["a lost tail", "DELETE FROM records WHERE offset > 5", 1004, 4],
    ["a gap", "DELETE FROM records WHERE offset IN (2, 6)", 1002, 8],
  ])("%s", async (_, sql, skipped, highest) => {
    await writeMore();
    execute(sql);
    const repaired = await runHere(["repair", "--data", data(), "--accept-damage", "--json"]);
    expect(JSON.parse(repaired.stdout)).toMatchObject({ idsSkipped: skipped });
    expect(await nextIds()).toEqual([highest + skipped + 1, 1 + skipped + 1]);
  });

  test("where nothing says how far the records went", async () => {
    await writeMore();
    await rm(join(data(), "registry.sqlite-head"));
    execute("DELETE FROM records WHERE offset > 5");
    await runHere(["repair", "--data", data(), "--accept-damage"]);
    expect(await nextIds()).toEqual([100_009, 100_006]);
  });
});

test("repair of a file that is whole does nothing", async () => {
  const names = await readdir(data());
  for (const flags of [[], ["--accept-damage"]]) {
    expect(await runHere(["repair", "--data", data(), ...flags])).toMatchObject({
      status: 0,
      stdout: "no damage: there is nothing to repair\n",
    });
  }
  expect((await readdir(data())).filter((name) => !/-(wal|shm)$/.test(name))).toEqual(names);
});

test("repair prints JSON when asked", async () => {
  damage();
  const { stdout } = await runHere(["repair", "--data", data(), "--json", "--accept-damage"]);
  expect(JSON.parse(stdout)).toMatchObject({ problems: [FOUND], records: 3, kept: { length: 2 } });
});

test.each(["serve", "verify", "backup", "repair"])(
  "%s says that an empty file is no registry",
  async (command) => {
    await truncate(join(data(), "registry.sqlite"), 0);
    const more = command === "backup" ? ["--out", join(folder, "file")] : [];
    const refused = await runHere([command, "--data", data(), ...more]);
    expect(refused.status).toBe(1);
    expect(codeIn(refused)).toBe("STORE_FILE_INVALID");
    expect(refused.stderr).toContain("it has 0 bytes");
  },
);

test.each(["serve", "verify", "backup", "repair"])(
  "%s says that the file is lost where its -head is left",
  async (command) => {
    await rm(join(data(), "registry.sqlite"));
    const names = await readdir(data());
    const more = command === "backup" ? ["--out", join(folder, "file")] : [];
    const refused = await runHere([command, "--data", data(), ...more]);
    expect(codeIn(refused)).toBe("STORE_FILE_MISSING");
    expect(refused.stderr).toContain("registry.sqlite-head");
    expect(await readdir(data())).toEqual(names);
  },
);

test("verify of a file of format 1 notes that it has no chain, with status 0", async () => {
  const old = join(folder, "old");
  makeOldFile(old, [{ key: '{"keytype":"NOOP","magic":0}', value: null }]);
  expect(await runHere(["verify", "--data", old])).toMatchObject({
    status: 0,
    stdout:
      "The file has format 1: its records have no hashes until a registry starts on it\n" +
      "1 record, 0 subjects, 0 versions, 0 schemas: no problems\n",
  });
});
