/**
 * The registry over HTTP: reads against a bare Fastify route that answers the same body, then writes
 * on durable SQLite, checks, start and memory. Contenders take turns; besides requests a second, CPU
 * per request of the server's process is compared, which is the steadier figure on a busy machine.
 *
 * TYPEWIRE_BENCH_SCHEMAS changes the sizes (default `1000,10000`; `1000,10000,100000` takes minutes).
 * TYPEWIRE_BENCH_AGAINST is the URL of another registry to play the writes on as well.
 */
import { fork } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { load, requestBytes } from "./load.mjs";

const SIZES = (process.env.TYPEWIRE_BENCH_SCHEMAS ?? "1000,10000").split(",").map(Number);
const ROUNDS = 7;
const READS = 4_000;
/** The compilers settle late. */
const WARM_UP = 30_000;
const servers = fileURLToPath(new URL("registry-servers.mjs", import.meta.url));

const schemaText = (n) =>
  JSON.stringify({
    type: "record",
    name: `Order${n}`,
    namespace: "shop",
    fields: Array.from({ length: 12 }, (_, i) => ({
      name: `field${i}`,
      type: i % 2 ? "string" : "long",
      doc: "a field of the order",
    })),
  });
const registration = (n, salt = "") =>
  requestBytes(
    "POST",
    `/subjects/orders-${n}${salt}/versions`,
    JSON.stringify({ schema: schemaText(n) }),
  );
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

async function startServer(kind, argument) {
  const child = fork(servers, [kind, argument]);
  const { url, startMs } = await message(child);
  return {
    url,
    startMs,
    usage: () => {
      const answer = message(child);
      child.send("usage");
      return answer;
    },
    stop: async () => {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await gone;
    },
  };
}

function message(child) {
  return new Promise((resolve, reject) => {
    const fail = (code) => reject(new Error(`the server ended with ${code}`));
    child.once("exit", fail);
    child.once("message", (answer) => {
      child.off("exit", fail);
      resolve(answer);
    });
  });
}

/** Sends `count` requests made by `make(n)` over so many connections. */
async function times(url, connections, count, make) {
  let n = 0;
  return load(url, { connections, next: () => (n < count ? make(n++) : undefined) });
}

/** Requests a second and CPU a request of two servers, in turns. */
async function compareReads(report, title, bare, registry, bareTarget, target) {
  const seen = { bare: [], registry: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, server, path] of [
      ["bare", bare, bareTarget],
      ["registry", registry, target],
    ]) {
      const bytes = requestBytes("GET", path);
      const before = await server.usage();
      const { perSecond } = await times(server.url, 10, READS, () => bytes);
      const after = await server.usage();
      seen[name].push({ perSecond, micros: (after.cpuMicros - before.cpuMicros) / READS });
    }
  }
  const rate = median(seen.registry.map((one, n) => one.perSecond / seen.bare[n].perSecond));
  const cpu = median(seen.registry.map((one, n) => seen.bare[n].micros / one.micros));
  const perSecond = Math.round(median(seen.registry.map((one) => one.perSecond)));
  report(
    `  ${title.padEnd(36)} ${perSecond} requests/s; of a bare Fastify route: ${percent(rate)} by rate, ${percent(cpu)} by CPU`,
  );
}

const percent = (ratio) => `${(ratio * 100).toFixed(0)} %`;

function line(report, title, { perSecond, latencies }) {
  const at = (share) => latencies[Math.floor(latencies.length * share)].toFixed(1);
  report(`  ${title.padEnd(36)} ${Math.round(perSecond)}/s, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`);
}

async function reads(report, folder) {
  const registry = await startServer("registry", folder);
  await times(registry.url, 1, 1, registration);
  const body = await (await fetch(`${registry.url}/schemas/ids/1`)).text();
  const version = await (await fetch(`${registry.url}/subjects/orders-0/versions/latest`)).text();
  const bare = await startServer("bare", body);
  const bareLatest = await startServer("bare", version);
  for (const server of [bare, registry, bareLatest]) {
    const bytes = requestBytes("GET", "/schemas/ids/1");
    await times(server.url, 10, WARM_UP, () => bytes);
  }
  await compareReads(report, "GET by id", bare, registry, "/schemas/ids/1", "/schemas/ids/1");
  const latest = "/subjects/orders-0/versions/latest";
  await compareReads(report, "GET latest", bareLatest, registry, "/schemas/ids/1", latest);
  for (const server of [bare, bareLatest, registry]) await server.stop();
}

async function writes(report, name, url, salt) {
  line(
    report,
    `${name}: register, 1 connection`,
    await times(url, 1, 300, (n) => registration(n, `a${salt}`)),
  );
  line(
    report,
    `${name}: register, 50 connections`,
    await times(url, 50, 5_000, (n) => registration(n + 1_000, `b${salt}`)),
  );
  line(
    report,
    `${name}: register again, 50`,
    await times(url, 50, 10_000, (n) => registration((n % 5_000) + 1_000, `b${salt}`)),
  );
  const body = JSON.stringify({ schema: schemaText(1_000) });
  const check = requestBytes(
    "POST",
    `/compatibility/subjects/orders-1000b${salt}/versions/latest`,
    body,
  );
  line(report, `${name}: compatibility, 20`, await times(url, 20, 5_000, () => check));
}

async function sizes(report, folder) {
  let registry = await startServer("registry", folder);
  let registered = 0;
  for (const size of SIZES) {
    const from = registered;
    const grown = await times(registry.url, 50, size - from, (n) => registration(from + n));
    registered = size;
    await registry.stop();
    registry = await startServer("registry", folder);
    const answer = await fetch(`${registry.url}/schemas/ids/${size}`);
    const { rssBytes } = await registry.usage();
    report(
      `  ${`${size} schemas`.padEnd(36)} last ones ${Math.round(grown.perSecond)}/s; start ${Math.round(registry.startMs)} ms, last id ${answer.ok ? "there" : "MISSING"}, memory ${Math.round(rssBytes / 2 ** 20)} MiB`,
    );
  }
  await registry.stop();
}

export async function run(report) {
  report("registry (SQLite, synchronous=FULL; load generator on the same machine)");
  const folder = await mkdtemp(join(tmpdir(), "typewire-bench-"));
  try {
    await reads(report, join(folder, "reads"));
    const registry = await startServer("registry", join(folder, "writes"));
    await writes(report, "typewire", registry.url, "");
    await registry.stop();
    const other = process.env.TYPEWIRE_BENCH_AGAINST;
    if (other !== undefined) await writes(report, "against", other, `-${process.pid}`);
    await sizes(report, join(folder, "sizes"));
  } finally {
    await rm(folder, { recursive: true });
  }
}
