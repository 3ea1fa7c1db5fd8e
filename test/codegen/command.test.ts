import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { collectSchemas } from "../../codegen/collect.ts";
import type { CodegenCommand, SchemaSource, SourceSchema } from "../../codegen/index.ts";
import { filesSource, generate, loadConfig, parseConfig, runCodegen } from "../../codegen/index.ts";
import type { Schema } from "../../src/avro/index.ts";
import { printSchema } from "../../src/avro/index.ts";
import { record, source } from "./cases.ts";

const config = parseConfig(
  '{"topics":{"orders":{"value":"order.avsc"}},"codegen":{"out":"generated"}}',
);
const ORDER = record("shop.Order", { id: "string" });
const ORDER_2 = record("shop.Order", { id: "string", note: { type: "string", default: "" } });

let cwd = "";
let lines: string[] = [];
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "typewire-codegen-"));
  lines = [];
  await writeFile(join(cwd, "order.avsc"), JSON.stringify(ORDER, undefined, 2));
});
afterEach(() => rm(cwd, { recursive: true }));

/** A registry that holds versions of subjects; ids are handed out in order. */
function registry(versions: Readonly<Record<string, readonly object[]>>): SchemaSource {
  const all: SourceSchema[] = Object.entries(versions).flatMap(([subject, schemas]) =>
    schemas.map((schema, index) => source(subject, schema, { version: index + 1, id: index + 1 })),
  );
  return {
    name: "the registry",
    mode: "stored",
    fetch: async (subject, version) => {
      const found = all.filter((schema) => schema.subject === subject);
      return version === "latest" ? found.at(-1) : found.find((s) => s.version === version);
    },
  };
}

function run(more: Partial<CodegenCommand> = {}): Promise<number> {
  const from = filesSource({ cwd, config });
  return runCodegen({ cwd, config, source: from, out: (line) => lines.push(line), ...more });
}

const read = (file: string): Promise<string> => readFile(join(cwd, file), "utf8");
const list = async (): Promise<string[]> => {
  const entries = await readdir(cwd, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(cwd.length + 1))
    .sort();
};

describe("writing", () => {
  test("writes modules and the lock file, and says so", async () => {
    expect(await run()).toBe(0);
    expect(lines).toEqual([
      "wrote generated/index.ts",
      "wrote generated/orders.ts",
      "wrote generated/subjects/orders-value.ts",
      "wrote typewire.lock.json",
      "0 generated files were up to date",
    ]);
    expect(await list()).toEqual([
      "generated/index.ts",
      "generated/orders.ts",
      "generated/subjects/orders-value.ts",
      "order.avsc",
      "typewire.lock.json",
    ]);
  });

  test("leaves files alone that are as they should be", async () => {
    await run();
    const old = new Date(0);
    for (const file of await list()) await utimes(join(cwd, file), old, old);
    lines = [];
    expect(await run()).toBe(0);
    expect(lines).toEqual(["3 generated files were up to date"]);
    for (const file of await list()) {
      expect((await stat(join(cwd, file))).mtime).toEqual(old);
    }
  });

  test("removes files that it no longer prints, and only those with its first line", async () => {
    await run();
    await cp(join(cwd, "generated/orders.ts"), join(cwd, "generated/subjects/gone.ts"));
    await writeFile(join(cwd, "generated/mine.ts"), "export {};\n");
    await run();
    expect(lines).toContain("removed generated/subjects/gone.ts");
    expect(await list()).not.toContain("generated/subjects/gone.ts");
    expect(await list()).toContain("generated/mine.ts");
  });

  test("refuses to overwrite a file of somebody else, before it writes anything", async () => {
    await mkdir(join(cwd, "generated"));
    await writeFile(join(cwd, "generated/orders.ts"), "export const mine = 1;\n");
    await expect(run()).rejects.toMatchObject({
      code: "CODEGEN_FILE_FOREIGN",
      details: { file: "generated/orders.ts" },
    });
    expect(await list()).toEqual(["generated/orders.ts", "order.avsc"]);
  });

  test.runIf(process.platform === "linux")(
    "a folder that can't be made is CODEGEN_FOLDER_UNUSABLE at once",
    async () => {
      const impossible = { ...config, codegen: { out: "/proc/nope/generated" } };
      await expect(run({ config: impossible })).rejects.toMatchObject({
        code: "CODEGEN_FOLDER_UNUSABLE",
        details: { folder: "/proc/nope/generated" },
      });
    },
  );

  test("gives the same code from files and from a registry", async () => {
    await run();
    const fromFiles = await read("generated/subjects/orders-value.ts");
    await run({ source: registry({ "orders-value": [ORDER] }) });
    expect(await read("generated/subjects/orders-value.ts")).toBe(fromFiles);
  });
});

describe("checking", () => {
  test("is content with what it wrote, also with other line ends", async () => {
    await run();
    const text = await read("generated/orders.ts");
    await writeFile(join(cwd, "generated/orders.ts"), text.replace(/\n/g, "\r\n"));
    lines = [];
    expect(await run({ check: true })).toBe(0);
    expect(lines).toEqual(["generated code is up to date"]);
  });

  test("ends with 1, lists and shows what differs, and writes nothing", async () => {
    await run();
    await writeFile(join(cwd, "order.avsc"), JSON.stringify(ORDER_2));
    await cp(join(cwd, "generated/orders.ts"), join(cwd, "generated/gone.ts"));
    await rm(join(cwd, "generated/orders.ts"));
    const before = await list();
    lines = [];
    expect(await run({ check: true })).toBe(1);
    expect(lines.slice(0, 5)).toEqual([
      "generated code is stale, run `typewire codegen`: 4 files differ",
      "  unneeded generated/gone.ts",
      "  missing  generated/orders.ts",
      "  stale    generated/subjects/orders-value.ts",
      "  stale    typewire.lock.json",
    ]);
    expect(lines).toContain("--- a/generated/subjects/orders-value.ts");
    expect(lines).toContain("+  note: string;");
    expect(await list()).toEqual(before);
  });

  test("ends with 1 when the registry has moved on", async () => {
    await run({ source: registry({ "orders-value": [ORDER] }) });
    const moved = registry({ "orders-value": [ORDER, ORDER_2] });
    expect(await run({ source: moved, check: true })).toBe(1);
    expect(await run({ source: moved, check: true, locked: true })).toBe(0);
  });

  test("does not mind that the code was made from files", async () => {
    await run();
    expect(await run({ source: registry({ "orders-value": [ORDER] }), check: true })).toBe(0);
  });

  test("does not mind other versions and ids of another registry", async () => {
    await run({ source: registry({ "orders-value": [ORDER] }) });
    const other = registry({ "orders-value": [ORDER] });
    const renumbered: SchemaSource = {
      ...other,
      fetch: async (subject, version) => {
        const found = await other.fetch(subject, version);
        return found && { ...found, version: 12, id: 77 };
      },
    };
    expect(await run({ source: renumbered, check: true })).toBe(0);
  });

  test("works with files after the registry was asked once", async () => {
    await run({ source: registry({ "orders-value": [ORDER] }) });
    expect(await run({ check: true })).toBe(0);
    expect(JSON.parse(await read("typewire.lock.json"))).toMatchObject({
      schemas: [{ subject: "orders-value", version: 1, id: 1, root: true }],
    });
  });
});

describe("a source", () => {
  test("that can't be read ends the command with 2 and the next step", async () => {
    const unreachable: SchemaSource = {
      name: "the registry at http://localhost:1",
      mode: "stored",
      fetch: () => Promise.reject(new Error("connection refused")),
    };
    expect(await run({ source: unreachable, check: true })).toBe(2);
    expect(lines).toEqual([
      "the registry at http://localhost:1 can't be read: connection refused",
      "Start the registry or correct registry.url; `--from files` works without a registry.",
    ]);
    await expect(
      collectSchemas({ config, source: unreachable, lock: [], locked: false }),
    ).rejects.toMatchObject({ code: "CODEGEN_SOURCE_UNAVAILABLE", retriable: true });
  });

  test("without the subject is an error", async () => {
    await expect(run({ source: registry({}) })).rejects.toMatchObject({
      code: "CODEGEN_SUBJECT_UNKNOWN",
      message: "the registry has no subject orders-value",
    });
  });

  test("is asked for references, at their versions, and theirs", async () => {
    const refer = (name: string, subject: string, version: number) => ({
      references: [{ name, subject, version }],
    });
    const all = [
      source("orders-value", record("shop.Order", { total: "shared.Money" }), {
        version: 3,
        ...refer("shared.Money", "money", 2),
      }),
      source("money", record("shared.Money", { in: "shared.Currency" }), {
        version: 2,
        ...refer("shared.Currency", "currency", 1),
      }),
      source(
        "currency",
        { type: "enum", name: "shared.Currency", symbols: ["EUR"] },
        { version: 1 },
      ),
    ];
    const asked: string[] = [];
    const nested: SchemaSource = {
      name: "the registry",
      mode: "stored",
      fetch: async (subject, version) => {
        asked.push(`${subject} ${version}`);
        return all.find((schema) => schema.subject === subject);
      },
    };
    expect(await run({ source: nested })).toBe(0);
    expect(asked).toEqual(["orders-value latest", "money 2", "currency 1"]);
    expect(await read("generated/subjects/orders-value.ts")).toContain(
      'import type { Money, MoneyInput } from "./money.js";',
    );
  });

  test("is asked for references in the referrer's context", async () => {
    const all = [
      source(":.x:orders-value", record("Order", { total: "Money", at: "Place" }), {
        version: 1,
        references: [
          { name: "Money", subject: "money", version: 1 },
          { name: "Place", subject: ":.:place", version: 1 },
        ],
      }),
      source(":.x:money", record("Money", { units: "int" }), { version: 1 }),
      source("money", record("Money", { units: "string" }), { version: 1 }),
      source("place", record("Place", {}), { version: 1 }),
    ];
    const contexts: SchemaSource = {
      name: "the registry",
      mode: "stored",
      fetch: (subject) => Promise.resolve(all.find((schema) => schema.subject === subject)),
    };
    const config = parseConfig('{"schemas":{":.x:orders-value":"unused.avsc"}}');
    const collected = await collectSchemas({ config, source: contexts, lock: [], locked: false });
    const { parsed } = generate({ ...collected, topics: [] });
    expect(printSchema(parsed[0]?.root as Schema)).toContain('{"name":"units","type":"int"}');
    expect(parsed.map(({ source: { subject } }) => subject)).toEqual([
      ":.x:orders-value",
      ":.x:money",
      "place",
    ]);
  });

  test("without a reference is an error that names both", async () => {
    const order = source("orders-value", record("Order", { total: "Money" }), {
      version: 1,
      references: [{ name: "Money", subject: "money", version: 4 }],
    });
    const broken: SchemaSource = {
      name: "the registry",
      mode: "stored",
      fetch: async (subject) => (subject === "orders-value" ? order : undefined),
    };
    await expect(run({ source: broken })).rejects.toMatchObject({
      code: "CODEGEN_REFERENCE_UNKNOWN",
      message: "Subject orders-value refers to subject money version 4, which is not there",
    });
  });

  test("with an invalid schema is an error that names the subject and the place", async () => {
    await writeFile(join(cwd, "order.avsc"), '{"type":"record","name":"R","fields":[{}]}');
    await expect(run()).rejects.toMatchObject({
      code: "CODEGEN_SCHEMA_INVALID",
      details: { subject: "orders-value" },
    });
  });
});

describe("the lock file", () => {
  test.each(["{", "{}", '{"format":2,"schemas":[]}', '{"format":1,"schemas":[{}]}'])(
    "is not taken for one when it is %s",
    async (text) => {
      await writeFile(join(cwd, "typewire.lock.json"), text);
      await expect(run()).rejects.toMatchObject({ code: "CODEGEN_LOCK_INVALID" });
    },
  );

  test("must pin every subject when it is to be kept to", async () => {
    await expect(run({ locked: true })).rejects.toMatchObject({
      code: "CODEGEN_LOCK_MISSING",
      message: "typewire.lock.json does not pin subject orders-value",
    });
  });
});

test("examples/generated is what the files of schemas/ give", async () => {
  const root = new URL("../../", import.meta.url).pathname;
  const example = await loadConfig(join(root, "typewire.json"));
  const from = filesSource({ cwd: root, config: example });
  expect(await run({ cwd: root, config: example, source: from, check: true })).toBe(0);
  expect(lines).toEqual(["generated code is up to date"]);
});
