/** The registry over HTTP, in one story. */
import { Ajv } from "ajv";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Operation, RouteRow } from "../../src/api/index.ts";
import { answerSchemas, refusalRows, routes } from "../../src/api/index.ts";
import type { RegistryServer } from "../../src/server/index.ts";
import { createRegistryServer } from "../../src/server/index.ts";

/** The whole registry on the memory store, spoken to with nothing but HTTP. */
let server: RegistryServer;
beforeAll(async () => {
  server = await createRegistryServer({ store: "memory", port: 0, drainMs: 0 });
});
afterAll(() => server.close());

const V1 = "application/vnd.schemaregistry.v1+json";
const MORE = { "Confluent-Accept-Unknown-Properties": "true" };

async function send(
  method: string,
  target: string,
  body?: unknown,
  headers: Record<string, string> = MORE,
) {
  const response = await fetch(server.url + target, {
    method,
    headers: { ...(body === undefined ? {} : { "Content-Type": V1 }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const value: unknown = text === "" ? undefined : JSON.parse(text);
  return { status: response.status, value, headers: response.headers };
}

const record = (name: string, ...fields: string[]) => ({
  schema: JSON.stringify({
    type: "record",
    name,
    fields: fields.map((field) => ({ name: field, type: "int" })),
  }),
});
const withDefault = (name: string, field: string) => ({
  schema: `{"type":"record","name":"${name}","fields":[{"name":"${field}","type":"int","default":0}]}`,
});

/**
 * One story through every route. Each line: route, path and query values, body, status, `error_code`
 * of a refusal. Answers of success are checked against the answer schema of the route.
 */
type Line = readonly [
  operation: Operation,
  target: string,
  body: unknown,
  status: number,
  errorCode?: number,
];
const story: readonly Line[] = [
  ["root.get", "/", undefined, 200],
  ["root.post", "/", {}, 200],
  ["metadata.get-id", "/v1/metadata/id", undefined, 200],
  ["metadata.get-version", "/v1/metadata/version", undefined, 200],
  ["metadata.get-deployment", "/v1/metadata/deployment", undefined, 200],
  ["schemas.get-types", "/schemas/types", undefined, 200],
  ["subjects.list", "/subjects", undefined, 200],
  ["subjects.versions.list", "/subjects/orders/versions", undefined, 404, 40401],
  ["subjects.versions.register", "/subjects/orders/versions", record("Order", "a"), 200],
  ["subjects.versions.register", "/subjects/orders/versions", record("Order", "a", "b"), 409, 409],
  ["subjects.versions.register", "/subjects/orders/versions", { schema: "{" }, 422, 42201],
  [
    "subjects.versions.register",
    "/subjects/orders/versions",
    { schema: "{}", schemaType: "JSON" },
    422,
    42201,
  ],
  [
    "subjects.versions.register",
    "/subjects/orders/versions",
    { ...record("Order", "a"), id: 7 },
    422,
    42205,
  ],
  ["subjects.versions.register", "/subjects/__GLOBAL/versions", record("Order", "a"), 422, 42208],
  ["subjects.get-schema", "/subjects/orders", record("Order", "a"), 200],
  ["subjects.get-schema", "/subjects/orders", record("Other"), 404, 40403],
  ["subjects.get-schema", "/subjects/nothing", record("Order", "a"), 404, 40401],
  ["subjects.versions.get-schema", "/subjects/orders/versions/1", undefined, 200],
  ["subjects.versions.get-schema", "/subjects/orders/versions/latest", undefined, 200],
  ["subjects.versions.get-schema", "/subjects/orders/versions/2", undefined, 404, 40402],
  ["subjects.versions.get-schema", "/subjects/orders/versions/zero", undefined, 422, 42202],
  ["subjects.versions.get-schema.only", "/subjects/orders/versions/1/schema", undefined, 200],
  [
    "subjects.versions.get-referenced-by",
    "/subjects/orders/versions/1/referencedby",
    undefined,
    200,
  ],
  [
    "subjects.get-latest-with-metadata",
    "/subjects/orders/metadata?key=a&value=b",
    undefined,
    404,
    40403,
  ],
  [
    "subjects.versions.modify-tags",
    "/subjects/orders/versions/1/tags",
    { newVersion: 2, metadata: { properties: { a: "b" } } },
    200,
  ],
  ["subjects.get-latest-with-metadata", "/subjects/orders/metadata?key=a&value=b", undefined, 200],
  ["schemas.get-schemas", "/schemas", undefined, 200],
  ["schemas.ids.get-schema", "/schemas/ids/1", undefined, 200],
  ["schemas.ids.get-schema", "/schemas/ids/1?subject=orders&fetchMaxId=true", undefined, 200],
  ["schemas.ids.get-schema", "/schemas/ids/100000", undefined, 404, 40403],
  ["schemas.ids.get-schema.only", "/schemas/ids/1/schema", undefined, 200],
  ["schemas.ids.get-schema.only", "/schemas/ids/100000/schema", undefined, 404, 40403],
  ["schemas.ids.get-subjects", "/schemas/ids/1/subjects", undefined, 200],
  ["schemas.ids.get-versions", "/schemas/ids/1/versions", undefined, 200],
  [
    "schemas.guids.get-schema",
    "/schemas/guids/00000000-0000-0000-0000-000000000000",
    undefined,
    404,
    40403,
  ],
  [
    "schemas.guids.get-ids",
    "/schemas/guids/00000000-0000-0000-0000-000000000000/ids",
    undefined,
    404,
    40403,
  ],
  [
    "compatibility.subjects.versions.verify",
    "/compatibility/subjects/orders/versions/1?verbose=true",
    record("Order", "a", "b"),
    200,
  ],
  [
    "compatibility.subjects.versions.verify",
    "/compatibility/subjects/orders/versions/9",
    record("Order", "a"),
    404,
    40402,
  ],
  [
    "compatibility.subjects.versions.verify-all",
    "/compatibility/subjects/orders/versions",
    record("Order", "a"),
    200,
  ],
  [
    "compatibility.subjects.versions.verify-all",
    "/compatibility/subjects/orders/versions",
    { schema: "{" },
    422,
    42201,
  ],
  ["config.get-global", "/config", undefined, 200],
  ["config.update-global", "/config", { compatibility: "FULL" }, 200],
  ["config.update-global", "/config", { compatibility: "SOMETIMES" }, 422, 42203],
  ["config.delete-global", "/config", undefined, 200],
  ["config.get-subject", "/config/orders", undefined, 404, 40408],
  ["config.get-subject", "/config/orders?defaultToGlobal=true", undefined, 200],
  ["config.update-subject", "/config/orders", { compatibility: "NONE" }, 200],
  ["config.delete-subject", "/config/orders", undefined, 200],
  ["config.delete-subject", "/config/orders", undefined, 404, 40401],
  ["mode.get-global", "/mode", undefined, 200],
  ["mode.update-global", "/mode", { mode: "SLEEPING" }, 422, 42204],
  ["mode.get-subject", "/mode/orders", undefined, 404, 40409],
  ["mode.update-subject", "/mode/orders", { mode: "READONLY" }, 200],
  [
    "subjects.versions.register",
    "/subjects/orders/versions",
    withDefault("Order", "c"),
    422,
    42205,
  ],
  ["mode.delete-subject", "/mode/orders", undefined, 200],
  ["mode.delete-subject", "/mode/orders", undefined, 404, 40401],
  ["mode.update-global", "/mode", { mode: "READWRITE" }, 200],
  ["mode.delete-global", "/mode", undefined, 200],
  [
    "subjects.versions.delete-schema-version",
    "/subjects/orders/versions/2?permanent=true",
    undefined,
    404,
    40407,
  ],
  ["subjects.versions.delete-schema-version", "/subjects/orders/versions/2", undefined, 200],
  ["subjects.versions.delete-schema-version", "/subjects/orders/versions/2", undefined, 404, 40406],
  [
    "subjects.versions.delete-schema-version",
    "/subjects/orders/versions/2?permanent=true",
    undefined,
    200,
  ],
  ["subjects.delete-subject", "/subjects/orders?permanent=true", undefined, 404, 40405],
  ["subjects.delete-subject", "/subjects/orders", undefined, 200],
  ["subjects.delete-subject", "/subjects/orders", undefined, 404, 40404],
  ["subjects.delete-subject", "/subjects/orders?permanent=true", undefined, 200],
  ["subjects.versions.register", "/subjects/base/versions", record("Base", "a"), 200],
  [
    "subjects.versions.register",
    "/subjects/user/versions",
    {
      schema: '{"type":"record","name":"User","fields":[{"name":"base","type":"Base"}]}',
      references: [{ name: "Base", subject: "base", version: 1 }],
    },
    200,
  ],
  ["subjects.versions.delete-schema-version", "/subjects/base/versions/1", undefined, 422, 42206],
  ["contexts.list", "/contexts", undefined, 200],
  ["subjects.versions.register", "/subjects/:.team:s/versions", record("Order", "a"), 200],
  ["contexts.delete", "/contexts/.team", undefined, 422, 42211],
  ["subjects.plan", "/subjects/user/plan", record("User"), 200],
  ["subjects.plan", "/subjects/user/plan", record("User", "a", "b"), 200],
  ["subjects.plan", "/subjects/user/plan", { schema: 1 }, 400, 400],
  ["search.find", "/search?field=base", undefined, 200],
  ["search.find", "/search", undefined, 400, 400],
  ["usage.list", "/usage", undefined, 200],
  ["subjects.versions.usage", "/subjects/user/versions/latest/usage", undefined, 200],
  ["subjects.versions.usage", "/subjects/user/versions/9/usage", undefined, 404, 40402],
  ["subjects.delete-subject", "/subjects/user", undefined, 200],
  ["subjects.versions.usage", "/subjects/user/versions/1/usage", undefined, 404, 40401],
  ["subjects.undelete", "/subjects/user/undelete", undefined, 200],
  ["subjects.undelete", "/subjects/nothing/undelete", undefined, 404, 40401],
  ["subjects.versions.undelete", "/subjects/user/versions/1/undelete", undefined, 200],
  ["subjects.versions.undelete", "/subjects/user/versions/2/undelete", undefined, 404, 40402],
  ["subjects.versions.undelete", "/subjects/user/versions/0/undelete", undefined, 422, 42202],
  ["batch.register", "/batch", { items: [{ subject: "many", ...record("Many") }] }, 200],
  ["batch.register", "/batch?dryRun=true", { items: [{ subject: "many", schema: "{" }] }, 200],
  ["batch.register", "/batch", { items: [] }, 400, 400],
  ["batch.register", "/batch", undefined, 422, 422],
];

describe("every route, over HTTP, on a real registry", () => {
  const ajv = new Ajv({ strict: false });

  test("answers the story line by line", async () => {
    for (const [operation, target, body, status, errorCode] of story) {
      const row: RouteRow = routes[operation];
      const line = `${row.method} ${target} ${JSON.stringify(body)}`;
      const answer = await send(row.method, target, body);
      expect(`${answer.status} ${JSON.stringify(answer.value)}`, line).toMatch(
        new RegExp(`^${status} `),
      );
      const schema = errorCode === undefined ? answerSchemas[row.answer] : errorSchema(errorCode);
      expect([ajv.validate(schema, answer.value), ajv.errorsText(), answer.value], line).toEqual([
        true,
        "No errors",
        answer.value,
      ]);
    }
  });

  test("goes through every route", () => {
    const seen = new Set(story.map(([operation]) => operation));
    const unseen = Object.keys(routes).filter((name) => !seen.has(name as Operation));
    // The stream of changes is not an entity: changes.test.ts.
    expect(unseen).toEqual(["changes.stream"]);
  });

  test("an emptied context can be deleted", async () => {
    await send("DELETE", "/contexts/.team/subjects/s");
    await send("DELETE", "/contexts/.team/subjects/s?permanent=true");
    expect((await send("DELETE", "/contexts/.team")).status).toBe(204);
  });
});

function errorSchema(errorCode: number): object {
  return {
    type: "object",
    required: ["error_code", "message"],
    additionalProperties: false,
    properties: { error_code: { const: errorCode }, message: { type: "string" } },
  };
}

describe("entity tags", () => {
  test("guard a registration against one that came between", async () => {
    await send("POST", "/subjects/tagged/versions", record("T"));
    const { headers } = await send("GET", "/subjects/tagged/versions/latest");
    const ifMatch = { "If-Match": headers.get("etag") ?? "" };
    const second = await send("POST", "/subjects/tagged/versions", withDefault("T", "a"), ifMatch);
    const third = await send("POST", "/subjects/tagged/versions", withDefault("T", "b"), ifMatch);
    expect([second.status, third.status]).toEqual([200, 412]);
    const { status, errorCode } = refusalRows.PRECONDITION_FAILED;
    expect(third).toMatchObject({ status, value: { error_code: errorCode } });
  });

  test("hot and ordinary reads are counted in one series", async () => {
    await send("POST", "/subjects/counted/versions", record("Counted"));
    await send("GET", "/subjects/counted/versions/1");
    await send("GET", "/subjects/counted/versions/1?deleted=false");
    const text = await (await fetch(`${server.url}/metrics`)).text();
    const series = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    const names = series.map((line) => line.slice(0, line.lastIndexOf(" ")));
    expect(names.filter((name, n) => names.indexOf(name) !== n)).toEqual([]);
  });

  test("hot and ordinary reads agree on text and tag", async () => {
    await send("POST", "/subjects/hot/versions", record("Hot"));
    const plain = await send("GET", "/subjects/hot/versions/1");
    const asked = await send("GET", "/subjects/hot/versions/1?deleted=false");
    const { id } = plain.value as { id: number };
    const byId = await send("GET", `/schemas/ids/${id}`);
    const byGuid = await send("GET", `/schemas/guids/${(plain.value as { guid: string }).guid}`);
    expect(asked.value).toEqual(plain.value);
    expect([byGuid.value, byGuid.headers.get("etag")]).toEqual([
      byId.value,
      byId.headers.get("etag"),
    ]);
  });

  test.each(["/schemas/ids/1", "/subjects/hot/versions/1", "/subjects/hot/versions/latest"])(
    "GET %s, made before, has the headers of the ordinary route, which answers HEAD",
    async (target) => {
      const names = ["etag", "cache-control", "content-type", "content-length", "vary"];
      const get = await fetch(server.url + target);
      const head = await fetch(server.url + target, { method: "HEAD" });
      await get.arrayBuffer();
      expect(names.map((name) => get.headers.get(name))).toEqual(
        names.map((name) => head.headers.get(name)),
      );
    },
  );
});

describe("settings of the registry", () => {
  test("a schema over the record limit is refused with 42209", async () => {
    const small = await createRegistryServer({
      store: "memory",
      port: 0,
      settings: { recordBytesMax: 1_000 },
    });
    const fields = Array.from({ length: 50 }, (_item, n) => `field${n}`);
    const response = await fetch(`${small.url}/subjects/s/versions`, {
      method: "POST",
      headers: { "Content-Type": V1 },
      body: JSON.stringify(record("Large", ...fields)),
    });
    const { error_code } = (await response.json()) as { error_code: number };
    expect([response.status, error_code]).toEqual([422, 42209]);
    await small.close();
  });

  test("a schema that is over the record limit only as it was sent is registered without that text", async () => {
    const small = await createRegistryServer({
      store: "memory",
      port: 0,
      settings: { recordBytesMax: 1_000 },
    });
    const schema = `"string"${" ".repeat(1_000)}`;
    const response = await fetch(`${small.url}/subjects/s/versions?format=original`, {
      method: "POST",
      headers: { "Content-Type": V1, "Confluent-Accept-Unknown-Properties": "true" },
      body: JSON.stringify({ schema }),
    });
    expect(await response.json()).toMatchObject({ id: 1, schema: '"string"' });
    const read = await fetch(`${small.url}/schemas/ids/1?format=original`);
    expect(await read.json()).toMatchObject({ schema: '"string"' });
    await small.close();
  });

  test("a context of the path and one in the subject are the same", async () => {
    await send("POST", "/contexts/same/subjects/s/versions", record("Same"));
    const byPath = await send("GET", "/contexts/.same/subjects/s/versions/latest");
    const bySubject = await send("GET", "/subjects/:.same:s/versions/latest");
    expect(byPath.value).toEqual(bySubject.value);
    expect(byPath.value).toMatchObject({ subject: ":.same:s", version: 1 });
    expect((await send("GET", "/contexts/same/subjects")).value).toEqual([":.same:s"]);
  });
});
