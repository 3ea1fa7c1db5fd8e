/**
 * One schema, one meaning: the registry, the client, the code generator and the codecs agree on what
 * a schema is whose references lead to several versions of its types.
 */
import { test as prop } from "@fast-check/vitest";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SourceSchema } from "../../codegen/index.ts";
import { generate } from "../../codegen/index.ts";
import type { NamedSchema, Schema } from "../../src/avro/index.ts";
import { namedTypes, parseSchema, printSchema } from "../../src/avro/index.ts";
import type { RegistryClient } from "../../src/client/index.ts";
import { createRegistryClient } from "../../src/client/index.ts";
import { createTypeReader } from "../../src/kafka/codec/type-reader.ts";
import { createTypeWriter } from "../../src/kafka/codec/type-writer.ts";
import { avroType } from "../../src/schema/index.ts";
import type { RegistryServer } from "../../src/server/index.ts";
import { createRegistryServer } from "../../src/server/index.ts";
import { valuesOf } from "../avro/values.ts";
import type { Attempt } from "./graphs.ts";
import { arbPlans, parseOrder, registerPlans } from "./graphs.ts";

let server: RegistryServer;
let registry: RegistryClient;
beforeAll(async () => {
  server = await createRegistryServer({ store: "memory", port: 0, settings: { level: "NONE" } });
  registry = createRegistryClient({ url: server.url });
});
afterAll(() => server.close());

let runs = 0;
/** Each is a graph of up to 18 versions, judged in five places. */
const RUNS = { numRuns: 4 };

/** The chain of texts, parsed one after the other in the plainest way. */
function parseChain(texts: readonly string[]): Schema {
  let types = new Map<string, NamedSchema>();
  let last: Schema | undefined;
  for (const text of texts) {
    last = parseSchema(text, { mode: "stored", types });
    types = new Map([...namedTypes(last), ...types]);
  }
  if (last === undefined) throw new Error("no text");
  return last;
}

function keyOf({ subject, version }: Pick<Attempt, "subject" | "version">): string {
  return `${version} ${subject}`;
}

async function sourceOf(subject: string, version: number): Promise<SourceSchema> {
  const { id, schema, references } = await registry.version(subject, version);
  return { subject, version, id, text: schema, references };
}

/** The descriptor as it stands in the generated module. */
function descriptorOf(root: SourceSchema, referenced: readonly SourceSchema[]) {
  const { files } = generate({ schemas: [root], referenced, topics: [] });
  const module = [...files].find(
    ([file, text]) => !file.includes("$v") && text.includes(`"${root.subject}": {@link`),
  );
  const member = (name: string): string | undefined => {
    const literal = new RegExp(`\\b${name}:\\s*("(?:\\\\.|[^"\\\\])*"|'(?:\\\\.|[^'\\\\])*')`);
    const found = literal.exec(module?.[1] ?? "")?.[1];
    return found === undefined ? undefined : (new Function(`return ${found}`)() as string);
  };
  const [schema = "", closedSchema] = [member("schema"), member("closedSchema")];
  return avroType<unknown, unknown>({
    subject: root.subject,
    name: "g",
    schema,
    references: root.references,
    ...(closedSchema !== undefined && { closedSchema }),
    fingerprint: "0",
  });
}

async function checkMeaning(
  attempt: Attempt,
  attempts: readonly Attempt[],
  sources: ReadonlyMap<string, SourceSchema>,
): Promise<void> {
  const { subject, version = 0, id = 0 } = attempt;
  const closed = printSchema(parseChain(parseOrder(attempt, attempts)));
  const path = `/subjects/${subject}/versions/${version}?format=resolved`;
  expect(await registry.request("GET", path)).toMatchObject({ schema: closed });
  expect(await registry.closedSchema(subject, version)).toBe(closed);
  expect(printSchema(await registry.parsedById(id))).toBe(closed);
  const root = sources.get(keyOf(attempt));
  if (root === undefined) throw new Error(`no ${subject} ${version}`);
  const others = [...sources.values()].filter((one) => one !== root);
  const type = descriptorOf(root, others);
  expect(type.closedSchema ?? type.schema).toBe(closed);
  const write = await createTypeWriter(type, { topic: "t", part: "value" }, { registry });
  const reader = createTypeReader(type, { topic: "t", part: "value" }, { registry });
  await reader.load(id);
  const buffer = Buffer.alloc(1 << 16);
  for (const value of fc.sample(valuesOf(parseSchema(closed, { mode: "stored" })), 3)) {
    const end = write(value, buffer, 0);
    expect(reader.writer(buffer, 0, end)).toBe(id);
    expect(reader.decode(id, buffer, 0, end)).toEqual(value);
  }
}

describe("random graphs of references and versions", () => {
  prop.prop([arbPlans], RUNS)(
    "mean the same everywhere",
    async (plans) => {
      const attempts = await registerPlans(registry, `r${++runs}-`, plans);
      const sources = new Map<string, SourceSchema>();
      for (const { subject, version } of attempts) {
        if (version === undefined) continue;
        sources.set(keyOf({ subject, version }), await sourceOf(subject, version));
      }
      for (const attempt of attempts) {
        if (attempt.version === undefined) {
          expect(() => parseChain(parseOrder(attempt, attempts))).toThrow(
            expect.objectContaining({ name: "TypewireError" }),
          );
        } else {
          await checkMeaning(attempt, attempts, sources);
        }
      }
    },
    120_000,
  );
});

test("a consumer looks for ids in the context that its subject names", async () => {
  const record = (...names: string[]) => {
    const fields = names.map((name) => ({ name, type: "int" }));
    return JSON.stringify({ type: "record", name: "P", fields });
  };
  const [subject, schema] = [":.own:p-value", record("x", "y")];
  const { id } = await registry.register(subject, { schema });
  // In the default context the number means something else, or comes to.
  await registry.register("p-decoy", { schema: record("y", "x") });
  const type = avroType<unknown, unknown>({ subject, name: "P", schema, fingerprint: "0" });
  const write = await createTypeWriter(type, { topic: "t", part: "value" }, { registry });
  const reader = createTypeReader(type, { topic: "t", part: "value" }, { registry });
  const buffer = Buffer.alloc(64);
  const end = write({ x: 1, y: 2 }, buffer, 0);
  expect(reader.writer(buffer, 0, end)).toBe(id);
  expect(reader.knows(id)).toBe(false);
  await reader.load(id);
  expect(reader.decode(id, buffer, 0, end)).toEqual({ x: 1, y: 2 });
  expect(await registry.parsedById(id)).toMatchObject({ kind: "record" });
  const inDefault = await registry.schemaById(id);
  expect(inDefault.schema).not.toBe(schema);
});
