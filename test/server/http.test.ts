/** What HTTP asks of the server: media types, encodings, lengths, errors. */
import { once } from "node:events";
import { STATUS_CODES } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { refuse, routes } from "../../src/api/index.ts";
import { defineErrors } from "../../src/base/index.ts";
import { serveService } from "../../src/server/index.ts";
import { requestHead, sendRaw } from "./raw-http.ts";
import { spyServer, spyService } from "./spy-service.ts";

const V1 = "application/vnd.schemaregistry.v1+json";
const V0 = "application/vnd.schemaregistry+json";
const JSON_TYPE = "application/json";

let spy: Awaited<ReturnType<typeof spyServer>>;
const failures: unknown[] = [];
const requests: unknown[] = [];
beforeAll(async () => {
  spy = await spyServer({
    bodyLimitBytes: 1_000,
    onFailure: ({ error }) => failures.push(error),
    onRequest: ({ id, method, url, status }) => requests.push([id, method, url, status]),
  });
});
afterAll(() => spy.server.close());
beforeEach(() => {
  spy.calls.length = 0;
  spy.answer = { id: 1, version: 1, schema: '"int"' };
  failures.length = 0;
  requests.length = 0;
});

async function send(
  method: string,
  target: string,
  headers: Record<string, string> = {},
  body?: string | Buffer,
) {
  const length = body === undefined ? {} : { "Content-Length": String(Buffer.byteLength(body)) };
  return sendRaw(spy.url, requestHead(method, target, { ...length, ...headers }), body);
}

/** A string body would be sent as text/plain. */
const post = { method: "POST", headers: { "Content-Type": V1 }, body: "{}" };
const error = (errorCode: number, message: string) =>
  JSON.stringify({ error_code: errorCode, message });

describe("the answer's media type", () => {
  test.each([
    [undefined, V1],
    ["*/*", V1],
    ["application/*", V1],
    [V1, V1],
    [V0, V0],
    [JSON_TYPE, JSON_TYPE],
    [`${JSON_TYPE}, ${V1}`, V1],
    [`${V1};q=0.1, ${JSON_TYPE}`, JSON_TYPE],
    [`${V1}; q=0.9, ${V0}; q=0.95, */*;q=0.1`, V0],
    ["text/html, */*;q=0.1", V1],
    [`${JSON_TYPE};charset=utf-8`, JSON_TYPE],
    ["*", V1],
    ["*; q=.2", V1],
    ["*/x", V1],
    ["text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", V1],
    [`${V1};q=0, *`, V0],
    [`text/html, ${"a/b, ".repeat(2_000)}*/x`, V1],
    ["Application/JSON", JSON_TYPE],
    ["", V1],
  ])("for Accept %j is %s", async (accept, type) => {
    const answer = await send("GET", "/config", accept === undefined ? {} : { Accept: accept });
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, type]);
  });

  test.each(["text/html", "application/xml", `${V1};q=0`, "gibberish", "*;q=0", "*/x;q=0", ", ,"])(
    "there is none for Accept %j",
    async (accept) => {
      const answer = await send("GET", "/config", { Accept: accept });
      expect([answer.status, answer.headers.get("content-type"), answer.body]).toEqual([
        406,
        V1,
        error(406, "HTTP 406 Not Acceptable"),
      ]);
      expect(spy.calls).toEqual([]);
    },
  );
});

describe("the request's media type", () => {
  test.each([
    undefined,
    V1,
    V0,
    JSON_TYPE,
    "application/octet-stream",
    `${JSON_TYPE}; charset=utf-8`,
    "APPLICATION/json",
  ])("%s is read as JSON", async (type) => {
    const headers = type === undefined ? {} : { "Content-Type": type };
    expect((await send("POST", "/subjects/s", headers, '{"schema":"x"}')).status).toBe(200);
    expect(spy.calls[0]?.args[1]).toEqual({ schema: "x" });
  });

  test.each([
    "text/plain",
    "application/xml",
    "application/x-www-form-urlencoded",
    "nonsense",
    "application/jsonx",
  ])("%s is a 415", async (type) => {
    const answer = await send("POST", "/subjects/s", { "Content-Type": type }, "{}");
    expect([answer.status, answer.body]).toEqual([
      415,
      error(415, "HTTP 415 Unsupported Media Type"),
    ]);
  });

  test("a wrong type is a 415 without a body, too", async () => {
    const answer = await send("POST", "/subjects/s", { "Content-Type": "text/plain" });
    expect(answer.status).toBe(415);
    const empty = await send("PUT", "/config", { "Content-Type": "text/plain" }, "");
    expect(empty.status).toBe(415);
  });

  test("a compressed body is a 415", async () => {
    const answer = await send("POST", "/subjects/s", { "Content-Encoding": "gzip" }, "x");
    expect(answer.status).toBe(415);
  });

  test("the body of a route that takes none is not looked at", async () => {
    const answer = await send("DELETE", "/subjects/s", { "Content-Type": "text/plain" }, "{oops");
    expect(answer.status).toBe(200);
  });
});

describe("the request's body", () => {
  test.each([
    ["{", 400, "Expected property name or '}' in JSON at position 1"],
    ["", 422, "The request body must not be null"],
    ["null", 422, "The request body must not be null"],
    ["[]", 400, "The request body must be object"],
    ["1", 400, "The request body must be object"],
    ['{"schema":1}', 400, "The request body at /schema must be string"],
    ['{"schema":{"type":"string"}}', 400, "The request body at /schema must be string"],
    [
      '{"references":[{"name":"a","subject":"a"}]}',
      400,
      "The request body at /references/0 must have required property 'version'",
    ],
    ['{"version":1.5}', 400, "The request body at /version must be integer"],
    ['{"id":2147483648}', 400, "The request body at /id must be <= 2147483647"],
    ['{"ruleSet":{"enableAt":"now"}}', 400, "The request body at /ruleSet"],
    ['{"ruleSet":{"enableAt":"all"}}', 400, "The request body at /ruleSet"],
  ])("%s is a %i", async (body, status, message) => {
    const answer = await send("POST", "/subjects/s/versions", {}, body);
    expect(answer.status).toBe(status);
    const { error_code, message: text } = JSON.parse(answer.body) as Record<string, unknown>;
    expect([error_code, text]).toEqual([status, expect.stringContaining(message)]);
    expect(spy.calls).toEqual([]);
  });

  test("that is not UTF-8 is a 400", async () => {
    const answer = await send("POST", "/subjects/s", {}, Buffer.from([0x22, 0xff, 0x22]));
    expect([answer.status, answer.body]).toEqual([
      400,
      error(400, "The request body is not valid UTF-8"),
    ]);
  });

  test.each([
    ["utf-8", '\ufeff{"schema":"x"}', 200],
    ["twice", '\ufeff\ufeff{"schema":"x"}', 400],
    ["alone", "\ufeff", 400],
    ["behind a blank", ' \ufeff{"schema":"x"}', 400],
  ])("a byte order mark before it is passed over: %s", async (_name, body, status) => {
    expect((await send("POST", "/subjects/s", {}, body)).status).toBe(status);
    const bodies = status === 200 ? [{ schema: "x" }] : [];
    expect(spy.calls.map(({ args }) => args[1])).toEqual(bodies);
  });

  test("with a mark inside the schema's text is passed on as it is", async () => {
    await send("POST", "/subjects/s", {}, '{"schema":"\ufeffx"}');
    expect(spy.calls[0]?.args[1]).toEqual({ schema: "\ufeffx" });
  });

  test("with unknown members is taken as if they were not there", async () => {
    const answer = await send("POST", "/subjects/s", {}, '{"schema":"x","unknown":{"a":1}}');
    expect(answer.status).toBe(200);
  });

  test.each([1_001, 100_000, 5_000_000])("of %i bytes is over the limit", async (bytes) => {
    const answer = await send("POST", "/subjects/s", {}, Buffer.alloc(bytes, " "));
    expect([answer.status, answer.body]).toEqual([
      413,
      error(413, "The request body is larger than 1000 bytes"),
    ]);
  });

  test("over the limit in chunks is a 413 too", async () => {
    const head = requestHead("POST", "/subjects/s", { "Transfer-Encoding": "chunked" });
    const chunks = `400\r\n${" ".repeat(1024)}\r\n`.repeat(10);
    expect((await sendRaw(spy.url, head, `${chunks}0\r\n\r\n`)).status).toBe(413);
  });
});

describe("what is no proper request", () => {
  const unread = "GET / HTTP/1.1\r\nHost: localhost\r\n";
  const get = (target: string) =>
    [requestHead("GET", target), `'${target}' is not a valid url component`] as const;
  const badContext =
    "The context of the path is not valid: it is UTF-8, percent-encoded, without a colon";
  test.each<[name: string, status: number, head: string, said?: string]>([
    ["broken percent-encoding", 400, ...get("/subjects/%/versions")],
    ["percent-encoding that is not UTF-8", 400, ...get("/subjects/%FF/versions")],
    ["broken encoding in a context", 400, requestHead("GET", "/contexts/%zz/subjects"), badContext],
    ["a header line without a colon", 400, `${unread}broken\r\n\r\n`],
    ["an unknown method", 400, unread.replace("GET", "FROB").concat("\r\n")],
    ["headers over Node's limit", 431, requestHead("GET", "/", { X: "x".repeat(20_000) })],
    ["a target over Node's limit", 431, requestHead("GET", `/${"x".repeat(20_000)}`)],
    ["a length that is no number", 400, requestHead("POST", "/", { "Content-Length": "x" })],
  ])("%s is a %i in the API's form", async (_name, status, head, said) => {
    const answer = await sendRaw(spy.url, head);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([status, V1]);
    const message = said ?? `HTTP ${status} ${STATUS_CODES[status]}`;
    expect(JSON.parse(answer.body)).toEqual({ error_code: status, message });
  });

  test("broken percent-encoding in the query is text", async () => {
    spy.answer = [];
    expect((await send("GET", "/subjects?subjectPrefix=%")).status).toBe(200);
    expect(spy.calls[0]?.args).toEqual([{ subjectPrefix: "%" }]);
  });

  test("of a repeated parameter the first counts", async () => {
    await send("GET", "/config/s?defaultToGlobal=true&defaultToGlobal=false");
    expect(spy.calls[0]?.args).toEqual(["s", { defaultToGlobal: true }]);
  });
});

describe("an answer", () => {
  test("of register has the id alone, unless the client takes more", async () => {
    const body = '{"schema":"x"}';
    const plain = await send("POST", "/subjects/s/versions", {}, body);
    const more = await send(
      "POST",
      "/subjects/s/versions",
      { "Confluent-Accept-Unknown-Properties": "true" },
      body,
    );
    expect([plain.body, more.body]).toEqual([
      '{"id":1}',
      '{"id":1,"version":1,"schema":"\\"int\\""}',
    ]);
  });

  test("echoes the request's id, or has one of its own", async () => {
    const echoed = await send("GET", "/", { "X-Request-ID": "r-1" });
    const own = await send("GET", "/");
    expect(echoed.headers.get("x-request-id")).toBe("r-1");
    expect(own.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("is reported when it ends", async () => {
    spy.answer = refuse("SUBJECT_NOT_FOUND", { subject: "s" });
    await send("GET", "/contexts/.x/subjects/s/versions?deleted=true", { "X-Request-ID": "r-2" });
    expect(requests).toEqual([
      ["r-2", "GET", "/contexts/.x/subjects/s/versions?deleted=true", 404],
    ]);
  });

  test("without content is a 204", async () => {
    spy.answer = undefined;
    const answer = await send("DELETE", "/contexts/.x");
    expect([answer.status, answer.body]).toEqual([204, ""]);
  });

  test("that is a refusal has status, code and text of its row", async () => {
    spy.answer = refuse("SUBJECT_NOT_FOUND", { subject: 'a"b' });
    const answer = await send("GET", "/subjects/x/versions");
    expect([answer.status, answer.body]).toEqual([404, error(40401, "Subject 'a\"b' not found.")]);
  });

  test("of a failed store is a 500 that names the code and nothing else", async () => {
    const storeErrors = defineErrors({ STORE_BROKEN: { message: "disk at /secret", hint: "" } });
    spy.answer = storeErrors.create("STORE_BROKEN");
    const answer = await send("GET", "/subjects");
    expect([answer.status, answer.body]).toEqual([
      500,
      error(50001, "The registry's store failed: STORE_BROKEN"),
    ]);
    expect(failures).toEqual([spy.answer]);
  });

  test("of an unforeseen failure is a 500 without its text", async () => {
    spy.answer = new Error("secret");
    const answer = await send("GET", "/subjects");
    expect([answer.status, answer.body]).toEqual([500, error(500, "Internal Server Error")]);
    expect(failures).toEqual([spy.answer]);
  });
});

describe("content", () => {
  const byId = { guid: "g", schemaType: "AVRO", schema: '"int"' };
  const byVersion = { subject: "s", version: 2, id: 1, ...byId, ts: 1, deleted: false };

  test.each([
    ["/schemas/ids/1", byId, '"g"', "max-age=31536000, immutable"],
    ["/schemas/ids/1/schema", byId, '"g"', "max-age=31536000, immutable"],
    ["/schemas/guids/g", byId, '"g"', "max-age=31536000, immutable"],
    ["/schemas/ids/1?subject=s", byId, undefined, "no-cache"],
    ["/schemas/ids/1?fetchMaxId=true", { ...byId, maxId: 9 }, undefined, "no-cache"],
    ["/schemas/ids/1?format=resolved", byId, undefined, "max-age=31536000, immutable"],
    ["/schemas/ids/1?format=original", byId, undefined, "no-cache"],
    ["/schemas/guids/g?format=original", byId, undefined, "no-cache"],
    ["/subjects/s/versions/2?format=original", byVersion, undefined, "max-age=31536000, immutable"],
    ["/subjects/s/versions/2", byVersion, '"2-g"', "max-age=31536000, immutable"],
    ["/subjects/s/versions/2/schema", byVersion, '"2-g"', "max-age=31536000, immutable"],
    ["/subjects/s/versions/latest", byVersion, '"2-g"', "no-cache"],
    ["/subjects/s/versions/-1", byVersion, '"2-g"', "no-cache"],
    ["/subjects/s/versions/2?deleted=true", { ...byVersion, deleted: true }, undefined, "no-cache"],
  ])(
    "%s carries its tag and how long it may be kept",
    async (target, entity, etag, cacheControl) => {
      spy.answer = entity;
      const answer = await send("GET", target);
      const tag = answer.headers.get("etag") ?? "";
      expect(tag).toMatch(etag === undefined ? /^"[\w-]{22}"$/ : etag);
      expect(answer.headers.get("cache-control")).toBe(cacheControl);
      expect(answer.headers.get("vary")).toBe("accept");
      const again = await send("GET", target, { "If-None-Match": `"other", W/${tag}` });
      expect([again.status, again.body, again.headers.get("etag")]).toEqual([304, "", tag]);
    },
  );

  test("of the schema alone is the schema itself", async () => {
    spy.answer = byVersion;
    expect((await send("GET", "/subjects/s/versions/2/schema")).body).toBe('"int"');
  });

  test("If-Match goes to the registry", async () => {
    await send("POST", "/subjects/s/versions", { "If-Match": '"2-g"' }, '{"schema":"x"}');
    expect(spy.calls[0]?.args[2]).toEqual({ ifMatch: '"2-g"' });
  });
});

describe("settings", () => {
  test("an API level below 8 leaves out what 8.0 added", async () => {
    const old = await spyServer({ apiLevel: "7.9" });
    const entity = {
      subject: "s",
      version: 1,
      id: 1,
      guid: "g",
      schemaType: "AVRO",
      schema: '"int"',
      ts: 1,
      deleted: false,
    };
    old.answer = entity;
    const one = await fetch(`${old.url}/subjects/s/versions/1`);
    expect(await one.json()).toEqual({ subject: "s", version: 1, id: 1, schema: '"int"' });
    const { id: _, ...byId } = entity;
    old.answer = byId;
    for (const query of ["", "?subject=s", "?subject=:.x:"]) {
      const found = await fetch(`${old.url}/schemas/ids/1${query}`);
      expect(await found.json()).toEqual({ schema: '"int"' });
    }
    old.answer = [entity];
    const all = await fetch(`${old.url}/schemas`);
    expect(await all.json()).toEqual([{ subject: "s", version: 1, id: 1, schema: '"int"' }]);
    await old.server.close();
  });

  test("the code of an incompatible schema can be the one of 8.2", async () => {
    const strict = await spyServer({ incompatibleErrorCode: 40901 });
    strict.answer = refuse("INCOMPATIBLE_SCHEMA", { subject: "s", details: "d" });
    const answer = await fetch(`${strict.url}/subjects/s/versions`, post);
    expect([answer.status, ((await answer.json()) as { error_code: number }).error_code]).toEqual([
      409, 40901,
    ]);
    await strict.server.close();
  });

  test.each([
    ["port", { port: 65_536 }],
    ["bodyLimitBytes", { bodyLimitBytes: 0 }],
    ["apiLevel", { apiLevel: "eight" }],
    ["host", { host: "" }],
  ])("%s out of range is refused", async (option, options) => {
    await expect(serveService({ service: spyService().service, ...options })).rejects.toMatchObject(
      { code: "SERVER_OPTION_INVALID", details: { option } },
    );
  });

  test("a taken port is one clear sentence", async () => {
    const { port } = new URL(spy.url);
    const message: unknown = expect.stringMatching(
      /^The registry cannot listen on 127\.0\.0\.1:\d+: /,
    );
    await expect(spyServer({ port: Number(port) })).rejects.toMatchObject({
      code: "SERVER_LISTEN_FAILED",
      message,
    });
  });
});

describe("closing", () => {
  test("finishes what is in flight, then refuses connections", async () => {
    const other = await spyServer();
    let release = () => {};
    other.answer = new Promise((resolve) => {
      release = () => resolve(["done"]);
    });
    const inFlight = fetch(`${other.url}/subjects`);
    while (other.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const closed = other.server.close();
    release();
    expect(await (await inFlight).json()).toEqual(["done"]);
    await closed;
    await expect(fetch(other.url)).rejects.toThrow("fetch failed");
    await other.server.close();
  });
});

describe("while closing", () => {
  test("what is in flight for too long is cut", async () => {
    const other = await spyServer({ drainMs: 0, closeMs: 1 });
    other.answer = new Promise(() => {});
    const inFlight = fetch(`${other.url}/subjects`).catch(String);
    while (other.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await other.server.close();
    expect(await inFlight).toBe("TypeError: fetch failed");
  });

  test("an open connection is still served, not ready, and told to go", async () => {
    // The drain ends as soon as the connection is closed, long before its time.
    const other = await spyServer({ drainMs: 60_000 });
    const { port } = new URL(other.url);
    const socket = connect(Number(port), "127.0.0.1").setEncoding("utf8");
    const get = (target: string) =>
      socket.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    get("/");
    await once(socket, "data");
    const closed = other.server.close();
    get("/health/ready");
    const answer = (await socket.toArray()).join("");
    expect(answer).toMatch(/^HTTP\/1\.1 503 .*\r\nconnection: close\r\n/is);
    expect(answer).toContain('{"status":"DOWN","reason":"The registry is shutting down"}');
    await closed;
  });
});

describe("operations", () => {
  test.each(["live", "ready", "startup"])("/health/%s says that it is up", async (probe) => {
    const answer = await send("GET", `/health/${probe}`, { Accept: "text/html" });
    expect([answer.status, answer.body]).toEqual([200, '{"status":"UP"}']);
  });

  test("/metrics counts by operation, also under Confluent's names", async () => {
    const other = await spyServer();
    other.answer = { id: 1 };
    await fetch(`${other.url}/subjects/s/versions`, post);
    await fetch(`${other.url}/nothing/at/all`);
    const lines = (await (await fetch(`${other.url}/metrics`)).text()).split("\n");
    const counted = lines.filter((line) =>
      /^(kafka_schema_registry_\w*(count|total)|typewire_http_request_duration_seconds_count|typewire_http_\w+_bytes_total)\b/.test(
        line,
      ),
    );
    expect(counted).toEqual([
      "kafka_schema_registry_node_count 1",
      'typewire_http_request_duration_seconds_count{endpoint="subjects.versions.register",method="POST",status="200"} 1',
      'typewire_http_request_duration_seconds_count{endpoint="other",method="any",status="404"} 1',
      'typewire_http_request_bytes_total{endpoint="subjects.versions.register",method="POST",status="200"} 2',
      'typewire_http_request_bytes_total{endpoint="other",method="any",status="404"} 0',
      'typewire_http_response_bytes_total{endpoint="subjects.versions.register",method="POST",status="200"} 8',
      'typewire_http_response_bytes_total{endpoint="other",method="any",status="404"} 49',
      "kafka_schema_registry_api_success_count 1",
      "kafka_schema_registry_api_failure_count 1",
      "kafka_schema_registry_registered_count 1",
      "kafka_schema_registry_deleted_count 0",
      'kafka_schema_registry_jersey_metrics_request_total{endpoint="subjects.versions.register"} 1',
      'kafka_schema_registry_jersey_metrics_request_total{endpoint="other"} 1',
      'kafka_schema_registry_jersey_metrics_request_error_total{endpoint="other"} 1',
    ]);
    await other.server.close();
  });

  test("/openapi.json describes every path of the table", async () => {
    const { paths, openapi } = JSON.parse((await send("GET", "/openapi.json")).body) as {
      openapi: string;
      paths: Record<string, object>;
    };
    expect(openapi).toBe("3.1.0");
    expect(Object.keys(paths)).toEqual([...new Set(Object.values(routes).map(({ path }) => path))]);
    expect(Object.keys(paths["/subjects/{subject}/versions"] ?? {})).toEqual(["get", "post"]);
  });

  test.each([
    ["GET", "/", "{}"],
    ["POST", "/", "{}"],
    ["GET", "/schemas/types", '["AVRO"]'],
    [
      "GET",
      "/v1/metadata/id",
      '{"scope":{"path":[],"clusters":{"kafka-cluster":"","schema-registry-cluster":"schema-registry"}}}',
    ],
    ["GET", "/v1/metadata/version", '{"version":"8.2.0","commitId":"typewire"}'],
    ["GET", "/v1/metadata/deployment", '{"attributes":[]}'],
  ])("%s %s answers without asking the registry", async (method, target, body) => {
    expect((await send(method, target)).body).toBe(body);
    expect(spy.calls).toEqual([]);
  });
});
