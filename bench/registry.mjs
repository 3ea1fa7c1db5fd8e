/**
 * The registry over HTTP: reads against a bare Fastify route that answers the same body, writes on
 * durable SQLite, checks, growth, start and memory. Contenders take turns. Servers run in processes
 * of their own; besides requests a second, the CPU time that the server's process spent on a request
 * is printed, which is the steadier figure on a busy machine.
 *
 * The last rows are about hostile requests: legal ones of about 1 MB that look for what costs too much.
 * They print the longest time for which the event loop stood still, beside that of reading and writing
 * an ordinary schema of the same length, and the memory at its peak.
 *
 * TYPEWIRE_BENCH_SCHEMAS changes the sizes at which the registry is started again (default
 * `1000,10000,100000`).
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostileCases } from "./hostile-cases.mjs";
import { play, startHostileServer } from "./hostile-play.mjs";
import { load, requestBytes } from "./load.mjs";
import { readUntilStarted, startServer } from "./registry-processes.mjs";

const SIZES = (process.env.TYPEWIRE_BENCH_SCHEMAS ?? "1000,10000,100000").split(",").map(Number);
const ROUNDS = 7;
const READS = 4_000;
/** The compilers settle late. */
const WARM_UP = 30_000;
const PART = 10_000;
/** Bounds each kind of write, so that a slow peer does not take minutes. */
const WRITES_MS = 8_000;
const TITLE_CHARS = 40;

const TEXT = JSON.stringify({
  type: "record",
  name: "Order#",
  namespace: "shop",
  fields: Array.from({ length: 12 }, (_, i) => ({
    name: `field${i}`,
    type: i % 2 ? "string" : "long",
    doc: "a field of the order",
  })),
});
const BODY = JSON.stringify({ schema: TEXT }).split("#");
const bodyOf = (n) => BODY.join(n);
const registration = (n, salt = "") =>
  requestBytes("POST", `/subjects/orders-${n}${salt}/versions`, bodyOf(n));
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const percent = (ratio) => `${(ratio * 100).toFixed(0)} %`;
const titled = (title, text) => `  ${title.padEnd(TITLE_CHARS)} ${text}`;

/** Sends up to `count` requests made by `make(n)`, as far as the time goes, over so many connections. */
async function times(server, connections, count, make, forMs) {
  let n = 0;
  const before = await server.usage?.();
  const seen = await load(server.url, {
    connections,
    next: () => (n < count ? make(n++) : undefined),
    ...(forMs !== undefined && { forMs }),
  });
  const after = await server.usage?.();
  return { ...seen, micros: after && (after.cpuMicros - before.cpuMicros) / seen.count };
}

/** Requests a second and CPU a request of two servers, in turns. */
async function compareReads(title, bare, registry, bareTarget, target) {
  const seen = { bare: [], registry: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, server, path] of [
      ["bare", bare, bareTarget],
      ["registry", registry, target],
    ]) {
      const bytes = requestBytes("GET", path);
      seen[name].push(await times(server, 10, READS, () => bytes));
    }
  }
  const rate = median(seen.registry.map((one, n) => one.perSecond / seen.bare[n].perSecond));
  const cpu = median(seen.registry.map((one, n) => seen.bare[n].micros / one.micros));
  const perSecond = Math.round(median(seen.registry.map((one) => one.perSecond)));
  const micros = median(seen.registry.map((one) => one.micros)).toFixed(0);
  return titled(
    title,
    `${perSecond}/s, server CPU ${micros} µs; of a bare Fastify route: ${percent(rate)} by rate, ${percent(cpu)} by CPU`,
  );
}

function figures(title, { perSecond, latencies, micros }) {
  const at = (share) => latencies[Math.floor(latencies.length * share)].toFixed(1);
  const cpu = micros === undefined ? "" : `, server CPU ${micros.toFixed(0)} µs`;
  return titled(title, `${Math.round(perSecond)}/s, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms${cpu}`);
}

async function reads(report, folder) {
  const registry = await startServer("registry", folder);
  await times(registry, 1, 1, registration);
  const body = await (await fetch(`${registry.url}/schemas/ids/1`)).text();
  const version = await (await fetch(`${registry.url}/subjects/orders-0/versions/latest`)).text();
  const bare = await startServer("bare", body);
  const bareLatest = await startServer("bare", version);
  const latest = "/subjects/orders-0/versions/latest";
  for (const [server, target] of [
    [bare, "/schemas/ids/1"],
    [bareLatest, "/schemas/ids/1"],
    [registry, "/schemas/ids/1"],
    [registry, latest],
  ]) {
    const bytes = requestBytes("GET", target);
    await times(server, 10, WARM_UP, () => bytes);
  }
  report(await compareReads("GET by id", bare, registry, "/schemas/ids/1", "/schemas/ids/1"));
  report(await compareReads("GET latest", bareLatest, registry, "/schemas/ids/1", latest));
  for (const server of [bare, bareLatest, registry]) await server.stop();
}

/** What any registry can be asked: registrations, the same again, checks. */
async function writes(report, name, server, salt) {
  const measure = async (title, connections, count, make) => {
    const seen = await times(server, connections, count, make, WRITES_MS);
    report(figures(`${name}: ${title}`, seen));
    return seen.count;
  };
  const at50 = (n) => registration(n, `b${salt}`);
  await times(server, 50, PART, (n) => registration(n, `w${salt}`), WRITES_MS);
  await measure("register, 1 connection", 1, 500, (n) => registration(n, `a${salt}`));
  const made = await measure("register, 50 connections", 50, PART, at50);
  await measure("register again, 50 connections", 50, 4 * PART, (n) => at50(n % made));
  const check = (n, body) =>
    requestBytes("POST", `/compatibility/subjects/orders-${n}b${salt}/versions/latest`, body);
  const same = check(0, bodyOf(0));
  await measure("compatibility, 20 connections", 20, 2 * PART, () => same);
  await measure("compatibility, each its own schema", 20, made, (n) =>
    check(n, bodyOf(n).replace("a field", "one field")),
  );
}

/** The reads of a registry that is only known by its URL. */
async function peerReads(report, peer, salt) {
  const latest = `/subjects/orders-0a${salt}/versions/latest`;
  const { id } = await (await fetch(`${peer.url}${latest}`)).json();
  for (const [title, target] of [
    ["GET by id", `/schemas/ids/${id}`],
    ["GET latest", latest],
  ]) {
    const bytes = requestBytes("GET", target);
    await times(peer, 10, WARM_UP, () => bytes);
    report(figures(`peer: ${title}`, await times(peer, 10, READS, () => bytes)));
  }
}

/** Grows the registry from one size to the next, in parts, and answers what each part took. */
async function grow(server, from, to) {
  const parts = [];
  for (let done = from; done < to; done += PART) {
    const count = Math.min(PART, to - done);
    const part = await times(server, 50, count, (n) => registration(done + n));
    parts.push({ ...part, end: done + count });
  }
  return parts;
}

async function sizes(report, folder) {
  let server = await startServer("registry", folder);
  const parts = [];
  let size = 0;
  for (const next of SIZES) {
    parts.push(...(await grow(server, size, next)));
    size = next;
    const grown = await server.usage();
    await server.stop();
    const start = await readUntilStarted(folder, size);
    server = start.server;
    const first = await times(server, 1, 1, () => registration(0, `-first-${size}`));
    const { rssBytes } = await server.usage();
    report(
      titled(
        `${size} schemas`,
        `start to first answer ${Math.round(start.startMs)} ms, ${start.denied} of ${start.asked} reads denied, first write ${first.latencies[0].toFixed(0)} ms, memory ${mebi(grown.rssBytes)} after the writes, ${mebi(rssBytes)} after the start`,
      ),
    );
  }
  await server.stop();
  const started = parts.filter((part) => part.end <= PART);
  report(figures(`growing, the first ${started.at(-1)?.end ?? 0}`, together(started)));
  report(figures(`growing, the last ${parts.at(-1).count} of ${size}`, parts.at(-1)));
}

/** Parts that ran one after the other, as one. */
function together(parts) {
  const sum = (read) => parts.reduce((total, part) => total + read(part), 0);
  const count = sum((part) => part.count);
  return {
    perSecond: count / sum((part) => part.seconds),
    latencies: parts.flatMap((part) => part.latencies).sort((left, right) => left - right),
    micros: sum((part) => part.micros * part.count) / count,
  };
}

const mebi = (bytes) => `${Math.round(bytes / 2 ** 20)} MiB`;

const HOSTILE_BYTES = 900_000;
const HOSTILE_SEEDS = [1, 2, 3];

/** An ordinary schema of that length: what registering it costs is the unit of the others. */
function ordinary(name) {
  const fields = Array.from({ length: HOSTILE_BYTES / 100 }, (_, n) => ({
    name: `field${n}`,
    type: ["null", "string"],
    default: null,
    doc: "a field of the order, as they are",
  }));
  const schema = JSON.stringify({ type: "record", name: "Ordinary", fields });
  return { name, requests: [["POST", `/subjects/${name}/versions`, { schema }]] };
}

/** What the worst of many hostile requests cost. */
async function hostile(report) {
  const registry = await startHostileServer();
  try {
    await play(registry, ordinary("cold"));
    const base = await play(registry, ordinary("warm"));
    const seen = [];
    for (const seed of HOSTILE_SEEDS) {
      for (const one of hostileCases(seed, HOSTILE_BYTES))
        seen.push(await playIfLegal(registry, one));
    }
    const played = seen.filter((one) => one !== undefined);
    const worst = played.reduce((most, one) => (one.cpuMs > most.cpuMs ? one : most));
    const stalled = played.reduce((most, one) => (one.stallMs > most.stallMs ? one : most));
    const longest = played.reduce((most, one) => (one.got > most.got ? one : most));
    const of = ({ name, what, status }) => `${name}, ${what.slice(0, 60)}, ${status}`;
    const times = (cost, unit) => `${(cost / unit).toFixed(1)}×`;
    report(
      titled(
        "hostile: longest stall",
        `${stalled.stallMs.toFixed(0)} ms, ${times(stalled.stallMs, base.stallMs)} an ordinary registration (${of(stalled)})`,
      ),
    );
    report(
      titled(
        "hostile: most CPU time",
        `${worst.cpuMs.toFixed(0)} ms, ${times(worst.cpuMs, base.cpuMs)} an ordinary registration (${of(worst)})`,
      ),
    );
    report(
      titled("hostile: longest answer", `${longest.got >> 10} KiB to ${longest.sent >> 10} KiB`),
    );
    const peak = Math.max(...played.map(({ peakBytes }) => peakBytes));
    report(titled("hostile: memory at its peak", `${peak >> 20} MiB, ${played.length} requests`));
  } finally {
    await registry.stop();
  }
}

/** A case whose preparation is refused for its length has nothing to measure. */
async function playIfLegal(registry, one) {
  try {
    return await play(registry, one);
  } catch (error) {
    if (error.message.includes("can't be prepared")) return undefined;
    throw error;
  }
}

export async function run(report, { against } = {}) {
  report("registry (SQLite, synchronous=FULL; load generator on the same machine)");
  const folder = await mkdtemp(join(tmpdir(), "typewire-bench-"));
  try {
    await reads(report, join(folder, "reads"));
    const registry = await startServer("registry", join(folder, "writes"));
    await writes(report, "typewire", registry, "");
    await registry.stop();
    if (against !== undefined) {
      const peer = { url: against };
      const salt = `-${process.pid}`;
      await writes(report, "peer", peer, salt);
      await peerReads(report, peer, salt);
    }
    await sizes(report, join(folder, "sizes"));
    await hostile(report);
  } finally {
    await rm(folder, { recursive: true });
  }
}
