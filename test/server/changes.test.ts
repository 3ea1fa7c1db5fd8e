import { once } from "node:events";
import { rm } from "node:fs/promises";
import { connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createRegistryService } from "../../src/registry/index.ts";
import type { RegistryServerOptions, ServiceServer } from "../../src/server/index.ts";
import { createRegistryServer, serveService } from "../../src/server/index.ts";
import { createMemoryLog } from "../../src/store/index.ts";
import { temporaryFolder } from "../store/logs.ts";
import type { EventStream } from "./event-stream.ts";
import { openEvents } from "./event-stream.ts";
import { MemoryClient, metricsOf, unboundServer } from "./memory-client.ts";
import { requestHead, sendRaw } from "./raw-http.ts";

const servers: ServiceServer[] = [];
const folders: string[] = [];
const streams: EventStream[] = [];
afterEach(async () => {
  for (const stream of streams.splice(0)) stream.close();
  for (const server of servers.splice(0)) await server.close();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function start(options: RegistryServerOptions = { store: "memory" }): Promise<ServiceServer> {
  const server = await createRegistryServer({ port: 0, drainMs: 0, ...options });
  servers.push(server);
  return server;
}

async function follow(url: string, headers?: Readonly<Record<string, string>>) {
  const stream = await openEvents(url, headers);
  streams.push(stream);
  return stream;
}

async function register({ url }: ServiceServer, subject: string, name = "R"): Promise<void> {
  const schema = `{"type":"record","name":"${name}","fields":[]}`;
  const path = `/subjects/${encodeURIComponent(subject)}/versions`;
  const response = await fetch(url + path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ schema }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
}

async function batch({ url }: ServiceServer, items: readonly object[]): Promise<void> {
  const response = await fetch(`${url}/batch`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ items }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
}

const subjects = (events: readonly { readonly data?: unknown }[]) =>
  events.map(({ data }) => (data as { subject?: string }).subject);
const ids = (events: readonly { readonly id?: string }[]) => events.map(({ id }) => id);

describe("GET /changes", () => {
  test("tells what changes from now on, with the offset as the event's id", async () => {
    const server = await start();
    await register(server, "before");
    const stream = await follow(`${server.url}/changes`);
    await register(server, "after");
    await fetch(`${server.url}/config/after`, {
      method: "PUT",
      body: JSON.stringify({ compatibility: "FULL" }),
      headers: { "Content-Type": "application/json" },
    });
    expect(stream.response.statusCode).toBe(200);
    expect(stream.response.headers["content-type"]).toBe("text/event-stream");
    expect(stream.response.headers["cache-control"]).toBe("no-store");
    const timestamp: unknown = expect.any(Number);
    expect(await stream.next(2)).toEqual([
      {
        id: "1",
        data: { offset: 1, timestamp, kind: "registered", subject: "after", version: 1, id: 1 },
      },
      { id: "2", data: { offset: 2, timestamp, kind: "config", subject: "after" } },
    ]);
  });

  test.each([
    ["?since=-1", {}, ["a", "b", "c"]],
    ["?since=0", {}, ["b", "c"]],
    ["?since=2", {}, []],
    ["?since=-1", { "Last-Event-ID": "1" }, ["c"]],
    ["", { "Last-Event-ID": "0" }, ["b", "c"]],
    ["", {}, []],
  ])("%s with %j and once ends after what is there", async (query, headers, expected) => {
    const server = await start();
    for (const subject of ["a", "b", "c"]) await register(server, subject);
    const glue = query === "" ? "?" : "&";
    const stream = await follow(`${server.url}/changes${query}${glue}once=true`, headers);
    expect(subjects(await stream.rest())).toEqual(expected);
  });

  test("can be asked for one context or prefix", async () => {
    const server = await start();
    for (const subject of ["orders", "users", ":.x:orders"]) await register(server, subject);
    const of = async (target: string) =>
      subjects(await (await follow(`${server.url}${target}`)).rest());
    expect(await of("/contexts/.x/changes?since=-1&once=true")).toEqual([undefined, ":.x:orders"]);
    expect(await of("/changes?since=-1&once=true&subjectPrefix=:.:")).toEqual(["orders", "users"]);
    expect(await of("/changes?since=-1&once=true&subjectPrefix=us")).toEqual(["users"]);
    expect(await of("/changes?since=-1&once=true&subjectPrefix=:*:o")).toEqual([
      "orders",
      ":.x:orders",
    ]);
  });

  test("goes on where the client was, over a restart of the registry", async () => {
    const data = await temporaryFolder();
    folders.push(data);
    const first = await start({ store: "sqlite", data });
    const before = await follow(`${first.url}/changes`);
    await register(first, "a");
    const [seen] = await before.next(1);
    await register(first, "b", "B");
    await first.close();
    expect(subjects(await before.rest())).toEqual(["b"]);

    const second = await start({ store: "sqlite", data });
    const after = await follow(`${second.url}/changes`, { "Last-Event-ID": seen?.id ?? "" });
    await register(second, "c", "C");
    const events = await after.next(2);
    expect(subjects(events)).toEqual(["b", "c"]);
    expect(ids(events)).toEqual(["1", "2"]);
  });

  test("tells what other processes on the same file write", async () => {
    const data = await temporaryFolder();
    folders.push(data);
    const one = await start({ store: "sqlite", data });
    const other = await start({ store: "sqlite", data });
    const stream = await follow(`${one.url}/changes`);
    await register(other, "theirs");
    await register(one, "ours");
    expect(subjects(await stream.next(2))).toEqual(["theirs", "ours"]);
  });

  test("has everything once and in order for a client that does not read for a while", async () => {
    const server = await start();
    const stream = await follow(`${server.url}/changes`);
    stream.response.pause();
    const count = 300;
    const names = Array.from({ length: count }, (_, n) => `${"x".repeat(2_000)}-${n}`);
    const items = names.map((subject) => ({ subject, schema: '"int"' }));
    for (let n = 0; n < count; n += 100) await batch(server, items.slice(n, n + 100));
    expect(subjects(await stream.next(count))).toEqual(names);
  });

  test("gives a sign of life", async () => {
    const service = await createRegistryService({ log: createMemoryLog(), clock: () => 1 });
    const app = await unboundServer({ service, changeHeartbeatMs: 1 });
    const client = new MemoryClient(app, "/changes", { takes: true });
    await client.until("\r\n:\n\n\r\n", 2);
    expect(client.destroyed).toBe(false);
    client.destroy();
    await app.close();
  });

  test("cuts off a client that takes no byte for two heartbeats, and holds one event too many for it", async () => {
    const service = await createRegistryService({ log: createMemoryLog(), clock: () => 1 });
    const eventChars = 3_900;
    const items = Array.from({ length: 50 }, (_, n) => ({
      subject: "x".repeat(eventChars) + n,
      body: { schema: '"int"' },
    }));
    await service.batch(items, {});
    const app = await unboundServer({ service, changeHeartbeatMs: 60_000 });
    const client = new MemoryClient(app, "/changes?since=-1", { takes: false });
    await expect.poll(() => client.writableNeedDrain).toBe(true);
    expect(await metricsOf(app)).toContain("\ntypewire_change_streams 1\n");
    expect(client.writableLength).toBeLessThan(client.writableHighWaterMark + eventChars + 1_000);
    expect(client.timeoutMs).toBe(120_000);
    client.emit("timeout");
    expect(client.destroyed).toBe(true);
    await expect.poll(() => metricsOf(app)).toContain("\ntypewire_change_streams 0\n");
    await app.close();
  });

  test("ends when the registry closes", async () => {
    const server = await start({ store: "memory", drainMs: 60_000 });
    const stream = await follow(`${server.url}/changes`);
    const closed = server.close();
    expect(await stream.rest()).toEqual([]);
    stream.close();
    await closed;
  });

  test("is not begun while the registry closes: the connection ends without an answer", async () => {
    const server = await start({ store: "memory", drainMs: 60_000 });
    const { port } = new URL(server.url);
    const socket = connect(Number(port), "127.0.0.1").setEncoding("utf8");
    const get = (target: string) =>
      socket.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    get("/");
    await once(socket, "data");
    const closed = server.close();
    get("/changes");
    expect((await socket.toArray()).join("")).toBe("");
    await closed;
  });

  test("knows an offset that another process on the file has just given out", async () => {
    const data = await temporaryFolder();
    folders.push(data);
    const one = await start({ store: "sqlite", data });
    const other = await start({ store: "sqlite", data });
    await register(other, "a");
    const stream = await follow(`${one.url}/changes?once=true`, { "Last-Event-ID": "0" });
    expect([stream.response.statusCode, await stream.rest()]).toEqual([200, []]);
  });

  test("ends when the store cannot be read, and the cause is reported", async () => {
    const failure = new Error("read failed");
    const log = Object.assign(createMemoryLog(), {
      read: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(failure) }) }),
    });
    const service = await createRegistryService({ log, clock: () => 1 });
    await service.register("s", { schema: '"int"' }, {});
    const failures: unknown[] = [];
    const onFailure = ({ error }: { readonly error: unknown }) => failures.push(error);
    const server = await serveService({ service, log, port: 0, drainMs: 0, onFailure });
    servers.push(server);
    const stream = await follow(`${server.url}/changes?since=-1`);
    expect([await stream.rest(), failures]).toEqual([[], [failure]]);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toContain("\ntypewire_change_streams 0\n");
  });

  test("is refused when too many are open, until one goes", async () => {
    const server = await start({ store: "memory", changeStreamsMax: 1 });
    const stream = await follow(`${server.url}/changes`);
    const second = await fetch(`${server.url}/changes`);
    expect([second.status, await second.json()]).toEqual([
      503,
      {
        error_code: 503,
        message:
          "All 1 streams of changes are in use. Try again later, or raise --change-streams-max",
      },
    ]);
    stream.close();
    let third = await fetch(`${server.url}/changes?once=true`);
    while (third.status === 503) third = await fetch(`${server.url}/changes?once=true`);
    expect(third.status).toBe(200);
  });

  test.each([
    ["GET", "/changes?since=x", {}, 400, 'The offset "x" must be a whole number from -1'],
    ["GET", "/changes?since=-2", {}, 400, 'The offset "-2" must be a whole number from -1'],
    [
      "GET",
      "/changes",
      { "Last-Event-ID": "" },
      400,
      'The offset "" must be a whole number from -1',
    ],
    [
      "GET",
      "/changes?since=0",
      {},
      400,
      "The offset 0 is beyond this registry's log, which ends at 0. If it was restored, read everything again with ?since=-1",
    ],
    ["GET", "/changes", { Accept: "application/json" }, 406, "HTTP 406 Not Acceptable"],
    ["POST", "/changes", {}, 405, "HTTP 405 Method Not Allowed"],
  ])("%s %s with %j is a %i", async (method, target, headers, status, message) => {
    const server = await start();
    const answer = await sendRaw(server.url, requestHead(method, target, { ...headers }));
    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      status,
      { error_code: status, message },
    ]);
  });

  test("HEAD has the head alone", async () => {
    const server = await start();
    const answer = await sendRaw(server.url, requestHead("HEAD", "/changes"));
    expect([answer.status, answer.headers.get("content-type"), answer.body]).toEqual([
      200,
      "text/event-stream",
      "",
    ]);
  });
});
