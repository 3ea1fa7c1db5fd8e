import { Ajv } from "ajv";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RouteRow } from "../../src/api/index.ts";
import { answerSchemas, refusalRows, routes } from "../../src/api/index.ts";
import type { RegistryServer } from "../../src/server/index.ts";
import { startRegistry } from "../../src/server/index.ts";

/** The whole registry on the memory store, spoken to with nothing but HTTP. */
let server: RegistryServer;
beforeAll(async () => {
  server = await startRegistry({ store: "memory", port: 0 });
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
  id: keyof typeof routes,
  target: string,
  body: unknown,
  status: number,
  errorCode?: number,
];
const story: readonly Line[] = [
  ["V4", "/", undefined, 200],
  ["V4P", "/", {}, 200],
  ["V1", "/v1/metadata/id", undefined, 200],
  ["V2", "/v1/metadata/version", undefined, 200],
  ["V3", "/v1/metadata/deployment", undefined, 200],
  ["I8", "/schemas/types", undefined, 200],
  ["S1", "/subjects", undefined, 200],
  ["S5", "/subjects/orders/versions", undefined, 404, 40401],
  ["S6", "/subjects/orders/versions", record("Order", "a"), 200],
  ["S6", "/subjects/orders/versions", record("Order", "a", "b"), 409, 409],
  ["S6", "/subjects/orders/versions", { schema: "{" }, 422, 42201],
  ["S6", "/subjects/orders/versions", { schema: "{}", schemaType: "JSON" }, 422, 42201],
  ["S6", "/subjects/orders/versions", { ...record("Order", "a"), id: 7 }, 422, 42205],
  ["S6", "/subjects/__GLOBAL/versions", record("Order", "a"), 422, 42208],
  ["S2", "/subjects/orders", record("Order", "a"), 200],
  ["S2", "/subjects/orders", record("Other"), 404, 40403],
  ["S2", "/subjects/nothing", record("Order", "a"), 404, 40401],
  ["S7", "/subjects/orders/versions/1", undefined, 200],
  ["S7", "/subjects/orders/versions/latest", undefined, 200],
  ["S7", "/subjects/orders/versions/2", undefined, 404, 40402],
  ["S7", "/subjects/orders/versions/zero", undefined, 422, 42202],
  ["S8", "/subjects/orders/versions/1/schema", undefined, 200],
  ["S9", "/subjects/orders/versions/1/referencedby", undefined, 200],
  ["S3", "/subjects/orders/metadata?key=a&value=b", undefined, 404, 40403],
  [
    "S11",
    "/subjects/orders/versions/1/tags",
    { newVersion: 2, metadata: { properties: { a: "b" } } },
    200,
  ],
  ["S3", "/subjects/orders/metadata?key=a&value=b", undefined, 200],
  ["I1", "/schemas", undefined, 200],
  ["I2", "/schemas/ids/1", undefined, 200],
  ["I2", "/schemas/ids/1?subject=orders&fetchMaxId=true", undefined, 200],
  ["I2", "/schemas/ids/100000", undefined, 404, 40403],
  ["I3", "/schemas/ids/1/schema", undefined, 200],
  ["I3", "/schemas/ids/100000/schema", undefined, 404, 40403],
  ["I4", "/schemas/ids/1/subjects", undefined, 200],
  ["I5", "/schemas/ids/1/versions", undefined, 200],
  ["I6", "/schemas/guids/00000000-0000-0000-0000-000000000000", undefined, 404, 40403],
  ["I7", "/schemas/guids/00000000-0000-0000-0000-000000000000/ids", undefined, 404, 40403],
  ["K1", "/compatibility/subjects/orders/versions/1?verbose=true", record("Order", "a", "b"), 200],
  ["K1", "/compatibility/subjects/orders/versions/9", record("Order", "a"), 404, 40402],
  ["K2", "/compatibility/subjects/orders/versions", record("Order", "a"), 200],
  ["K2", "/compatibility/subjects/orders/versions", { schema: "{" }, 422, 42201],
  ["G1", "/config", undefined, 200],
  ["G2", "/config", { compatibility: "FULL" }, 200],
  ["G2", "/config", { compatibility: "SOMETIMES" }, 422, 42203],
  ["G3", "/config", undefined, 200],
  ["G4", "/config/orders", undefined, 404, 40408],
  ["G4", "/config/orders?defaultToGlobal=true", undefined, 200],
  ["G5", "/config/orders", { compatibility: "NONE" }, 200],
  ["G6", "/config/orders", undefined, 200],
  ["G6", "/config/orders", undefined, 404, 40401],
  ["M1", "/mode", undefined, 200],
  ["M2", "/mode", { mode: "SLEEPING" }, 422, 42204],
  ["M4", "/mode/orders", undefined, 404, 40409],
  ["M5", "/mode/orders", { mode: "READONLY" }, 200],
  ["S6", "/subjects/orders/versions", withDefault("Order", "c"), 422, 42205],
  ["M6", "/mode/orders", undefined, 200],
  ["M6", "/mode/orders", undefined, 404, 40401],
  ["M2", "/mode", { mode: "READWRITE" }, 200],
  ["M3", "/mode", undefined, 200],
  ["S10", "/subjects/orders/versions/2?permanent=true", undefined, 404, 40407],
  ["S10", "/subjects/orders/versions/2", undefined, 200],
  ["S10", "/subjects/orders/versions/2", undefined, 404, 40406],
  ["S10", "/subjects/orders/versions/2?permanent=true", undefined, 200],
  ["S4", "/subjects/orders?permanent=true", undefined, 404, 40405],
  ["S4", "/subjects/orders", undefined, 200],
  ["S4", "/subjects/orders", undefined, 404, 40404],
  ["S4", "/subjects/orders?permanent=true", undefined, 200],
  ["S6", "/subjects/base/versions", record("Base", "a"), 200],
  [
    "S6",
    "/subjects/user/versions",
    {
      schema: '{"type":"record","name":"User","fields":[{"name":"base","type":"Base"}]}',
      references: [{ name: "Base", subject: "base", version: 1 }],
    },
    200,
  ],
  ["S10", "/subjects/base/versions/1", undefined, 422, 42206],
  ["X1", "/contexts", undefined, 200],
  ["S6", "/subjects/:.team:s/versions", record("Order", "a"), 200],
  ["X2", "/contexts/.team", undefined, 422, 42211],
  ["E3", "/subjects/user/plan", record("User"), 200],
  ["E3", "/subjects/user/plan", record("User", "a", "b"), 200],
  ["E3", "/subjects/user/plan", { schema: 1 }, 400, 400],
  ["E6", "/search?field=base", undefined, 200],
  ["E6", "/search", undefined, 400, 400],
  ["E7", "/usage", undefined, 200],
  ["E8", "/subjects/user/versions/latest/usage", undefined, 200],
  ["E8", "/subjects/user/versions/9/usage", undefined, 404, 40402],
  ["S4", "/subjects/user", undefined, 200],
  ["E8", "/subjects/user/versions/1/usage", undefined, 404, 40401],
  ["E1", "/subjects/user/undelete", undefined, 200],
  ["E1", "/subjects/nothing/undelete", undefined, 404, 40401],
  ["E2", "/subjects/user/versions/1/undelete", undefined, 200],
  ["E2", "/subjects/user/versions/2/undelete", undefined, 404, 40402],
  ["E2", "/subjects/user/versions/0/undelete", undefined, 422, 42202],
  ["E4", "/batch", { items: [{ subject: "many", ...record("Many") }] }, 200],
  ["E4", "/batch?dryRun=true", { items: [{ subject: "many", schema: "{" }] }, 200],
  ["E4", "/batch", { items: [] }, 400, 400],
  ["E4", "/batch", undefined, 422, 422],
];

describe("every route, over HTTP, on a real registry", () => {
  const ajv = new Ajv({ strict: false });

  it("answers the story line by line", async () => {
    for (const [id, target, body, status, errorCode] of story) {
      const row: RouteRow = routes[id];
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

  it("goes through every route", () => {
    const seen = new Set(story.map(([id]) => id));
    const unseen = Object.keys(routes).filter((id) => !seen.has(id as keyof typeof routes));
    // The stream of changes is not an entity: changes.test.ts.
    expect(unseen).toEqual(["E5"]);
  });

  it("an emptied context can be deleted", async () => {
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
  it("guard a registration against one that came between", async () => {
    await send("POST", "/subjects/tagged/versions", record("T"));
    const { headers } = await send("GET", "/subjects/tagged/versions/latest");
    const ifMatch = { "If-Match": headers.get("etag") ?? "" };
    const second = await send("POST", "/subjects/tagged/versions", withDefault("T", "a"), ifMatch);
    const third = await send("POST", "/subjects/tagged/versions", withDefault("T", "b"), ifMatch);
    expect([second.status, third.status]).toEqual([200, 412]);
    const { status, errorCode } = refusalRows.PRECONDITION_FAILED;
    expect(third).toMatchObject({ status, value: { error_code: errorCode } });
  });

  it("hot and ordinary reads are counted in one series", async () => {
    await send("POST", "/subjects/counted/versions", record("Counted"));
    await send("GET", "/subjects/counted/versions/1");
    await send("GET", "/subjects/counted/versions/1?deleted=false");
    const text = await (await fetch(`${server.url}/metrics`)).text();
    const series = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    const names = series.map((line) => line.slice(0, line.lastIndexOf(" ")));
    expect(names.filter((name, n) => names.indexOf(name) !== n)).toEqual([]);
  });

  it("hot and ordinary reads agree on text and tag", async () => {
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

  it.each(["/schemas/ids/1", "/subjects/hot/versions/1", "/subjects/hot/versions/latest"])(
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
  it("a schema over the record limit is refused with 42209", async () => {
    const small = await startRegistry({
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

  it("a schema that is over the record limit only as it was sent is registered without that text", async () => {
    const small = await startRegistry({
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

  it("a context of the path and one in the subject are the same", async () => {
    await send("POST", "/contexts/same/subjects/s/versions", record("Same"));
    const byPath = await send("GET", "/contexts/.same/subjects/s/versions/latest");
    const bySubject = await send("GET", "/subjects/:.same:s/versions/latest");
    expect(byPath.value).toEqual(bySubject.value);
    expect(byPath.value).toMatchObject({ subject: ":.same:s", version: 1 });
    expect((await send("GET", "/contexts/same/subjects")).value).toEqual([":.same:s"]);
  });
});
