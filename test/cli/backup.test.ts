import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createRegistryService } from "../../src/registry/index.ts";
import { openSqliteLog, repairSqliteFile } from "../../src/store/index.ts";
import { openDatabase } from "../../src/store/sqlite-engine.ts";
import { codeIn, runHere } from "./run-here.ts";

let folder: string;
const at = (name: string): string => join(folder, name);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "typewire-cli-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** A registry on a folder, open until `close`. */
async function openRegistry(data: string) {
  const log = openSqliteLog({ folder: data });
  const service = await createRegistryService({ log, clock: () => 1 });
  return { log, service, close: () => log.close() };
}

/** A subject with a deleted version, a reference, a level, and line separators in its text. */
async function fill(data: string): Promise<Awaited<ReturnType<typeof openRegistry>>> {
  const registry = await openRegistry(data);
  const { service } = registry;
  const base = { type: "record", name: "Base", doc: "a\u2028b\u2029c\rd", fields: [] };
  await service.register("base", { schema: JSON.stringify(base) }, {});
  const references = [{ name: "Base", subject: "base", version: 1 }];
  const order = { type: "record", name: "Order", fields: [{ name: "base", type: "Base" }] };
  await service.register("order", { schema: JSON.stringify(order), references }, {});
  await service.register("gone", { schema: '"string"' }, {});
  await service.deleteSubject("gone", {});
  await service.updateConfig("order", { compatibility: "FULL" });
  return registry;
}

async function schemasIn(data: string): Promise<unknown> {
  const { service, close } = await openRegistry(data);
  const schemas = await service.schemas({ subjectPrefix: ":*:", deleted: true });
  await close();
  return schemas;
}

describe("typewire backup and restore", () => {
  test("carry the whole registry, while one runs on the folder", async () => {
    const registry = await fill(at("data"));
    const backedUp = await runHere(["backup", "--data", at("data"), "--out", at("file")]);
    expect(backedUp).toEqual({
      status: 0,
      stdout: `5 records written to ${at("file")}\n`,
      stderr: "",
    });
    await registry.close();
    const restored = await runHere(["restore", "--from", at("file"), "--data", at("copy")]);
    expect(restored).toEqual({
      status: 0,
      stdout: `5 records restored into ${at("copy")}\n`,
      stderr: "",
    });
    expect(await schemasIn(at("copy"))).toEqual(await schemasIn(at("data")));
    expect((await readdir(folder)).sort()).toEqual(["copy", "data", "file"]);
  });

  test("print JSON when asked", async () => {
    await (await fill(at("data"))).close();
    const args = ["--json", "--data"];
    const backedUp = await runHere(["backup", "--out", at("file"), ...args, at("data")]);
    expect(JSON.parse(backedUp.stdout)).toEqual({ file: at("file"), records: 5 });
    const restored = await runHere(["restore", "--from", at("file"), ...args, at("copy")]);
    expect(JSON.parse(restored.stdout)).toEqual({ data: at("copy"), records: 5 });
  });

  test("a file that is there is replaced with --force only: CLI_FILE_EXISTS", async () => {
    await (await fill(at("data"))).close();
    await writeFile(at("file"), "kept");
    const args = ["backup", "--data", at("data"), "--out", at("file")];
    const refused = await runHere(args);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain(`${at("file")} is there already`);
    expect(codeIn(refused)).toBe("CLI_FILE_EXISTS");
    expect(await readFile(at("file"), "utf8")).toBe("kept");
    expect((await runHere([...args, "--force"])).status).toBe(0);
    expect(await readFile(at("file"), "utf8")).toContain('{"typewire":"backup"');
  });

  test("a place that can't be written is one sentence: CLI_FILE_UNUSABLE", async () => {
    await (await fill(at("data"))).close();
    const refused = await runHere(["backup", "--data", at("data"), "--out", at("no/file")]);
    expect(refused.status).toBe(1);
    expect(codeIn(refused)).toBe("CLI_FILE_UNUSABLE");
    expect(refused.stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  test("what can't be backed up leaves no file behind", async () => {
    await (await fill(at("data"))).close();
    const database = openDatabase(at("data/registry.sqlite"), { timeoutMs: 5000 });
    database.exec("DROP TABLE records");
    database.close();
    const refused = await runHere(["backup", "--data", at("data"), "--out", at("file")]);
    expect(refused.status).toBe(1);
    expect(codeIn(refused)).toBe("STORE_FAILED");
    expect(await readdir(folder)).toEqual(["data"]);
  });

  test("a registry that has something is not overwritten", async () => {
    await (await fill(at("data"))).close();
    await runHere(["backup", "--data", at("data"), "--out", at("file")]);
    const before = await schemasIn(at("data"));
    const refused = await runHere(["restore", "--from", at("file"), "--data", at("data")]);
    expect(refused.status).toBe(1);
    expect(codeIn(refused)).toBe("STORE_NOT_EMPTY");
    expect(await schemasIn(at("data"))).toEqual(before);
  });

  test("a byte order mark before a backup is no part of it", async () => {
    const registry = await fill(at("data"));
    await registry.close();
    await runHere(["backup", "--data", at("data"), "--out", at("file")]);
    await writeFile(at("marked"), `\ufeff${await readFile(at("file"), "utf8")}`);
    expect(await runHere(["verify", "--backup", at("marked")])).toMatchObject({ status: 0 });
    const restored = await runHere(["restore", "--from", at("marked"), "--data", at("copy")]);
    expect(restored).toMatchObject({ status: 0 });
    expect(await schemasIn(at("copy"))).toEqual(await schemasIn(at("data")));
  });

  test("a changed backup is refused before a folder is made", async () => {
    await (await fill(at("data"))).close();
    await runHere(["backup", "--data", at("data"), "--out", at("file")]);
    await writeFile(at("file"), (await readFile(at("file"), "utf8")).replace("Order", "Odder"));
    const refused = await runHere(["restore", "--from", at("file"), "--data", at("copy")]);
    expect(refused.status).toBe(1);
    expect(codeIn(refused)).toBe("STORE_BACKUP_INVALID");
    expect((await readdir(folder)).sort()).toEqual(["data", "file"]);
  });

  test("a backup that is not there is one sentence", async () => {
    const refused = await runHere(["restore", "--from", at("none"), "--data", at("copy")]);
    expect(refused.status).toBe(1);
    expect(codeIn(refused)).toBe("CLI_FILE_UNUSABLE");
  });
});

describe("typewire verify", () => {
  const CLEAN = "5 records, 3 subjects, 3 versions, 3 schemas: no problems\n";

  test("ends with status 0 when nothing is wrong, in a folder and in a backup", async () => {
    await (await fill(at("data"))).close();
    await runHere(["backup", "--data", at("data"), "--out", at("file")]);
    expect(await runHere(["verify", "--data", at("data")])).toEqual({
      status: 0,
      stdout: CLEAN,
      stderr: "",
    });
    expect(await runHere(["verify", "--backup", at("file")])).toMatchObject({
      status: 0,
      stdout: CLEAN,
    });
  });

  test("lists a double id and a dangling reference, one a line, and ends with status 1", async () => {
    await (await fill(at("data"))).close();
    const database = openDatabase(at("data/registry.sqlite"), { timeoutMs: 5000 });
    const insert = database.prepare("INSERT INTO records VALUES (?, 1, ?, ?, '')");
    const key = (version: number) =>
      JSON.stringify({ keytype: "SCHEMA", subject: "bad", version, magic: 1 });
    const value = { subject: "bad", schemaType: "AVRO", deleted: false };
    insert.run(5, key(1), JSON.stringify({ ...value, version: 1, id: 1, schema: '"int"' }));
    const references = [{ name: "X", subject: "nowhere", version: 1 }];
    insert.run(
      6,
      key(2),
      JSON.stringify({ ...value, version: 2, id: 9, schema: '"long"', references }),
    );
    database.close();
    repairSqliteFile(at("data"), ".before");
    const found = await runHere(["verify", "--data", at("data")]);
    expect(found.status).toBe(1);
    const lines = found.stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(3);
    expect(lines[0]).toContain("The record at offset 5 gives id 1 to other content");
    expect(lines[1]).toContain('subject "bad" version 2 id 9: ');
    expect(lines[2]).toContain("2 problems");
    const json = await runHere(["verify", "--data", at("data"), "--json"]);
    expect(json.status).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({ records: 8, problems: { length: 2 } });
  });

  test("says that pages of the file are damaged", async () => {
    const registry = await fill(at("data"));
    const body = { schema: `{"type":"enum","name":"E","symbols":["${"X".repeat(50_000)}"]}` };
    await registry.service.register("large", body, {});
    await registry.close();
    const bytes = await readFile(at("data/registry.sqlite"));
    bytes.fill(0x5a, 3 * 4096, 4 * 4096);
    await writeFile(at("data/registry.sqlite"), bytes);
    for (const args of [
      ["verify", "--data", at("data")],
      ["backup", "--data", at("data"), "--out", at("file")],
    ]) {
      const found = await runHere(args);
      expect(found.status).toBe(1);
      expect(found.stdout + found.stderr).toMatch(/SQLite: |\[STORE_FILE_INVALID\]/);
      expect(found.stderr).not.toContain("    at ");
    }
  });

  test("a folder without a registry is one sentence", async () => {
    await mkdir(at("empty"));
    const refused = await runHere(["verify", "--data", at("empty")]);
    expect(refused.status).toBe(1);
    expect(codeIn(refused)).toBe("STORE_ABSENT");
    expect(await readdir(at("empty"))).toEqual([]);
  });
});
