/** The client against a registry of ours, over HTTP. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { printSchema } from "../../src/avro/index.ts";
import { createRegistryClient, refusalOf } from "../../src/client/index.ts";
import type { RegistryServer } from "../../src/server/index.ts";
import { createRegistryServer } from "../../src/server/index.ts";
import { manualClock } from "./stub.ts";

/** The client against the registry itself; what it does alone is in the files beside this one. */
let server: RegistryServer;
const seen: string[] = [];
beforeAll(async () => {
  server = await createRegistryServer({
    store: "memory",
    port: 0,
    onRequest: ({ method, url, status }) => seen.push(`${method} ${url} ${status}`),
  });
});
afterAll(() => server.close());

const text = (name: string, fields = "") =>
  `{"type":"record","name":"${name}","fields":[${fields}]}`;
const field = (name: string, type = '"int"') => `{"name":"${name}","type":${type}}`;
const client = () => createRegistryClient({ url: server.url });

describe("the client and the registry", () => {
  test("register, look up, read by id, subject and version", async () => {
    const registry = client();
    const first = await registry.register("a/b ü", { schema: text("A") });
    const again = await registry.register("a/b ü", { schema: text("A") });
    expect(again).toEqual(first);
    expect(await registry.idOf("a/b ü", { schema: text("A") })).toBe(first.id);
    const byId = await registry.schemaById(first.id);
    const latest = await registry.latest("a/b ü");
    expect(byId).toMatchObject({ id: first.id, schema: text("A"), schemaType: "AVRO" });
    expect(latest).toEqual({ ...byId, subject: "a/b ü", version: 1, deleted: false });
    expect(await registry.version("a/b ü", 1)).toEqual(latest);
    expect(await registry.subjects({ prefix: "a/" })).toEqual(["a/b ü"]);
    expect(await registry.versions("a/b ü")).toEqual([1]);
  });

  test("subjects that paths cannot name plainly", async () => {
    const registry = client();
    for (const subject of [".", "..", "%", "?#", "*", "a\\b", "😀", "__proto__"]) {
      await registry.register(subject, { schema: text("Odd") });
      expect((await registry.latest(subject)).subject).toBe(subject);
    }
  });

  test("references resolve to one parsed schema and to one closed text", async () => {
    const registry = client();
    await registry.register("leaf", { schema: text("Leaf", field("x")) });
    const references = [{ name: "Leaf", subject: "leaf", version: 1 }];
    const definition = { schema: text("Tree", field("leaf", '"Leaf"')), references };
    const { id } = await registry.register("tree", definition);
    expect(await registry.parsedById(id)).toMatchObject({
      fields: [{ schema: { kind: "record", fields: [{ name: "x" }] } }],
    });
    expect(await registry.closedSchema("tree", "latest")).toBe(
      text("Tree", field("leaf", text("Leaf", field("x")))),
    );
    expect(await registry.referencedBy("leaf", 1)).toEqual([id]);
  });

  test("one request for a thousand messages of one id, also when they come at once", async () => {
    const { id } = await client().register("cached", { schema: text("Cached") });
    const registry = client();
    seen.length = 0;
    await Promise.all(Array.from({ length: 1_000 }, () => registry.parsedById(id)));
    await registry.parsedById(id);
    expect(seen).toEqual([`GET /schemas/ids/${id} 200`]);
  });

  test("one request for a thousand messages of an unknown id", async () => {
    // Unknown ids are asked for again after a second, which a busy machine may need for these.
    const registry = createRegistryClient({ url: server.url, clock: manualClock() });
    seen.length = 0;
    for (let n = 0; n < 1_000; n++) {
      await expect(registry.schemaById(99_999)).rejects.toMatchObject({
        code: "CLIENT_SCHEMA_ID_UNKNOWN",
      });
    }
    expect(seen).toEqual(["GET /schemas/ids/99999 404"]);
  });

  test("levels, modes, compatibility and deletion", async () => {
    const registry = client();
    await registry.register("evolve", { schema: text("E") });
    expect(await registry.compatibilityLevel("evolve")).toBe("BACKWARD");
    const broken = { schema: text("E", field("new")) };
    const result = await registry.checkCompatibility("evolve", broken);
    expect(result.compatible).toBe(false);
    expect(result.messages[0]).toContain("READER_FIELD_MISSING_DEFAULT_VALUE");
    const error: unknown = await registry.register("evolve", broken).catch((e: unknown) => e);
    expect(refusalOf(error)?.errorCode).toBe(409);
    await registry.setCompatibilityLevel("evolve", "NONE");
    expect(await registry.register("evolve", broken)).toMatchObject({ version: 2 });
    expect(await registry.config("evolve")).toMatchObject({ compatibilityLevel: "NONE" });
    expect(await registry.deleteConfig("evolve")).toMatchObject({ compatibilityLevel: "NONE" });
    await registry.setMode("evolve", "READONLY");
    expect(await registry.mode("evolve")).toBe("READONLY");
    await registry.deleteMode("evolve");
    expect(await registry.deleteVersion("evolve", "latest", "soft")).toBe(2);
    expect(await registry.deleteSubject("evolve", "soft")).toEqual([1]);
    expect(await registry.deleteSubject("evolve", "permanent")).toEqual([1, 2]);
    expect(await registry.contexts()).toEqual(["."]);
    expect(await registry.request("GET", "/schemas/types")).toEqual(["AVRO"]);
  });

  test("a stale If-Match is refused with 412", async () => {
    const registry = client();
    await registry.register("guarded", { schema: text("G") });
    const error: unknown = await registry
      .register("guarded", { schema: text("G2") }, { ifMatch: '"0-none"' })
      .catch((e: unknown) => e);
    expect(refusalOf(error)?.status).toBe(412);
  });

  test("a registry that is down is retriable, and found again when it is back", async () => {
    const first = await createRegistryServer({ store: "memory", port: 0, drainMs: 0 });
    const { port } = first;
    const registry = createRegistryClient({ url: first.url, retries: 1, retryDelayMs: 1 });
    await registry.subjects();
    await first.close();
    await expect(registry.schemaById(1)).rejects.toMatchObject({
      code: "CLIENT_UNREACHABLE",
      retriable: true,
    });
    const second = await createRegistryServer({ store: "memory", port });
    await registry.register("s", { schema: text("S") });
    expect((await registry.schemaById(1)).schema).toBe(text("S"));
    await second.close();
  });

  test("an answer that never comes is a time-out, and retriable", async () => {
    const { createServer } = await import("node:http");
    const silent = createServer(() => undefined);
    const port = await new Promise<number>((resolve) => {
      silent.listen(0, "127.0.0.1", () => {
        const address = silent.address();
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
    const url = `http://127.0.0.1:${port}`;
    const registry = createRegistryClient({ url, timeoutMs: 50, retries: 0 });
    await expect(registry.subjects()).rejects.toMatchObject({
      code: "CLIENT_UNREACHABLE",
      retriable: true,
      message: `The registry at ${url} did not answer GET /subjects in 1 attempts: no answer in 50 ms`,
    });
    silent.closeAllConnections();
    silent.close();
  });
});

describe("one meaning of a schema", () => {
  const money = (name: string) => text("Money", field(name));
  const reference = (subject: string) => [{ name: "Money", subject, version: 1 }];
  const closed = (order: string, name: string) => text(order, field("m", money(name)));
  const meanings = async (subject: string, id: number) => ({
    resolved: await client().request("GET", `/subjects/${subject}/versions/1?format=resolved`),
    closed: await client().closedSchema(subject, 1),
    parsed: printSchema(await client().parsedById(id, subject)),
  });

  test.each([
    [":.eu:plain", "money", "eu"],
    [":.eu:home", ":.:money", "home"],
    [":.eu:abroad", ":.us:money", "us"],
    [":.:plain", "money", "home"],
    [":.:abroad", ":.eu:money", "eu"],
  ])("in contexts with the same ids: %s refers to %s", async (subject, to, expected) => {
    const registry = client();
    await registry.register("money", { schema: money("home") });
    await registry.register(":.eu:money", { schema: money("eu") });
    await registry.register(":.us:money", { schema: money("us") });
    const schema = text("Order", field("m", '"Money"'));
    const { id } = await registry.register(subject, { schema, references: reference(to) });
    const whole = closed("Order", expected);
    expect(await meanings(subject, id)).toMatchObject({
      resolved: { schema: whole },
      closed: whole,
      parsed: whole,
    });
    const [context = ""] = /^:\..*:/.exec(subject) ?? [];
    const inside = createRegistryClient({ url: `${server.url}/contexts/${context}` });
    expect(printSchema(await inside.parsedById(id))).toBe(whole);
  });

  test("where ids are equal and contexts are not, each is kept apart", async () => {
    const registry = client();
    await registry.register(":.one:s", { schema: '"int"' });
    await registry.register(":.two:s", { schema: '"long"' });
    expect((await registry.parsedById(1, ":.one:s")).kind).toBe("int");
    expect((await registry.parsedById(1, ":.two:s")).kind).toBe("long");
    expect(registry.peekParsed(1, ":.one:any")?.kind).toBe("int");
    await expect(registry.parsedById(2, ":.one:s")).rejects.toMatchObject({
      code: "CLIENT_SCHEMA_ID_UNKNOWN",
    });
    expect((await registry.schemaById(1, ":.two:s")).schema).toBe('"long"');
  });

  test.each(["real", ":.elsewhere:mine", "nowhere"])(
    "whatever an alias in front of a referenced subject stands for: %s",
    async (alias) => {
      const registry = client();
      await registry.register("real", { schema: money("other") });
      await registry.register(":.elsewhere:mine", { schema: money("elsewhere") });
      await registry.register("mine", { schema: money("own") });
      const schema = text("Aliased", field("m", '"Money"'));
      const references = reference("mine");
      const { id } = await registry.register("aliased", { schema, references });
      await registry.updateConfig("mine", { alias });
      const whole = closed("Aliased", "own");
      expect(await meanings("aliased", id)).toMatchObject({
        resolved: { schema: whole },
        closed: whole,
        parsed: whole,
      });
      await registry.deleteConfig("mine");
    },
  );
});
