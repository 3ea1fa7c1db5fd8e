/** Routes beyond Confluent's API, over HTTP. */
import { rm } from "node:fs/promises";
import { Ajv } from "ajv";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { answerSchemas } from "../../src/api/index.ts";
import type { RegistryServer } from "../../src/server/index.ts";
import { createRegistryServer } from "../../src/server/index.ts";
import { temporaryFolder } from "../store/logs.ts";

const a = `{"type":"record","name":"A","fields":[{"name":"x","type":"int"}]}`;
const a2 = `{"type":"record","name":"A","fields":[{"name":"x","type":"int"},{"name":"y","type":"int"}]}`;
const b = `{"type":"record","name":"B","fields":[{"name":"a","type":"A"}]}`;
const toA = [{ name: "A", subject: "a", version: 1 }];
const ajv = new Ajv({ strict: false });

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true });
});
async function sqliteFolder(): Promise<string> {
  const folder = await temporaryFolder();
  folders.push(folder);
  return folder;
}

describe.each(["memory", "sqlite"] as const)("over HTTP, with the state in %s", (store) => {
  let server: RegistryServer;
  beforeEach(async () => {
    const data = store === "sqlite" ? { data: await sqliteFolder() } : {};
    server = await createRegistryServer({ store, port: 0, drainMs: 0, ...data });
    return () => server.close();
  });

  async function send(
    method: string,
    target: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ) {
    const response = await fetch(server.url + target, {
      method,
      headers: { "Content-Type": "application/json", "X-Client-Id": "test", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const value: unknown = await response.json();
    return { status: response.status, value };
  }
  const register = (subject: string, schema: string, headers?: Record<string, string>) =>
    send("POST", `/subjects/${subject}/versions`, { schema }, headers);

  describe("a batch", () => {
    const items = [
      { subject: "a", schema: a },
      { subject: "b", schema: b, references: toA },
    ];

    test("registers schemas that refer to each other, with an answer for each", async () => {
      const { status, value } = await send("POST", "/batch", { items });
      expect([status, ajv.validate(answerSchemas.Batch, value)]).toEqual([200, true]);
      expect(value).toMatchObject({
        applied: true,
        items: [
          { subject: "a", id: 1, version: 1, schema: a },
          { subject: "b", id: 2, version: 1, references: toA },
        ],
      });
      expect((await send("GET", "/subjects")).value).toEqual(["a", "b"]);
    });

    test.each([
      ["/batch?dryRun=true", undefined],
      ["/batch", true],
      ["/batch?dryRun=false", true],
    ])("to %s with dryRun %s in the body writes nothing", async (target, dryRun) => {
      const { status, value } = await send("POST", target, { items, dryRun });
      expect(status).toBe(200);
      expect(value).toMatchObject({ applied: false, items: [{ id: 1 }, { id: 2 }] });
      expect((await send("GET", "/subjects?deleted=true")).value).toEqual([]);
    });

    test("with one refused item writes nothing and has that item's status and code", async () => {
      await register("c", a);
      const all = [...items, { subject: "c", schema: a2 }, { subject: "d", schema: "{" }];
      const { status, value } = await send("POST", "/batch", { items: all });
      const message: unknown = expect.stringMatching(
        /^items\/2: Schema being registered is incompatible/,
      );
      expect(status).toBe(409);
      expect(value).toMatchObject({
        error_code: 409,
        message,
        applied: false,
        items: [
          { subject: "a", id: 1 },
          { subject: "b", id: 2 },
          { subject: "c", error_code: 409 },
          { subject: "d", error_code: 42201 },
        ],
      });
      expect((await send("GET", "/subjects")).value).toEqual(["c"]);
      const dry = await send("POST", "/batch?dryRun=true", { items: all });
      expect([dry.status, ajv.validate(answerSchemas.Batch, dry.value)]).toEqual([200, true]);
    });

    test("is in the context of its path, and takes normalize and force", async () => {
      await send("POST", "/contexts/x/batch", { items: [{ subject: "s", schema: a }] });
      const again = { subject: ":.x:s", schema: a2, force: true, normalize: true };
      const { value } = await send("POST", "/batch", { items: [again] });
      expect(value).toMatchObject({ applied: true, items: [{ subject: ":.x:s", version: 2 }] });
    });

    test.each([
      [{}, 400, "The request body must have required property 'items'"],
      [{ items: [] }, 400, "The request body at /items must NOT have fewer than 1 items"],
      [{ items: [{}] }, 400, "The request body at /items/0 must have required property 'subject'"],
      [
        { items: [{ subject: "s", force: "yes" }] },
        400,
        "The request body at /items/0/force must be boolean",
      ],
      [
        { items: Array.from({ length: 1001 }, () => ({ subject: "s" })) },
        400,
        "The request body at /items must NOT have more than 1000 items",
      ],
      [
        { items: [{ subject: "__GLOBAL", schema: a }] },
        422,
        "items/0: The specified subject '__GLOBAL' is not a valid.",
      ],
    ])("%j is refused", async (body, status, message) => {
      const answer = await send("POST", "/batch", body);
      expect([answer.status, answer.value]).toMatchObject([status, { message }]);
    });
  });

  describe("a plan", () => {
    test("says what would be answered, and writes nothing", async () => {
      const planned = await send("POST", "/subjects/s/plan", { schema: a });
      expect(planned.value).toMatchObject({
        outcome: "new",
        registered: { id: 1, version: 1 },
        level: "BACKWARD",
        findings: [],
      });
      expect((await send("GET", "/subjects")).value).toEqual([]);
    });

    test("says why not, in the API's words, and the smallest fix", async () => {
      await register("s", a);
      const { status, value } = await send("POST", "/subjects/s/plan", { schema: a2 });
      const message: unknown = expect.stringContaining("incompatible");
      expect([status, ajv.validate(answerSchemas.Plan, value)]).toEqual([200, true]);
      expect(value).toMatchObject({
        outcome: "refused",
        error: { error_code: 409, message },
        levels: ["NONE", "FORWARD", "FORWARD_TRANSITIVE"],
        findings: [{ version: 1, direction: "backward", fix: "Give the field 'y' a default." }],
      });
    });
  });

  describe("usage", () => {
    interface Usage {
      readonly clients: readonly { readonly client: string; readonly reads: number }[];
    }
    const clientsOf = async (target: string) => {
      const { value } = await send("GET", target);
      return (value as Usage).clients.map(({ client, reads }) => `${client}: ${reads}`);
    };

    test("counts reads and registrations by client, most recent first", async () => {
      await register("s", a, { "X-Client-Id": "writer" });
      for (const target of [
        "/schemas/ids/1",
        "/schemas/ids/1?format=resolved",
        "/schemas/ids/1/schema",
        "/subjects/s/versions/1",
        "/subjects/s/versions/latest",
        "/subjects/s/versions/1/schema",
      ]) {
        await send("GET", target, undefined, { "X-Client-Id": "reader" });
      }
      await send("POST", "/subjects/s", { schema: a }, { "X-Client-Id": "reader" });
      const { value } = await send("GET", "/subjects/s/versions/latest/usage");
      expect(ajv.validate(answerSchemas.Usage, value)).toBe(true);
      const time: unknown = expect.any(Number);
      expect(value).toEqual({
        subject: "s",
        version: 1,
        id: 1,
        clients: [
          { client: "reader", reads: 7, registrations: 0, lastReadAt: time },
          { client: "writer", reads: 0, registrations: 1, lastRegisteredAt: time },
        ],
      });
    });

    test("counts reads by GUID, and in contexts", async () => {
      await send("POST", "/contexts/x/batch", { items: [{ subject: "s", schema: a }] });
      const { value } = await send("GET", "/contexts/x/subjects/s/versions/1");
      await send("GET", `/schemas/guids/${(value as { guid: string }).guid}`);
      await send("GET", "/contexts/x/schemas/ids/1");
      await send("GET", "/schemas/ids/1?subject=:.x:s");
      expect(await clientsOf("/contexts/x/subjects/s/versions/1/usage")).toEqual(["test: 4"]);
    });

    test("does not count what was refused, and a dry run", async () => {
      await register("s", a);
      await send("GET", "/subjects/s/versions/2", undefined, { "X-Client-Id": "lost" });
      const items = [{ subject: "s", schema: a }];
      await send("POST", "/batch?dryRun=true", { items }, { "X-Client-Id": "dry" });
      expect(await clientsOf("/subjects/s/versions/1/usage")).toEqual(["test: 0"]);
    });

    test.each([
      [{ "X-Client-Id": "own", "User-Agent": "agent" }, "own"],
      [
        { "X-Client-Id": "", Authorization: `Basic ${btoa("ann:secret")}`, "User-Agent": "agent" },
        "ann",
      ],
      [{ "X-Client-Id": "", Authorization: "Basic %%%", "User-Agent": "agent" }, "127.0.0.1 agent"],
      [{ "X-Client-Id": "", Authorization: "Bearer x", "User-Agent": "agent" }, "127.0.0.1 agent"],
      [{ "X-Client-Id": "n".repeat(300) }, "n".repeat(200)],
    ])("with the headers %j the client is %s", async (headers, client) => {
      await register("s", a);
      await send("GET", "/schemas/ids/1", undefined, headers);
      expect((await clientsOf("/subjects/s/versions/1/usage"))[0]).toBe(`${client}: 1`);
    });

    test("lists versions by page and prefix", async () => {
      for (const subject of ["a", "b", ":.x:b"]) await register(subject, a);
      const of = async (target: string) => {
        const { value } = await send("GET", target);
        expect(ajv.validate(answerSchemas.Usages, value)).toBe(true);
        return (value as { subject: string }[]).map(({ subject }) => subject);
      };
      expect(await of("/usage")).toEqual(["a", "b"]);
      expect(await of("/usage?offset=1&limit=1")).toEqual(["b"]);
      expect(await of("/usage?subjectPrefix=:*:b")).toEqual([":.x:b", "b"]);
      expect(await of("/contexts/x/usage")).toEqual([":.x:b"]);
    });
  });

  test("search takes a page and the context of its path", async () => {
    for (const subject of ["a", "b", ":.x:b"]) await register(subject, a);
    const of = async (target: string) => (await send("GET", target)).value;
    expect(await of("/contexts/x/search?field=x")).toEqual([
      { subject: ":.x:b", version: 1, id: 1, matches: ["A.x"] },
    ]);
    expect(await of("/search?type=A&offset=1&limit=1")).toMatchObject([{ subject: "a" }]);
    expect((await send("GET", "/search?field=")).value).toEqual({
      error_code: 400,
      message: "Give at least one of the query parameters field, type and doc",
    });
  });

  test("format=original is the text as it was registered", async () => {
    const original = ` { "type" : "string" } `;
    await register("s", original);
    const text = async (query: string) =>
      ((await send("GET", `/subjects/s/versions/1${query}`)).value as { schema: string }).schema;
    expect(await text("?format=original")).toBe(original);
    const byId = await send("GET", "/schemas/ids/1?format=original");
    expect(byId.value).toMatchObject({ schema: original });
    expect(await text("")).toBe('"string"');
  });
});

test("an API level below 8 leaves out what 8.0 added in batches and plans too", async () => {
  const old = await createRegistryServer({ store: "memory", port: 0, apiLevel: "7.9" });
  const post = async (target: string, body: object) => {
    const response = await fetch(old.url + target, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    return response.json();
  };
  const registered = { id: 1, version: 1, schema: '"int"' };
  expect(await post("/subjects/s/plan", { schema: '"int"' })).toMatchObject({
    outcome: "new",
    registered,
  });
  expect(await post("/batch", { items: [{ subject: "s", schema: '"int"' }] })).toEqual({
    applied: true,
    items: [{ subject: "s", ...registered }],
  });
  await old.close();
});
