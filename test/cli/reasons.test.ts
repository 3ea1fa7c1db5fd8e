/** What a person reads of a failure: the reason whole, its quotes as they are, one problem a line. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, onTestFinished, test } from "vitest";
import { createRegistryClient, refusalOf } from "../../src/client/index.ts";
import { createRegistryServer } from "../../src/server/index.ts";
import { runHere } from "./run-here.ts";

const folders: string[] = [];
afterEach(async () => {
  for (const each of folders.splice(0)) await rm(each, { recursive: true });
});

/** A schema of about 20,000 characters whose last field is named with quotes. */
const LONG = JSON.stringify({
  type: "record",
  name: "Long",
  fields: [
    ...Array.from({ length: 400 }, (_, index) => ({
      name: `field${index}`,
      type: "string",
      doc: `the "${index}"`,
    })),
    { name: 'say "hi"', type: "string" },
  ],
});

const REASON =
  'Name "say "hi"" at /fields/400/name is not a valid field name. ' +
  "Write a letter A-Z, a-z or _, then letters, digits or _";

test("a refusal that quotes a long schema still ends with the reason", async () => {
  const registry = await createRegistryServer({ store: "memory", port: 0, drainMs: 0 });
  onTestFinished(() => registry.close());
  const client = createRegistryClient({ url: registry.url });
  const error: unknown = await client.register("long-value", { schema: LONG }).catch((e) => e);
  expect(refusalOf(error)?.message).toBe(
    "Invalid schema {subject=long-value,version=0,id=-1,schemaType=AVRO,references=[]," +
      `metadata=null,ruleSet=null,schema=${LONG}}, details: ${REASON}`,
  );
  const { message } = error as Error;
  expect(message).toContain("Invalid schema {subject=long-value,");
  expect(message.endsWith(`details: ${REASON}`)).toBe(true);
  expect(message.length).toBeLessThan(1200);
});

test("a command says what is wrong with a schema file, with its quotes as they are", async () => {
  const { stderr, status } = await codegen({
    "typewire.json": '{"topics":{"long":{"value":"long.avsc"}}}',
    "long.avsc": LONG,
  });
  expect(status).toBe(1);
  expect(stderr).toContain('Name "say "hi"" at /fields/400/name is not a valid field name');
  expect(stderr).not.toContain("\\");
});

test("a command prints the problems of a configuration one a line", async () => {
  const { stderr, status } = await codegen({
    "typewire.json": '{"topics":{"t":{}},"registry":{"url":3},"codegen":{"outs":"x"}}',
  });
  expect(status).toBe(1);
  expect(stderr.replaceAll(/\S*typewire\.json/g, "FILE").split("\n")).toEqual([
    "FILE is not a valid configuration:",
    '  /codegen/outs is "x", expected no such member; known ones are out, importExtension, runtime, mapping',
    "  /registry/url is 3, expected string",
    "  /topics/t/value expected a value, it is missing",
    "Correct each member at its JSON pointer; docs/codegen.md lists what may stand there. [CODEGEN_CONFIG_INVALID]",
    "",
  ]);
});

async function codegen(files: Readonly<Record<string, string>>) {
  const folder = await mkdtemp(join(tmpdir(), "typewire-reasons-"));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return runHere(["codegen", "--from", "files", "--config", join(folder, "typewire.json")]);
}
