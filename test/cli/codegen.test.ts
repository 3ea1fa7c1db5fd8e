import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRegistryClient } from "../../src/client/index.ts";
import type { RegistryServer } from "../../src/server/index.ts";
import { createRegistryServer } from "../../src/server/index.ts";
import type { Ended } from "./command.ts";
import { startCommand } from "./command.ts";
import { codeIn, runHere } from "./run-here.ts";

const RECORD = '{"type":"record","name":"R","fields":[{"name":"a","type":"string"}]}';
const TOPICS = { t: { value: "r.avsc" } };

async function project(config: object): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "typewire-cli-"));
  await writeFile(join(folder, "r.avsc"), RECORD);
  await writeFile(join(folder, "typewire.json"), JSON.stringify({ topics: TOPICS, ...config }));
  return folder;
}

function codegenIn(folder: string, args: readonly string[] = []): Promise<Ended> {
  return runHere(["codegen", "--config", join(folder, "typewire.json"), ...args]);
}

describe("typewire codegen", () => {
  let registry: RegistryServer;
  beforeAll(async () => {
    registry = await createRegistryServer({ store: "memory", host: "127.0.0.1", port: 0 });
    await createRegistryClient({ url: registry.url }).register("t-value", { schema: RECORD });
  });
  afterAll(() => registry.close());

  test("writes modules from the registry, and --check then finds nothing", async () => {
    const folder = await project({ registry: { url: registry.url }, codegen: { out: "out" } });
    // In the folder, as people run it; the others name the configuration.
    expect(await startCommand(["codegen"], folder).ended).toMatchObject({ status: 0, stderr: "" });
    expect(await readFile(join(folder, "out/t.ts"), "utf8")).toContain("export const t = topic(");
    expect((await codegenIn(folder, ["--check"])).status).toBe(0);
  });

  test("--check writes nothing, lists stale files and ends with status 1", async () => {
    const folder = await project({ codegen: { out: "out" } });
    const ended = await codegenIn(folder, ["--check", "--from", "files"]);
    expect(ended.status).toBe(1);
    expect(ended.stdout).toContain("missing  out/t.ts");
    await expect(readFile(join(folder, "out/t.ts"))).rejects.toThrow("ENOENT");
  });

  test("ends with status 2 when the registry cannot be reached", async () => {
    const folder = await project({ registry: { url: "http://127.0.0.1:1" } });
    const ended = await codegenIn(folder, ["--check"]);
    expect(ended.status).toBe(2);
    expect(ended.stdout).toContain("http://127.0.0.1:1");
  });

  test.each([
    ["real", "an alias of its own context"],
    [":.elsewhere:money", "one that leads to another context"],
    ["nowhere", "one that leads nowhere"],
  ])("references mean the subject itself, not %s: %s", async (alias) => {
    const client = createRegistryClient({ url: registry.url });
    const money = (field: string) =>
      `{"type":"record","name":"Money","fields":[{"name":"${field}","type":"int"}]}`;
    await client.register("real", { schema: money("other") });
    await client.register(":.elsewhere:money", { schema: money("far") });
    await client.register("money", { schema: money("own") });
    const references = [{ name: "Money", subject: "money", version: 1 }];
    const schema = '{"type":"record","name":"O","fields":[{"name":"m","type":"Money"}]}';
    await client.register("o-value", { schema, references });
    await client.updateConfig("money", { alias });
    const topics = { o: { value: "o.avsc" } };
    const folder = await project({ registry: { url: registry.url }, topics });
    expect((await codegenIn(folder)).status).toBe(0);
    const read = (name: string) => readFile(join(folder, "src/generated/subjects", name), "utf8");
    expect(await read("money.ts")).toContain("own: number");
    expect(await read("o-value.ts")).toContain(
      JSON.stringify(money("own")).slice(1, -1).replaceAll('\\"', '"'),
    );
    await client.deleteConfig("money");
  });

  test("a topic whose subject is an alias has the references of what it stands for", async () => {
    const client = createRegistryClient({ url: registry.url });
    const schema = (name: string, field: string, type: string) =>
      `{"type":"record","name":"${name}","fields":[{"name":"${field}","type":"${type}"}]}`;
    await client.register("part", { schema: schema("Part", "near", "int") });
    await client.register(":.far:part", { schema: schema("Part", "far", "int") });
    const references = [{ name: "Part", subject: "part", version: 1 }];
    await client.register(":.far:whole", { schema: schema("Whole", "p", "Part"), references });
    await client.updateConfig("w-value", { alias: ":.far:whole" });
    const topics = { w: { value: "w.avsc" } };
    const folder = await project({ registry: { url: registry.url }, topics });
    expect((await codegenIn(folder)).status).toBe(0);
    const module = await readFile(join(folder, "src/generated/subjects/w-value.ts"), "utf8");
    expect(module).toContain('"name":"far"');
    expect(module).not.toContain('"name":"near"');
  });

  test("a configuration without a registry is told so", async () => {
    const folder = await project({});
    const ended = await codegenIn(folder);
    expect(ended.status).toBe(1);
    expect(codeIn(ended)).toBe("CLI_REGISTRY_UNKNOWN");
    expect(ended.stderr).toContain("typewire.json has no registry.url");
  });

  test("the examples' generated code is what the schemas say", async () => {
    const configs = ["typewire.json", "schemas/evolution/typewire.json", "examples/typewire.json"];
    for (const config of configs) {
      const args = ["codegen", "--check", "--from", "files", "--config", config];
      expect(await runHere(args)).toMatchObject({ status: 0, stderr: "" });
    }
  });
});
