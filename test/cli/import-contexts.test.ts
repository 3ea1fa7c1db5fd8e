/** What an import makes of schemas that lead from one context into another. */
import { afterEach, expect, test } from "vitest";
import { createRegistryClient } from "../../src/client/index.ts";
import { createRegistryServer } from "../../src/server/index.ts";
import { codeIn, runHere } from "./run-here.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

async function registry() {
  const { url, close } = await createRegistryServer({ store: "memory", port: 0, drainMs: 0 });
  closing.push(close);
  return createRegistryClient({ url });
}

const text = (name: string, field: string, type = "int") =>
  `{"type":"record","name":"${name}","fields":[{"name":"${field}","type":"${type}"}]}`;
const money = (field: string) => ({ schema: text("Money", field) });
const order = (subject: string, name = "Order") => ({
  schema: text(name, "m", "Money"),
  references: [{ name: "Money", subject, version: 1 }],
});

type Registry = Awaited<ReturnType<typeof registry>>;
const importInto = (target: Registry, source: Registry, ...more: string[]) =>
  runHere(["import", "--from", source.url, "--to", target.url, ...more]);
const everything = (client: Registry, query = "subjectPrefix=:*:&deleted=true") =>
  client.request("GET", `/schemas?${query}`);
const withoutTime = (schemas: unknown) =>
  JSON.parse(JSON.stringify(schemas, (key, value: unknown) => (key === "ts" ? undefined : value)));

test("aliases that lead to other contexts bring nothing of those along", async () => {
  const [source, target] = [await registry(), await registry()];
  // Contexts are read in the order of their names: the aliases lead backwards and forwards.
  for (const context of [":.:", ":.a:", ":.m:", ":.z:"]) {
    await source.register(`${context}real`, money(`of${context.replace(/\W/g, "")}`));
    await source.register(`${context}order`, order("real"));
    for (const other of [".", ".a", ".m", ".z"]) {
      await source.updateConfig(`${context}to${other}`, { alias: `:${other}:real` });
    }
  }
  await source.updateConfig(":.m:real", { alias: ":.:real" });
  expect(await importInto(target, source)).toMatchObject({ status: 0 });
  expect(withoutTime(await everything(target))).toEqual(withoutTime(await everything(source)));
  expect(await target.config(":.z:to.a")).toEqual(await source.config(":.z:to.a"));
  expect((await importInto(target, source)).stdout).toContain("0 versions registered");
});

test("--context takes along what names the default context", async () => {
  const [source, target] = [await registry(), await registry()];
  await target.register("money", money("theirs"));
  await source.register("money", money("ours"));
  await source.register("order", order(":.:money"));
  await source.register(":.eu:order", order(":.:money"));
  await source.updateConfig("nick", { alias: ":.:order" });
  expect(await importInto(target, source, "--context", "team")).toMatchObject({ status: 0 });
  const whole = text("Order", "m", "Money").replace('"Money"', text("Money", "ours"));
  for (const subject of [":.team:order", ":.eu:order", ":.team:nick"]) {
    expect(await target.closedSchema(subject, 1)).toBe(whole);
  }
  const again = await importInto(target, source, "--context", "team");
  expect(again.stdout).toContain("0 versions registered, 3 there already");
});

test.each(["team", ".team", ":.team:"])("--context %s is the context .team", async (written) => {
  const [source, target] = [await registry(), await registry()];
  await source.register("money", money("ours"));
  expect(await importInto(target, source, "--context", written)).toMatchObject({ status: 0 });
  expect(await target.subjects()).toEqual([":.team:money"]);
});

test.each(["", ".", ":.:", "a:b", ":.a:b:", "__GLOBAL", ":.__GLOBAL:", "a\u0001b"])(
  "--context %j is refused before anything is read: CLI_CONTEXT_INVALID",
  async (written) => {
    const ended = await runHere([
      ...["import", "--from", "http://127.0.0.1:9", "--to", "http://127.0.0.1:9"],
      ...["--context", written],
    ]);
    expect(codeIn(ended)).toBe("CLI_CONTEXT_INVALID");
  },
);

test("equal words that mean other types are a conflict: CLI_IMPORT_CONFLICT", async () => {
  const [source, target] = [await registry(), await registry()];
  for (const client of [source, target]) {
    await client.register("one", money("x"));
    await client.register("two", money("y"));
  }
  await source.register("order", order("one"));
  await target.register("order", order("two"));
  const ended = await importInto(target, source);
  expect(codeIn(ended)).toBe("CLI_IMPORT_CONFLICT");
  expect(ended.stderr).toContain("has other content in the target");
});
