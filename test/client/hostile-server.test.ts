/** What a server may send: redirects, endless bodies, and times to come back at. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { readText } from "../../src/client/answer-body.ts";
import type { RegistryClientOptions } from "../../src/client/index.ts";
import { createRegistryClient } from "../../src/client/index.ts";
import { manualClock } from "./stub.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function server(answer: Answer): Promise<string> {
  const listening = createServer((request, response) => {
    request.resume();
    answer(request, response);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => listening.once("listening", resolve));
  closing.push(async () => {
    listening.closeAllConnections();
    await new Promise((resolve) => listening.close(resolve));
  });
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
}

function clientOf(url: string, options: Partial<RegistryClientOptions> = {}) {
  const clock = manualClock();
  const auth = { username: "me", password: "secret" };
  const headers = { "x-api-key": "secret" };
  return { clock, client: createRegistryClient({ url, auth, headers, clock, ...options }) };
}

describe("a redirect", () => {
  test("within the origin is followed, with credentials", async () => {
    const seen: string[] = [];
    const url = await server(({ url: path = "", headers }, response) => {
      seen.push(`${path} ${headers.authorization} ${headers["x-api-key"]}`);
      if (path === "/subjects") response.writeHead(301, { location: "/subjects/" }).end();
      else response.end('["a"]');
    });
    expect(await clientOf(url).client.subjects()).toEqual(["a"]);
    expect(seen).toEqual([
      "/subjects Basic bWU6c2VjcmV0 secret",
      "/subjects/ Basic bWU6c2VjcmV0 secret",
    ]);
  });

  test("to another host is not followed: no credential leaves", async () => {
    let asked = 0;
    const other = await server((_, response) => {
      asked++;
      response.end("[]");
    });
    const url = await server((_, response) => {
      response.writeHead(302, { location: `${other}/subjects` }).end();
    });
    const error: unknown = await clientOf(url)
      .client.subjects()
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "CLIENT_ANSWER_INVALID", details: { status: 302 } });
    expect((error as Error).message).toContain(`redirects to another host, ${other}/subjects`);
    expect(asked).toBe(0);
  });

  test.each([307, 308])("of a write with %i keeps method and body", async (status) => {
    const url = await server(({ url: path = "", method }, response) => {
      if (path.startsWith("/moved")) response.end(JSON.stringify({ id: 1, version: 1, method }));
      else response.writeHead(status, { location: `/moved${path}` }).end();
    });
    const answer = await clientOf(url).client.request("POST", "/subjects/s/versions", {
      body: { schema: '"int"' },
    });
    expect(answer).toEqual({ id: 1, version: 1, method: "POST" });
  });

  test.each([301, 302, 303])("of a write with %i is an error, not a GET", async (status) => {
    const methods: string[] = [];
    const url = await server(({ method = "" }, response) => {
      methods.push(method);
      response.writeHead(status, { location: "/elsewhere" }).end();
    });
    await expect(clientOf(url).client.register("s", { schema: '"int"' })).rejects.toMatchObject({
      code: "CLIENT_ANSWER_INVALID",
    });
    expect(methods).toEqual(["POST"]);
  });

  test.each(["", "http://", "javascript:1", "file:///etc/passwd", "/\u001b[2J"])(
    "to %j ends in an error or at the same host",
    async (location) => {
      const url = await server(({ url: path }, response) => {
        if (path === "/subjects") response.writeHead(302, { location: encodeURI(location) }).end();
        else response.end("[]");
      });
      const answer = await clientOf(url)
        .client.subjects()
        .catch((error: { code: string }) => error.code);
      expect(location.startsWith("/") ? [] : "CLIENT_ANSWER_INVALID").toEqual(answer);
    },
  );

  test("in a circle ends", async () => {
    let asked = 0;
    const url = await server((_, response) => {
      asked++;
      response.writeHead(302, { location: "/subjects" }).end();
    });
    await expect(clientOf(url).client.subjects()).rejects.toMatchObject({
      code: "CLIENT_ANSWER_INVALID",
    });
    expect(asked).toBe(6);
  });
});

describe("a body without an end", () => {
  test("that says so is not read", async () => {
    const url = await server((_, response) => {
      response.writeHead(200, { "content-length": String(2 ** 40) }).write("[");
    });
    const error: unknown = await clientOf(url)
      .client.subjects()
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "CLIENT_ANSWER_INVALID" });
    expect((error as Error).message).toContain("larger than 67108864 bytes");
  });

  test("is left at its limit", async () => {
    let closed = false;
    const url = await server((_, response) => {
      response.on("close", () => {
        closed = true;
      });
      const more = () => {
        while (response.write("1,".repeat(1000))) {}
      };
      response.on("drain", more);
      more();
    });
    expect(await readText(await fetch(url), 100_000)).toBeUndefined();
    await expect.poll(() => closed).toBe(true);
  });

  test("is counted after decompression", async () => {
    const bomb = gzipSync(Buffer.alloc(2 << 20, 0x20));
    expect(bomb.length).toBeLessThan(1 << 14);
    const url = await server((_, response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(bomb);
    });
    expect(await readText(await fetch(url), 1 << 20)).toBeUndefined();
    expect((await readText(await fetch(url), 3 << 20))?.length).toBe(2 << 20);
  });

  test("that comes byte by byte ends with the time-out", async () => {
    const timers: NodeJS.Timeout[] = [];
    const url = await server((_, response) => {
      response.write("[");
      timers.push(setInterval(() => response.write(" "), 5));
      response.on("close", () => timers.forEach(clearInterval));
    });
    const { client } = clientOf(url, { timeoutMs: 50, retries: 1 });
    await expect(client.subjects()).rejects.toMatchObject({
      code: "CLIENT_UNREACHABLE",
      details: { attempts: 2 },
    });
  });
});

describe("Retry-After", () => {
  const later = () => new Date(Date.now() + 3_600_000).toUTCString();
  test.each([
    ["seconds", () => "2", 2000],
    ["many seconds, bounded", () => "86400", 5000],
    ["a date, bounded", later, 5000],
    ["a date that has passed", () => "Wed, 21 Oct 2015 07:28:00 GMT", 0],
  ])("as %s", async (_, header, waitMs) => {
    let asked = 0;
    const url = await server((__, response) => {
      if (asked++ > 0) response.end("[]");
      else response.writeHead(429, { "retry-after": header() }).end();
    });
    const { client, clock } = clientOf(url);
    expect(await client.subjects()).toEqual([]);
    expect(clock.slept).toEqual([waitMs]);
  });

  test("lets a DELETE come again, which 429 did not let in", async () => {
    let asked = 0;
    const url = await server((_, response) => {
      if (asked++ > 0) response.end("[1]");
      else response.writeHead(429, { "retry-after": "0" }).end();
    });
    expect(await clientOf(url).client.deleteSubject("s", "soft")).toEqual([1]);
  });
});
