/** Generated code of random schemas compiles, and its types hold what codecs take. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CodegenMapping } from "../../codegen/index.ts";
import { generate } from "../../codegen/index.ts";
import type { Schema } from "../../src/avro/index.ts";
import { createCodec, parseSchema } from "../../src/avro/index.ts";
import { isTypewireError } from "../../src/base/index.ts";
import { arbSchemaText } from "../avro/arbitraries.ts";
import { valuesOf } from "../avro/values.ts";
import { source } from "./cases.ts";

const root = new URL("../../", import.meta.url).pathname;
const SEED = 20_261_121;
const SCHEMAS = 200;
const VALUES = 6;

let folder = "";
beforeAll(async () => {
  await mkdir(join(root, ".typewire"), { recursive: true });
  folder = await mkdtemp(join(root, ".typewire/codegen-"));
});
afterAll(() => rm(folder, { recursive: true }));

test("what the codec takes and gives has the types that are printed", async () => {
  const texts = fc.sample(arbSchemaText, { numRuns: SCHEMAS, seed: SEED });
  let values = 0;
  for (const [index, text] of texts.entries()) {
    const mapping = MAPPINGS[index % MAPPINGS.length] ?? {};
    values += await writeModules(join(folder, "right", String(index)), text, mapping);
  }
  expect(values).toBeGreaterThan(SCHEMAS);
  expect(await compile(join(folder, "right"))).toBe("");
});

test("a value of another type is seen", async () => {
  const text = '{"type":"record","name":"R","fields":[{"name":"l","type":"long"}]}';
  await writeModules(join(folder, "wrong"), text, {}, { l: "1" });
  expect(await compile(join(folder, "wrong"))).toContain(
    "Type 'string' is not assignable to type 'number | bigint'",
  );
});

const MAPPINGS: readonly CodegenMapping[] = [
  {},
  { long: "number" },
  { logical: "raw" },
  { long: "number", logical: "raw" },
];

/** Writes the modules of a schema, and a module that holds values to their types. */
async function writeModules(
  into: string,
  text: string,
  mapping: CodegenMapping,
  more?: unknown,
): Promise<number> {
  const { files, parsed } = generate({
    schemas: [source("subject", text)],
    topics: [],
    options: { mapping },
  });
  for (const [file, content] of files) await writeText(join(into, file), content);
  const schema = parsed[0]?.root ?? parseSchema(text, { mode: "strict" });
  const pairs = valuePairs(schema, mapping);
  const inputs = [...pairs.map(([input]) => input), ...(more === undefined ? [] : [more])];
  const lines = [
    'import type { InputOf, OutputOf } from "typewire/schema";',
    'import * as subject from "./subjects/subject.js";',
    `const descriptor = subject.${constantIn(files.get("subjects/subject.ts") ?? "")};`,
    "type In = InputOf<typeof descriptor>;",
    "type Out = OutputOf<typeof descriptor>;",
    ...inputs.map((input, index) => `export const in${index}: In = ${printed(input)};`),
    ...pairs.map(([, output], index) => `export const out${index}: Out = ${printed(output)};`),
  ];
  await writeText(join(into, "values.ts"), `${lines.join("\n")}\n`);
  return pairs.length;
}

function constantIn(module: string): string {
  return /export const (\S+): AvroType/.exec(module)?.[1] ?? "";
}

/** Values, and what is read after they were written; those that a schema refuses are left out. */
function valuePairs(schema: Schema, mapping: CodegenMapping): [unknown, unknown][] {
  const codec = createCodec(schema, { mapping });
  const values = fc.sample(valuesOf(schema, mapping), { numRuns: VALUES, seed: SEED });
  const short = values.slice(0, 2).map((value) => withoutDefaults(schema, value));
  return [...values, ...short].flatMap((value): [unknown, unknown][] => {
    try {
      return [[value, codec.fromBuffer(codec.toBuffer(value))]];
    } catch (error) {
      if (isTypewireError(error, "AVRO_VALUE_INVALID")) return [];
      throw error;
    }
  });
}

/**
 * The value without what may be left out. A field that is named like a member of every object, such
 * as `toString`, can't be left out as far as the compiler is concerned.
 */
function withoutDefaults(schema: Schema, value: unknown): unknown {
  if (schema.kind !== "record") return value;
  const optional = schema.fields.filter(
    ({ name, default: fallback }) => fallback !== undefined && !(name in Object.prototype),
  );
  const names = new Set(optional.map((field) => field.name));
  return Object.fromEntries(Object.entries(value as object).filter(([name]) => !names.has(name)));
}

/**
 * A value as TypeScript. Text is `as const` because the compiler widens it under keys such as
 * `constructor`, where it looks at the members of every object first.
 */
function printed(value: unknown): string {
  if (typeof value === "string") return `${JSON.stringify(value)} as const`;
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (value instanceof Date) return `new Date(${value.getTime()})`;
  if (value instanceof Uint8Array) return `new Uint8Array([${value.join(", ")}])`;
  if (Array.isArray(value)) return `[${value.map(printed).join(", ")}]`;
  const members = Object.entries(value).map(
    ([name, member]) => `[${JSON.stringify(name)}]: ${printed(member)}`,
  );
  return `{ ${members.join(", ")} }`;
}

async function writeText(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

/** What the compiler says about a folder; nothing when all is well. */
async function compile(path: string): Promise<string> {
  const config = { extends: join(root, "tsconfig.json"), include: ["."], exclude: [] };
  await writeText(join(path, "tsconfig.json"), JSON.stringify(config));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  return new Promise((resolve) => {
    execFile(process.execPath, [tsc, "--pretty", "false", "-p", path], (_error, stdout, stderr) => {
      resolve(stdout + stderr);
    });
  });
}
