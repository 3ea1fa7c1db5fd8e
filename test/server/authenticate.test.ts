import type { IncomingMessage } from "node:http";
import { fastify } from "fastify";
import { afterEach, describe, expect, test } from "vitest";
import type { RouteAccess, RouteRow } from "../../src/api/index.ts";
import { routes } from "../../src/api/index.ts";
import { createMemoryUsage, createRegistryService } from "../../src/registry/index.ts";
import { askForPermits } from "../../src/server/app.ts";
import type { Authenticate, Principal } from "../../src/server/authenticate.ts";
import { HttpError } from "../../src/server/http-error.ts";
import type { ServiceServer, ServiceServerOptions } from "../../src/server/index.ts";
import { serveService } from "../../src/server/index.ts";
import { operationalAccess } from "../../src/server/operational.ts";
import { createMemoryLog } from "../../src/store/index.ts";

const servers: ServiceServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serve(
  authenticate: Authenticate,
  options: Partial<ServiceServerOptions> = {},
): Promise<string> {
  const service = await createRegistryService({
    log: createMemoryLog(),
    clock: () => 1,
    usage: createMemoryUsage(),
  });
  await service.register("s", { schema: '"int"' }, {});
  const server = await serveService({ service, port: 0, drainMs: 0, authenticate, ...options });
  servers.push(server);
  return server.url;
}

async function send(url: string, method: string, target: string): Promise<number> {
  const body = method === "POST" || method === "PUT" ? { body: Buffer.from("{}") } : {};
  const response = await fetch(url + target, { method, ...body });
  await response.arrayBuffer();
  return response.status;
}

const targetOf = ({ path }: RouteRow) =>
  path
    .replace("{subject}", "s")
    .replace("{version}", "1")
    .replace("{id}", "1")
    .replace(/\{\w+\}/, "x");

/** Method, target, what it needs (`undefined` for what no route takes), and the path's subject. */
type Line = readonly [
  method: string,
  target: string,
  access: RouteAccess | undefined,
  subject?: string,
];
const ended = (target: string) => (target === "/changes" ? `${target}?once=true` : target);
const table: readonly Line[] = [
  ...Object.values<RouteRow>(routes).map((row): Line => {
    const line = [row.method, ended(targetOf(row)), row.access] as const;
    return row.path.includes("{subject}") ? [...line, "s"] : line;
  }),
  ...Object.entries<RouteAccess>(operationalAccess).map(
    ([path, access]): Line => ["GET", path, access],
  ),
];
/** Everything but `/`, which is the context itself there. */
const inContext = table
  .filter(([, target]) => target !== "/")
  .map(([method, target, access, subject]): Line => {
    const line = [method, `/contexts/c${target}`] as const;
    return subject === undefined ? [...line, access] : [...line, access, `:.c:${subject}`];
  });
const unusual: readonly Line[] = [
  ["GET", "/subjects/s/versions/latest", { action: "read", on: "subject" }, "s"],
  ["HEAD", "/schemas/ids/1", { action: "read", on: "schema" }],
  ["HEAD", "/changes", { action: "read", on: "subjects" }],
  ["GET", "/nothing/here", undefined],
  ["PUT", "/subjects", undefined],
  ["OPTIONS", "/subjects", undefined],
  ["GET", "/contexts/c/", undefined],
  ["GET", "/subjects/%E0%A4%A", undefined],
];
const everything = [...table, ...inContext, ...unusual];

const named = (
  name: string | undefined,
  permits: Principal["permits"] = () => true,
): Principal => ({
  name,
  permits,
});

describe("authenticate", () => {
  test.each([
    ["at once", (principal: Principal) => principal],
    ["later", (principal: Principal) => Promise.resolve(principal)],
  ])("is called exactly once for each request, and may answer %s", async (_when, answer) => {
    const seen: string[] = [];
    const url = await serve((request: IncomingMessage) => {
      seen.push(`${request.method} ${request.url}`);
      return answer(named(undefined));
    });
    for (const [method, target] of everything) await send(url, method, target);
    expect(seen).toEqual(everything.map(([method, target]) => `${method} ${target}`));
  });

  test.each([
    [
      401,
      "throws",
      () => {
        throw new HttpError(401, "no");
      },
    ],
    [403, "rejects", () => Promise.reject(new HttpError(403, "no"))],
    [
      500,
      "fails",
      () => {
        throw new Error("out of order");
      },
    ],
    [500, "fails later", () => Promise.reject(new Error("out of order"))],
  ] as const)("lets nobody in anywhere: %s when it %s", async (status, _how, authenticate) => {
    const failures: unknown[] = [];
    const url = await serve(authenticate, { onFailure: ({ error }) => failures.push(error) });
    for (const [method, target] of everything) {
      expect([method, target, await send(url, method, target)]).toEqual([method, target, status]);
    }
    expect(failures).toHaveLength(status === 500 ? everything.length : 0);
  });

  test("fails the request, and nothing else, when permits fail", async () => {
    const failures: unknown[] = [];
    const permits = (): boolean => {
      throw new Error("out of order");
    };
    const url = await serve(() => named("ada", permits), {
      onFailure: ({ error }) => failures.push(error),
    });
    const targets = ["/schemas/ids/1", "/subjects/s/versions/1", "/subjects"];
    for (const target of targets) expect(await send(url, "GET", target)).toBe(500);
    expect(failures).toHaveLength(targets.length);
  });

  test("is not asked for a foreign page, a foreign host, and a preflight", async () => {
    let asked = 0;
    const url = await serve(
      () => {
        asked++;
        return named(undefined);
      },
      { corsOrigins: ["https://ours.example"] },
    );
    const status = async (method: string, headers: Record<string, string>) =>
      (await fetch(`${url}/subjects/s`, { method, headers })).status;
    expect([
      await status("DELETE", { Origin: "https://theirs.example" }),
      await status("OPTIONS", {
        Origin: "https://ours.example",
        "Access-Control-Request-Method": "DELETE",
      }),
    ]).toEqual([403, 204]);
    expect(asked).toBe(0);
  });
});

describe("the access row", () => {
  test.each(table.map(([method, target, access]) => ({ method, target, access })))(
    "$method $target has one",
    ({ access }) => {
      expect(access?.action).toMatch(/^(?:public|read|write|delete|admin)$/);
    },
  );

  test.each(Object.entries<RouteRow>(routes))("of %s fits its method and path", (_name, row) => {
    const { access, method, path } = row;
    if (method === "GET") expect(["public", "read"]).toContain(access.action);
    else if (method === "PUT" || method === "DELETE") {
      expect(["write", "delete", "admin"]).toContain(access.action);
    } else expect(["public", "read", "write", "delete", "admin"]).toContain(access.action);
    if (access.action === "public") return;
    const named = { subject: "{subject}", schema: /\{(?:id|guid)\}/, context: "/contexts" };
    const place = Object.entries(named).find(([on]) => on === access.on)?.[1];
    if (place !== undefined) expect(path).toMatch(place);
    if (access.on !== "settings") {
      expect([path, access.on === "subject"]).toEqual([path, path.includes("{subject}")]);
    }
  });

  test("is what a principal is asked for, with the subject in its context; what has none is open", async () => {
    const asked: unknown[] = [];
    const url = await serve(() =>
      named("ada", (access, subject) => {
        asked.push([access, subject]);
        return false;
      }),
    );
    for (const [method, target, access, subject] of everything) {
      asked.length = 0;
      const status = await send(url, method, target);
      const expected = access === undefined ? [] : [[access, subject]];
      // A hot read asks twice: the second time it is the ordinary route, which refuses.
      expect([method, target, asked.slice(-1)]).toEqual([method, target, expected]);
      if (access !== undefined) expect([method, target, status]).toEqual([method, target, 403]);
    }
  });

  test("is looked at before the body is read", async () => {
    const url = await serve(() => named("ada", () => false), { bodyLimitBytes: 10 });
    const answer = await fetch(`${url}/subjects/s/versions`, {
      method: "POST",
      headers: { "Content-Type": "text/csv" },
      body: "x".repeat(1000),
    });
    expect(answer.status).toBe(403);
  });

  test("is there, or the route is not added", () => {
    const app = fastify();
    askForPermits(app);
    const answer = () => "";
    expect(() => app.get("/new", answer)).toThrow("GET /new has no access row");
    expect(() =>
      app.get("/old", { config: { access: { action: "public" } } }, answer),
    ).not.toThrow();
  });

  test("is named to who may not", async () => {
    const url = await serve((request) => named(request.headers["x-user"] as string, () => false));
    const text = async (path: string, headers: Record<string, string>) =>
      ((await (await fetch(url + path, { headers })).json()) as { readonly message: string })
        .message;
    expect(await text("/subjects/s/versions/1", { "X-User": "ada" })).toBe(
      'The caller "ada" may not read subject "s"',
    );
    expect(await text("/schemas/ids/1", {})).toBe("An anonymous caller may not read schema");
    expect(await text("/health/live", {})).toBe("An anonymous caller may not send this request");
  });
});

describe("a principal's name", () => {
  test("reaches the access log, on every route; an anonymous one is not mentioned", async () => {
    const seen: (readonly [string, string | undefined])[] = [];
    const url = await serve((request) => named(request.headers["x-user"] as string | undefined), {
      onRequest: ({ url: target, principal }) => seen.push([target, principal]),
    });
    const targets = ["/schemas/ids/1", "/subjects/s/versions", "/nothing", "/metrics"];
    for (const target of targets) {
      await send(url, "GET", target);
      await (await fetch(url + target, { headers: { "X-User": "ada" } })).arrayBuffer();
    }
    await expect
      .poll(() => seen)
      .toEqual(
        targets.flatMap((target) => [
          [target, undefined],
          [target, "ada"],
        ]),
      );
  });

  test("reaches the report of a failure", async () => {
    const reports: unknown[] = [];
    const log = Object.assign(createMemoryLog(), {});
    const service = await createRegistryService({ log, clock: () => 1 });
    log.transact = () => Promise.reject(new Error("broken"));
    const url = await serve(() => named("ada"), {
      service,
      onFailure: ({ method, url: target, principal }) => reports.push([method, target, principal]),
    });
    const body = Buffer.from('{"schema":"\\"long\\""}');
    await (await fetch(`${url}/subjects/t/versions`, { method: "POST", body })).arrayBuffer();
    expect(reports).toEqual([["POST", "/subjects/t/versions", "ada"]]);
  });

  test("is the client that usage shows, whatever the request says of itself", async () => {
    const url = await serve((request) => named(request.headers["x-user"] as string | undefined));
    const headers = { "X-User": "ada", "X-Client-Id": "somebody" };
    for (const target of ["/schemas/ids/1", "/subjects/s/versions/1?deleted=true"]) {
      await (await fetch(url + target, { headers })).arrayBuffer();
    }
    await (
      await fetch(`${url}/schemas/ids/1`, { headers: { "X-Client-Id": "bob" } })
    ).arrayBuffer();
    const usage = (await (await fetch(`${url}/subjects/s/versions/1/usage`)).json()) as {
      readonly clients: readonly { readonly client: string; readonly reads: number }[];
    };
    expect(Object.fromEntries(usage.clients.map(({ client, reads }) => [client, reads]))).toEqual({
      ada: 2,
      bob: 1,
    });
  });
});
