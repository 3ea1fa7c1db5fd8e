/** What streams of changes may cost, and that nothing is lost where one is cut. */
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { connect } from "node:net";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import type { Log, RegistryService } from "../../src/registry/index.ts";
import { createRegistryService } from "../../src/registry/index.ts";
import { networkOf } from "../../src/server/access.ts";
import type { ServiceServer, ServiceServerOptions } from "../../src/server/index.ts";
import { serveService } from "../../src/server/index.ts";
import { createMemoryLog, openSqliteLog } from "../../src/store/index.ts";
import { temporaryFolder } from "../store/logs.ts";
import { openEvents } from "./event-stream.ts";
import { MemoryClient, metricsOf, unboundServer } from "./memory-client.ts";
import { requestHead } from "./raw-http.ts";

const servers: ServiceServer[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

async function serve(log: Log, options: Partial<ServiceServerOptions> = {}) {
  const service = await createRegistryService({ log, clock: () => 1, turn });
  const server = await serveService({ service, log, port: 0, drainMs: 0, ...options });
  servers.push(server);
  return { service, server, url: server.url };
}

async function sqlite(): Promise<Log> {
  const folder = await temporaryFolder();
  folders.push(folder);
  return openSqliteLog({ folder });
}

/** A log that counts the characters of what it reads, all in all and at most in one piece. */
function counted(log: Log) {
  const counts = { pages: 0, chars: 0, longest: 0 };
  const own = log.page?.bind(log);
  const page: Log["page"] = async (from, charsMax) => {
    const rows = (await own?.(from, charsMax)) ?? [];
    const chars = rows.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
    counts.pages++;
    counts.chars += chars;
    counts.longest = Math.max(counts.longest, chars);
    return rows;
  };
  return { counts, log: Object.assign(log, { page }) };
}

async function fill(service: RegistryService, count: number, docChars: number): Promise<void> {
  await service.updateConfig(undefined, { compatibility: "NONE" });
  for (let n = 0; n < count; n++) {
    const doc = "d".repeat(docChars);
    const schema = `{"type":"record","name":"R${n}","doc":"${doc}","fields":[]}`;
    await service.register(`s${n}`, { schema }, {});
  }
}

const streamsIn = async (url: string): Promise<number> => {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/\ntypewire_change_streams (\d+)\n/.exec(text)?.[1]);
};

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** A client that reads nothing. */
async function silent(url: string, target: string) {
  const socket = connect(Number(new URL(url).port), "127.0.0.1").pause();
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.write(requestHead("GET", target));
  return socket;
}

describe("many streams over long records", () => {
  test("read each record once, a few at a time, and keep no schema", async () => {
    const docChars = 300_000;
    const { log, counts } = counted(await sqlite());
    const { service, url } = await serve(log, { changeStreamsPerAddress: 100 });
    const records = 20;
    await fill(service, records, docChars);
    counts.chars = 0;
    const readers = Array.from({ length: 30 }, async () => {
      const stream = await openEvents(`${url}/changes?since=-1&once=true`);
      return (await stream.rest()).length;
    });
    expect(new Set(await Promise.all(readers))).toEqual(new Set([records + 1]));
    expect(counts.longest).toBeLessThanOrEqual(1_000_000 + docChars + 1_000);
    // Some begin after others have gone on; none reads for itself alone.
    expect(counts.chars).toBeLessThanOrEqual(3 * records * (docChars + 1_000));
  });

  test("are sent nothing that they do not take, and the log is not read on for them", async () => {
    const { log, counts } = counted(await sqlite());
    const service = await createRegistryService({ log, clock: () => 1, turn });
    const long = "x".repeat(3_900);
    const items = Array.from({ length: 600 }, (_, n) => ({
      subject: n + long,
      body: { schema: '"int"' },
    }));
    await service.batch(items, {});
    Object.assign(counts, { pages: 0, chars: 0, longest: 0 });
    const app = await unboundServer({ service, log });
    const clients = Array.from(
      { length: 10 },
      () => new MemoryClient(app, "/changes?since=-1", { takes: false }),
    );
    await expect.poll(() => clients.every((client) => client.writableNeedDrain)).toBe(true);
    // All of them have come to a halt in the first page, which they share.
    expect(counts.longest).toBeLessThanOrEqual(1_000_000 + 5_000);
    expect(counts.chars).toBe(counts.longest);
    for (const client of clients) client.emit("timeout");
    await expect.poll(() => metricsOf(app)).toContain("\ntypewire_change_streams 0\n");
    expect(counts.chars).toBe(counts.longest);
    await app.close();
    await log.close();
  });
});

describe("a place", () => {
  test("is for one address one of ten, and free again when its stream goes", async () => {
    const { url } = await serve(createMemoryLog(), { changeStreamsPerAddress: 2 });
    const first = await openEvents(`${url}/changes`);
    const second = await openEvents(`${url}/changes`);
    const third = await fetch(`${url}/changes`);
    expect([third.status, await third.json()]).toEqual([
      429,
      {
        error_code: 429,
        message:
          "This address has 2 streams of changes open, as many as one may have. End one, or raise --change-streams-per-address",
      },
    ]);
    first.close();
    await until(async () => (await fetch(`${url}/changes?once=true`)).status === 200);
    second.close();
    await until(async () => (await streamsIn(url)) === 0);
    // HEAD holds none.
    for (let n = 0; n < 3; n++) {
      expect((await fetch(`${url}/changes`, { method: "HEAD" })).status).toBe(200);
    }
  });

  test("is given back by a stream that nobody reads, after its longest time", async () => {
    const { url } = await serve(createMemoryLog(), { changeStreamMs: 30 });
    const socket = await silent(url, "/changes");
    await until(async () => (await streamsIn(url)) === 0);
    const stream = await openEvents(`${url}/changes`);
    expect(await stream.rest()).toEqual([]);
    socket.destroy();
  });

  test.each([
    ["127.0.0.1", "127.0.0.1"],
    ["::ffff:10.0.0.7", "10.0.0.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:db8:1:2::7", "2001:db8:1:2"],
    ["2001:db8::7", "2001:db8:0:0"],
    ["::1", "0:0:0:0"],
    ["fe80::1:2:3:4%eth0", "fe80:0:0:0"],
    ["", ""],
  ])("of %s counts for %s", (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

describe("a stream that is cut and gone on with", () => {
  test("has everything once and in order, however it is cut and written meanwhile", async () => {
    const log = await sqlite();
    const { service, url } = await serve(log, { changeStreamsPerAddress: 1000 });
    await service.updateConfig(undefined, { compatibility: "NONE" });
    let written = 0;
    const write = async (count: number): Promise<void> => {
      const items = Array.from({ length: count }, () => ({
        subject: `s${written++}${"x".repeat(written % 50 === 0 ? 3_900 : 10)}`,
        body: { schema: '"int"' },
      }));
      if (count > 0) await service.batch(items, {});
    };
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(200), fc.nat(150)), { minLength: 1, maxLength: 4 }),
        async (rounds) => {
          let last = service.stats().logEnd - 1;
          const first = last;
          const seen: number[] = [];
          for (const [writes, reads] of rounds) {
            const stream = await openEvents(`${url}/changes`, { "Last-Event-ID": String(last) });
            const writing = write(writes);
            for (const { id } of await stream.next(Math.min(reads, writes))) seen.push(Number(id));
            await writing;
            stream.close();
            last = seen.at(-1) ?? last;
          }
          const rest = await openEvents(`${url}/changes?since=${last}&once=true`);
          for (const { id } of await rest.rest()) seen.push(Number(id));
          const count = service.stats().logEnd - 1 - first;
          expect(seen).toEqual(Array.from({ length: count }, (_, n) => first + 1 + n));
        },
      ),
      { numRuns: 5 },
    );
  });
});
