import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { RouteRow } from "../../src/api/index.ts";
import { routes } from "../../src/api/index.ts";
import { redactUrl } from "../../src/base/index.ts";
import type { ServiceServer } from "../../src/server/index.ts";
import { createRegistryServer, serveService } from "../../src/server/index.ts";
import { requestHead, sendRaw } from "./raw-http.ts";
import { spyServer, spyService } from "./spy-service.ts";

const V1 = "application/vnd.schemaregistry.v1+json";
const NAMED = "https://ui.example";

let spy: Awaited<ReturnType<typeof spyServer>>;
let real: ServiceServer;
const logged: string[] = [];
beforeAll(async () => {
  spy = await spyServer({
    corsOrigins: [`${NAMED}/`, "http://localhost:3000"],
    allowedHosts: ["registry.internal"],
    onRequest: ({ method, url, status }) => logged.push(`${method} ${url} ${status}`),
  });
  real = await createRegistryServer({ store: "memory", port: 0, drainMs: 0 });
  const body = Buffer.from(JSON.stringify({ schema: '"int"' }));
  await fetch(`${real.url}/subjects/s/versions`, { method: "POST", body });
});
afterAll(async () => {
  await spy.server.close();
  await real.close();
});
beforeEach(() => {
  spy.calls.length = 0;
  spy.answer = { id: 1, version: 1, schema: '"int"' };
  logged.length = 0;
});

/** Headers, undefined ones left out. */
type Headers = Readonly<Record<string, string | undefined>>;

function send(url: string, method: string, target: string, headers: Headers = {}, body = "") {
  const given = Object.entries(headers).filter((entry): entry is [string, string] => !!entry[1]);
  const length = body === "" ? {} : { "Content-Length": String(Buffer.byteLength(body)) };
  const head = requestHead(method, target, { ...length, ...Object.fromEntries(given) });
  return sendRaw(url, head, body);
}

const writing = [
  ...Object.values<RouteRow>(routes)
    .filter(({ method }) => method !== "GET")
    .map(({ method, path }) => [method, path.replace(/\{\w+\}/g, "1")] as const),
  // Not routes, and routes under another name.
  ["POST", "/contexts/.x/subjects/s/versions"],
  ["PATCH", "/config"],
  ["POST", "/subjects/s/undelete/"],
  ["DELETE", "/nowhere"],
  ["POST", "//subjects/s/versions"],
  ["POST", "http://localhost/subjects/s/versions"],
  ["POST", "/schemas/ids/1"],
] as const;

describe("a page of another origin", () => {
  test.each(writing)("can't send %s %s", async (method, target) => {
    const body = method === "DELETE" || target.includes("undelete") ? "" : '{"schema":"\\"int\\""}';
    for (const headers of [
      { Origin: "http://evil.example", "Sec-Fetch-Site": "cross-site" },
      { Origin: "http://evil.example" },
      { Origin: "null" },
      { "Sec-Fetch-Site": "cross-site" },
    ]) {
      const answer = await send(spy.url, method, target, headers, body);
      expect([answer.status, answer.headers.get("content-type")]).toEqual([403, V1]);
      const said: unknown = expect.stringContaining(
        "To allow it, add the origin to --cors-origins",
      );
      expect(JSON.parse(answer.body)).toEqual({ error_code: 403, message: said });
      expect(answer.headers.has("access-control-allow-origin")).toBe(false);
    }
    expect(spy.calls).toEqual([]);
    expect(logged).toHaveLength(4);
  });

  test.each([
    ["another port", "http://localhost:1", undefined],
    ["a name that begins the same", "http://localhost.evil.example", undefined],
    ["a name that ends the same", "http://evillocalhost", undefined],
    ["a user before the own host", "http://localhost@evil.example", undefined],
    ["the own host as a user", "http://localhost:pw@localhost", undefined],
    ["a path", "http://localhost/x", undefined],
    ["another scheme", "file://localhost", undefined],
    ["an extension", "chrome-extension://abcdefgh", undefined],
    ["two origins", "http://localhost, http://evil.example", undefined],
    ["a named origin on another port", `${NAMED}:8443`, undefined],
    ["a named origin without TLS", "http://ui.example", undefined],
    ["a page of the same site", undefined, "same-site"],
    ["the own origin, but not by the browser's word", "http://localhost", "cross-site"],
    ["a word that no browser says", undefined, "same-origin, cross-site"],
  ])("is known by %s", async (_what, origin, site) => {
    const headers = { Origin: origin, "Sec-Fetch-Site": site };
    const answer = await send(spy.url, "POST", "/subjects/s", headers, "{}");
    expect([answer.status, spy.calls]).toEqual([403, []]);
  });

  test.each([
    ["X-HTTP-Method-Override", "DELETE"],
    ["X-Method-Override", "PUT"],
  ])("does not write by a read with %s", async (header, method) => {
    await send(spy.url, "GET", "/config?_method=DELETE", {
      Origin: "http://evil.example",
      [header]: method,
    });
    expect(spy.calls.map((call) => call.method)).toEqual(["config"]);
  });

  test("may ask, but gets no headers that let it read", async () => {
    for (const target of ["/config", "/schemas/ids/1", "/health/live", "/nowhere"]) {
      const answer = await send(real.url, "GET", target, { Origin: "http://evil.example" });
      const names = [...answer.headers.keys()].filter((name) => name.startsWith("access-control"));
      expect([answer.status === 403, names]).toEqual([false, []]);
    }
  });

  test("holds no stream of changes", async () => {
    const answer = await send(real.url, "GET", "/changes", { "Sec-Fetch-Site": "cross-site" });
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([403, { error_code: 403 }]);
  });
});

describe("who is no page of another origin", () => {
  test.each([
    ["a program", undefined, undefined, undefined],
    ["a page of the registry's own origin", "http://localhost", "same-origin", undefined],
    ["the same with the port of the scheme", "http://localhost", undefined, "localhost:80"],
    ["the same behind a proxy with TLS", "https://localhost", "same-origin", "localhost:443"],
    ["the address bar", undefined, "none", undefined],
    ["a page without an origin header", undefined, "same-origin", undefined],
    ["a named origin", NAMED, "cross-site", undefined],
    ["a named origin on this machine", "http://localhost:3000", "same-site", undefined],
  ])("writes: %s", async (_who, origin, site, host) => {
    const headers = { Origin: origin, "Sec-Fetch-Site": site, Host: host };
    const answer = await send(spy.url, "POST", "/subjects/s", headers, "{}");
    expect([answer.status, spy.calls.map(({ method }) => method)]).toEqual([200, ["lookup"]]);
  });
});

describe("a host on loopback", () => {
  test.each([
    ["localhost", 200],
    ["LOCALHOST:1234", 200],
    ["localhost.", 200],
    ["team.localhost:8081", 200],
    ["127.0.0.1:8081", 200],
    ["127.8.9.10", 200],
    ["[::1]", 200],
    ["[::1]:8081", 200],
    ["[0:0:0:0:0:0:0:1]", 200],
    ["[::ffff:127.0.0.1]:8081", 200],
    ["registry.internal", 200],
    ["Registry.Internal:8081", 200],
    ["evil.example", 403],
    ["evil.example:8081", 403],
    ["localhost.evil.example", 403],
    ["127.0.0.1.evil.example", 403],
    ["evillocalhost", 403],
    ["128.0.0.1", 403],
    ["0.0.0.0:8081", 403],
    ["[::2]", 403],
    ["[::ffff:128.0.0.1]", 403],
    ["localhost@evil.example", 403],
    ["localhost/evil.example", 403],
    ["sub.registry.internal", 403],
    ["loc alhost", 403],
    ["x".repeat(5_000), 403],
  ])("%s is a %i, for reads and writes, hot or not", async (host, status) => {
    for (const [method, target] of [
      ["GET", "/config"],
      ["GET", "/health/live"],
      ["HEAD", "/subjects"],
      ["OPTIONS", "/subjects"],
      ["POST", "/subjects/s"],
    ] as const) {
      const answer = await send(spy.url, method, target, { Host: host }, "{}");
      expect(answer.status < 300 ? 200 : answer.status).toBe(status);
    }
    const allowed = host.toLowerCase().startsWith("registry.internal");
    const hot = await send(real.url, "GET", "/schemas/ids/1", { Host: host });
    expect(hot.status).toBe(allowed ? 403 : status);
  });

  test("that is refused is told which setting names it", async () => {
    const answer = await send(real.url, "GET", "/schemas/ids/1", { Host: "evil.example" });
    expect([answer.headers.get("content-type"), answer.body]).toEqual([
      V1,
      '{"error_code":403,"message":"This registry does not answer requests for the host \\"evil.example\\". To allow it, add it to --allowed-hosts"}',
    ]);
  });

  test.each([
    ["http://evil.example/config", 403],
    ["http://evil.example/schemas/ids/1", 403],
    ["HTTP://LOCALHOST:9/config", 200],
    ["https://127.0.0.1/config?defaultToGlobal=true", 200],
    ["http://localhost", 200],
    ["http://localhost?x", 200],
    ["http://alice:S3CRETpw@localhost/config", 400],
    ["http:///config", 400],
    ["ftp://localhost/config", 400],
  ])("in the target counts, too: %s is a %i", async (target, status) => {
    expect((await send(spy.url, "GET", target)).status).toBe(status);
    expect(logged.join()).not.toContain("S3CRETpw");
  });

  test("may be missing in HTTP/1.0 alone, and may not be there twice", async () => {
    const read = async (head: string) => (await sendRaw(spy.url, head)).status;
    const host = "Host: localhost\r\n";
    expect(await read("GET /config HTTP/1.0\r\n\r\n")).toBe(200);
    expect(await read("GET /config HTTP/1.1\r\n\r\n")).toBe(400);
    expect(await read(`GET /config HTTP/1.1\r\n${host}hOsT: evil.example\r\n\r\n`)).toBe(400);
    expect(await read(`GET /config HTTP/1.1\r\n${host}${host}\r\n`)).toBe(400);
  });
});

describe("a host elsewhere", () => {
  const statuses = async (options: { host: string; allowedHosts?: string[] }, hosts: string[]) => {
    const { url, server } = await spyServer(options);
    const answers = await Promise.all(hosts.map((Host) => send(url, "GET", "/config", { Host })));
    await server.close();
    return answers.map(({ status }) => status);
  };

  test("is any, unless the setting names some", async () => {
    const hosts = ["evil.example", "10.0.0.7:8081", "registry"];
    expect(await statuses({ host: "0.0.0.0" }, hosts)).toEqual([200, 200, 200]);
    const named = { host: "0.0.0.0", allowedHosts: ["Registry", "::2"] };
    // The address that the connection came to is no name: probes use it.
    const more = [...hosts, "localhost:1", "[::2]:1", "127.0.0.1"];
    expect(await statuses(named, more)).toEqual([403, 403, 200, 200, 200, 200]);
  });

  test("is any on loopback when the setting says so", async () => {
    const options = { host: "127.0.0.1", allowedHosts: ["*"] };
    expect(await statuses(options, ["evil.example", "a b"])).toEqual([200, 200]);
  });
});

describe("a named origin", () => {
  test("reads answers of every kind, and knows that they depend on it", async () => {
    for (const target of ["/config", "/schemas/ids/1", "/nowhere", "/health/live"]) {
      const answer = await send(spy.url, "GET", target, { Origin: NAMED });
      const { headers } = answer;
      expect(headers.get("access-control-allow-origin")).toBe(NAMED);
      expect(headers.get("access-control-allow-credentials")).toBe("true");
      expect(headers.get("access-control-expose-headers")).toBe("etag, x-request-id, allow");
      expect(headers.get("vary")?.split(", ")).toContain("origin");
      const plain = await send(spy.url, "GET", target);
      expect(plain.headers.get("vary")).toBe(headers.get("vary"));
      expect(plain.headers.has("access-control-allow-origin")).toBe(false);
    }
    const content = await send(spy.url, "GET", "/schemas/ids/1", { Origin: NAMED });
    expect(content.headers.get("vary")).toBe("origin, accept");
  });

  test("is let through when its browser asks first; others are not", async () => {
    const asks = (Origin: string) =>
      send(spy.url, "OPTIONS", "/subjects/s/versions", {
        Origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,if-match",
      });
    const named = await asks(NAMED);
    expect([named.status, named.body]).toEqual([204, ""]);
    expect(Object.fromEntries(named.headers)).toMatchObject({
      "access-control-allow-origin": NAMED,
      "access-control-allow-methods": "GET, HEAD, POST, PUT, DELETE",
      "access-control-allow-headers": "content-type,if-match",
      "access-control-max-age": "600",
      vary: "origin, access-control-request-headers",
    });
    const other = await asks("http://evil.example");
    const names = [...other.headers.keys()].filter((name) => name.startsWith("access-control"));
    expect([other.status, other.headers.get("allow"), names]).toEqual([
      204,
      "GET, HEAD, OPTIONS, POST",
      [],
    ]);
  });

  test("gets the hot answer that the ordinary route gives", async () => {
    const server = await createRegistryServer({ store: "memory", port: 0, corsOrigins: [NAMED] });
    const body = Buffer.from(JSON.stringify({ schema: '"int"' }));
    await fetch(`${server.url}/subjects/s/versions`, { method: "POST", body });
    const read = async (target: string) => {
      const headers = { Origin: NAMED, "X-Request-ID": "r" };
      const answer = await send(server.url, "GET", target, headers);
      return {
        ...answer,
        headers: new Map([...answer.headers].filter(([name]) => name !== "date")),
      };
    };
    expect(await read("/schemas/ids/1")).toEqual(await read("/schemas/ids/1?"));
    expect((await read("/schemas/ids/1")).headers.get("access-control-allow-origin")).toBe(NAMED);
    await server.close();
  });
});

describe("the settings", () => {
  test.each([
    ["corsOrigins", "*"],
    ["corsOrigins", "null"],
    ["corsOrigins", "ui.example"],
    ["corsOrigins", "https://ui.example/path"],
    ["corsOrigins", "https://me:pw@ui.example"],
    ["corsOrigins", "ftp://ui.example"],
    ["corsOrigins", ""],
    ["allowedHosts", "registry:8081"],
    ["allowedHosts", "[::1]:8081"],
    ["allowedHosts", "http://registry"],
    ["allowedHosts", "a b"],
    ["allowedHosts", ""],
  ])("%s can't be %j", async (option, value) => {
    const options = { service: spyService().service, port: 0, [option]: [value] };
    await expect(serveService(options)).rejects.toMatchObject({
      code: "SERVER_OPTION_INVALID",
      details: { option, value: redactUrl(value) },
    });
  });
});
