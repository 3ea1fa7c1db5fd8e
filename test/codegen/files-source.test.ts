import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  filesSource,
  generate,
  parseConfig,
  readSchemaFiles,
  runCodegen,
} from "../../codegen/index.ts";
import { record } from "./cases.ts";

let cwd = "";
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "typewire-files-"));
});
afterEach(() => rm(cwd, { recursive: true }));

async function read(schemas: Readonly<Record<string, unknown>>) {
  for (const [name, schema] of Object.entries(schemas)) {
    const text = typeof schema === "string" ? schema : JSON.stringify(schema);
    await writeFile(join(cwd, `${name}.avsc`), text);
  }
  const paths = Object.fromEntries(Object.keys(schemas).map((name) => [name, `${name}.avsc`]));
  return readSchemaFiles({ cwd, config: parseConfig(JSON.stringify({ schemas: paths })) });
}

const reference = (name: string, subject: string) => ({ name, subject, version: -1 });

test("what another file defines becomes a reference, and is registered first", async () => {
  const files = await read({
    a: record("shop.Order", { total: "shared.Money", lines: { type: "array", items: "Line" } }),
    b: record("shop.Line", { price: ["null", "shared.Money"], by: { type: "map", values: "Id" } }),
    c: record("shared.Money", { in: { type: "enum", name: "Currency", symbols: ["EUR"] } }),
    d: { type: "fixed", name: "shop.Id", size: 16 },
  });
  expect(files.map(({ subject, references }) => [subject, references])).toEqual([
    ["c", []],
    ["d", []],
    ["b", [reference("shared.Money", "c"), reference("shop.Id", "d")]],
    ["a", [reference("shop.Line", "b"), reference("shared.Money", "c")]],
  ]);
});

test("a nested type is referred to by its root's name", async () => {
  const files = await read({
    a: record("shop.Price", { in: "shared.Currency" }),
    c: record("shared.Money", { in: { type: "enum", name: "Currency", symbols: ["EUR"] } }),
  });
  expect(files.at(-1)?.references).toEqual([reference("shared.Money", "c")]);
  expect([
    ...generate({ schemas: files, topics: [], options: { mode: "strict" } }).files.keys(),
  ]).toEqual(["index.ts", "subjects/a.ts", "subjects/c.ts"]);
});

test("a type that a file defines itself is no reference", async () => {
  const files = await read({
    a: record("shop.Tree", { left: ["null", "Tree"], right: ["null", "shop.Tree"] }),
    b: record("shop.Tree", { left: "int" }),
  });
  expect(files.map((file) => file.references)).toEqual([[], []]);
});

test("files that refer to each other are refused with the way round", async () => {
  const schemas = {
    a: record("x.A", { b: ["null", "x.B"] }),
    b: record("x.B", { a: ["null", "x.A"] }),
  };
  await expect(read(schemas)).rejects.toMatchObject({
    code: "CODEGEN_REFERENCE_CYCLE",
    message: "Subject a refers to itself through a → b → a",
  });
});

test("a byte order mark before a file is passed over, and no part of the schema", async () => {
  const text = JSON.stringify(record("shop.Order", { id: "string" }));
  const [marked] = await read({ a: `\ufeff${text}` });
  expect(marked?.text).toBe(text);
});

const IDL_TEXTS = [
  "protocol Shop { record Order { string id; } }",
  '/** Orders. */\n// of the shop\n@namespace("shop")\nprotocol Shop { }',
  "namespace shop;\nschema Order;\nrecord Order { string id; }",
];

test.each(IDL_TEXTS)("Avro IDL is recognised by its text: %j", async (text) => {
  await expect(read({ a: text })).rejects.toMatchObject({
    code: "CODEGEN_SCHEMA_IDL",
    message: "a.avsc of subject a is Avro IDL, not a schema",
  });
});

test("Avro IDL is recognised by the name of its file", async () => {
  await writeFile(join(cwd, "order.avdl"), "record Order { string id; }");
  const config = parseConfig('{"topics":{"orders":{"value":"order.avdl"}}}');
  await expect(readSchemaFiles({ cwd, config })).rejects.toMatchObject({
    code: "CODEGEN_SCHEMA_IDL",
    hint: expect.stringContaining("idl2schemata order.avdl") as unknown,
  });
});

test.each(["shop.avpr", "shop.avsc"])("a protocol is recognised: %s", async (file) => {
  const protocol = { protocol: "Shop", types: [record("Order", { id: "string" })], messages: {} };
  await writeFile(join(cwd, file), JSON.stringify(protocol));
  const config = parseConfig(JSON.stringify({ schemas: { orders: file } }));
  await expect(readSchemaFiles({ cwd, config })).rejects.toMatchObject({
    code: "CODEGEN_SCHEMA_PROTOCOL",
    message: `${file} of subject orders is an Avro protocol, not a schema`,
  });
});

test("a file that is missing is named, with its subject", async () => {
  const config = parseConfig('{"topics":{"orders":{"value":"nowhere.avsc"}}}');
  await expect(filesSource({ cwd, config }).fetch("orders-value", "latest")).rejects.toMatchObject({
    code: "CODEGEN_SCHEMA_UNREADABLE",
    details: { file: "nowhere.avsc", subject: "orders-value" },
  });
});

test("a file that is not JSON is named, with the place", async () => {
  await expect(read({ a: "{" })).rejects.toThrow(
    /^The schema of subject a is not valid: a\.avsc: JSON is invalid at line 1, column 2: /,
  );
});

const nested = (name: string, inner: object) => ({
  type: "record",
  name,
  fields: [{ name: "c", type: inner }],
});
const money = record("m.c.Money", { a: "long" });
const wider = record("m.c.Money", { a: "long", cur: "string" });

/** The names of the files, in the order in which they are read. */
test.each<readonly [string, Readonly<Record<string, unknown>>, string, string, string]>([
  [
    "nested in two files that a third one refers to",
    { all: ["m.Dec", "m.Upd"], dec: nested("m.Dec", money), upd: nested("m.Upd", wider) },
    "m.c.Money",
    "dec.avsc",
    "upd.avsc",
  ],
  [
    "nested in a file and in one that refers to it",
    { a: { ...nested("m.A", ["null", wider, "m.Dec"]) }, dec: nested("m.Dec", money) },
    "m.c.Money",
    "dec.avsc",
    "a.avsc",
  ],
  ["roots of files beside each other", { a: money, b: wider }, "m.c.Money", "a.avsc", "b.avsc"],
  [
    "enums whose symbols differ",
    {
      a: nested("m.A", { type: "enum", name: "m.E", symbols: ["X"] }),
      b: nested("m.B", { type: "enum", name: "m.E", symbols: ["X", "Y"] }),
    },
    "m.E",
    "a.avsc",
    "b.avsc",
  ],
])(
  "two definitions of a name, %s, are refused with both files",
  async (_, schemas, name, ...files) => {
    await read(schemas);
    const paths = Object.fromEntries(Object.keys(schemas).map((one) => [one, `${one}.avsc`]));
    const config = parseConfig(JSON.stringify({ schemas: paths, codegen: { out: "out" } }));
    const source = filesSource({ cwd, config });
    const run = runCodegen({ cwd, config, source, out: () => undefined });
    await expect(run).rejects.toMatchObject({
      code: "CODEGEN_TYPE_REDEFINED",
      message: `${files[0]} and ${files[1]} define ${name} differently`,
    });
    expect((await readdir(cwd)).filter((file) => !file.endsWith(".avsc"))).toEqual([]);
  },
);

test("two definitions of a name in equal words are none", async () => {
  const schemas = { a: nested("m.A", money), b: nested("m.B", { ...money, doc: "again" }) };
  await read(schemas);
  const config = parseConfig('{"schemas":{"a":"a.avsc","b":"b.avsc"}}');
  await expect(filesSource({ cwd, config }).fetch("a", "latest")).resolves.toMatchObject({
    subject: "a",
    text: JSON.stringify(schemas.a),
  });
});

test("members that mean nothing where they stand are no uses of names", async () => {
  const files = await read({
    a: {
      type: "record",
      name: "x.A",
      fields: [{ name: "f", type: { type: "int", items: "x.B" } }],
    },
    b: record("x.B", {}),
  });
  expect(files.map((file) => file.references)).toEqual([[], []]);
});
