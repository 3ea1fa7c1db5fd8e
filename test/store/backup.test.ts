import { describe, expect, test } from "vitest";
import { createRegistryService } from "../../src/registry/index.ts";
import { createMemoryLog, readBackup, restoreBackup, writeBackup } from "../../src/store/index.ts";

const schema = `{ "type": "record", "name": "A", "fields": [] }`;

async function linesOf(log: Parameters<typeof writeBackup>[0]): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of writeBackup(log)) lines.push(line);
  return lines;
}

async function sample() {
  const log = createMemoryLog();
  const service = await createRegistryService({ log, clock: () => 1 });
  await service.register("s", { schema }, {});
  await service.updateConfig(undefined, { compatibility: "FULL" });
  await service.register("t", { schema }, {});
  await service.deleteSubject("t", {});
  return { log, service };
}

describe("a backup", () => {
  test("restores the same registry: ids, versions, deleted flags, levels, original texts", async () => {
    const { log, service } = await sample();
    const copy = createMemoryLog();
    const copied = await createRegistryService({ log: copy, clock: () => 2 });
    expect(await restoreBackup(copy, await readBackup(await linesOf(log)))).toBe(log.end);
    const schemas = { subjectPrefix: ":*:", deleted: true };
    expect(await copied.schemas(schemas)).toEqual(await service.schemas(schemas));
    expect(await copied.config(undefined, {})).toEqual({ compatibilityLevel: "FULL" });
    expect(await copied.version("s", "1", { format: "original" })).toMatchObject({ schema });
    expect((await copied.verify()).problems).toEqual([]);
  });

  test("leaves lost races out and gives keys their one spelling", async () => {
    const key = (seq: number) =>
      `{"keytype":"SCHEMA","subject":"s","version":1,"magic":1,"seq":${seq},"node":1}`;
    const value = JSON.stringify({ id: 1, schema });
    const log = createMemoryLog({
      records: [
        { offset: 4, timestamp: 1, key: key(4), value },
        { offset: 5, timestamp: 1, key: key(4), value: "lost" },
        {
          offset: 6,
          timestamp: 1,
          key: `{"keytype":"CONFIG","subject":null,"magic":0}`,
          value: "",
        },
      ],
    });
    expect(await readBackup(await linesOf(log))).toEqual([
      { key: `{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}`, value },
      { key: `{"keytype":"CONFIG","magic":0}`, value: null },
    ]);
  });

  test("keeps of a key with several spellings the record in force, at its place", async () => {
    const [old, ours] = [
      `{"keytype":"CONFIG","subject":null,"magic":0}`,
      `{"keytype":"CONFIG","magic":0}`,
    ];
    const [full, none] = [`{"compatibilityLevel":"FULL"}`, `{"compatibilityLevel":"NONE"}`];
    const lines = [
      [ours, none],
      [old, full],
      [`{"keytype":"MODE","magic":0}`, `{"mode":"IMPORT"}`],
      [ours, none],
      [ours, null],
    ] as const;
    const records = lines.map(([key, value], offset) => ({ key, value, offset, timestamp: 1 }));
    expect(await readBackup(await linesOf(createMemoryLog({ records })))).toEqual([
      { key: ours, value: full },
      { key: `{"keytype":"MODE","magic":0}`, value: `{"mode":"IMPORT"}` },
    ]);
  });

  test("is not restored over a registry: STORE_NOT_EMPTY", async () => {
    const { log } = await sample();
    const records = await readBackup(await linesOf(log));
    await expect(restoreBackup(log, records)).rejects.toMatchObject({ code: "STORE_NOT_EMPTY" });
  });

  test.each<[string, (lines: string[]) => string[]]>([
    ["a changed line", (lines) => lines.with(1, (lines[1] ?? "").replace("s", "S"))],
    ["a missing record", (lines) => lines.toSpliced(1, 1)],
    ["a missing end", (lines) => lines.slice(0, -1)],
    ["nothing", () => []],
    ["another header", (lines) => lines.with(0, `{"typewire":"backup","format":2}`)],
    ["a line that is not JSON", (lines) => lines.with(1, "{")],
    ["a line that is neither record nor end", (lines) => lines.with(1, `["k"]`)],
    ["something after the end", (lines) => [...lines, `["k",null]`]],
  ])("with %s is STORE_BACKUP_INVALID", async (_, change) => {
    const { log } = await sample();
    await expect(readBackup(change(await linesOf(log)))).rejects.toMatchObject({
      code: "STORE_BACKUP_INVALID",
    });
  });
});
