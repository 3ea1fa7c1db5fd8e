/** Each line of the doctor, for facts that are made up. */
import { describe, expect, test } from "vitest";
import type { Check, DoctorFacts, RegistryFacts } from "../../src/cli/doctor-checks.ts";
import {
  checkAll,
  checkBrokers,
  checkClock,
  checkConfig,
  checkData,
  checkKafka,
  checkNode,
  checkRegistry,
  checkSqlite,
  checkThreads,
  linesOf,
  statusOfChecks,
} from "../../src/cli/doctor-checks.ts";

const failed = { failure: "it broke", mend: "Mend it" };
const absent = { ...failed, code: "RDKAFKA_NOT_INSTALLED" };
const build = {
  version: "3.6.1",
  librdkafka: "2.12.0",
  features: ["zstd", "gzip", "ssl", "sasl"],
};
const registry: RegistryFacts = {
  url: "http://registry",
  latencyMs: 12.4,
  version: "8.2",
  store: "node:sqlite",
  skewMs: 400,
};

interface Row {
  readonly when: string;
  readonly check: Check;
  readonly status: Check["status"];
  readonly finding: string;
  readonly mend?: string;
}

const rows: Row[] = [
  row(
    "Node is new enough",
    checkNode({ version: "20.19.0", neededMin: "20.19" }),
    "ok",
    "Node 20.19.0",
  ),
  row(
    "Node is a later major",
    checkNode({ version: "26.0.0", neededMin: "20.19" }),
    "ok",
    "Node 26.0.0",
  ),
  row(
    "Node is a minor too old",
    checkNode({ version: "20.9.1", neededMin: "20.19" }),
    "problem",
    "20.9.1 is older than 20.19",
    "nvm install",
  ),
  row(
    "Node is a major too old",
    checkNode({ version: "18.99.0", neededMin: "20.19" }),
    "problem",
    "18.99.0 is older",
    "nvm install",
  ),
  row("there is a SQLite", checkSqlite({ engine: "node:sqlite" }), "ok", "uses node:sqlite"),
  row("there is no SQLite", checkSqlite(failed), "problem", "it broke", "Mend it"),
  row("librdkafka has all", checkKafka(build, true), "ok", "3.6.1 with librdkafka 2.12.0"),
  row(
    "librdkafka lacks zstd",
    checkKafka({ ...build, features: ["gzip", "ssl", "sasl"] }, true),
    "warning",
    "built without zstd ",
    "apt-get install libzstd-dev`, then `npm rebuild",
  ),
  row(
    "librdkafka lacks TLS and zstd",
    checkKafka({ ...build, features: ["gzip", "sasl"] }, true),
    "warning",
    "built without zstd, ssl ",
    "libzstd-dev libssl-dev",
  ),
  row(
    "node-rdkafka is not there, and not needed",
    checkKafka(absent, false),
    "skipped",
    "not installed",
  ),
  row(
    "node-rdkafka is not there, but needed",
    checkKafka(absent, true),
    "problem",
    "it broke",
    "Mend it",
  ),
  row(
    "node-rdkafka is not built",
    checkKafka({ ...failed, code: "RDKAFKA_NOT_BUILT" }, false),
    "problem",
    "it broke",
    "Mend it",
  ),
  row("there is no configuration", checkConfig(undefined), "skipped", "there is none here"),
  row("the configuration is valid", checkConfig({ file: "x.json" }), "ok", "x.json is valid"),
  row("the configuration is not", checkConfig(failed), "problem", "it broke", "Mend it"),
  row("no registry is named", checkRegistry(undefined), "skipped", "none is named", "--registry"),
  row(
    "the registry answers",
    checkRegistry(registry),
    "ok",
    "http://registry answers in 12 ms (version 8.2, store node:sqlite)",
  ),
  row(
    "a registry tells little",
    checkRegistry({ url: "http://registry", latencyMs: 3 }),
    "ok",
    "a version that it does not tell)",
  ),
  row(
    "the registry is slow",
    checkRegistry({ ...registry, latencyMs: 1001 }),
    "warning",
    "1001 ms",
    "curl",
  ),
  row(
    "the registry is not ready",
    checkRegistry({ ...registry, notReady: "SQLITE_FULL" }),
    "problem",
    "not ready: SQLITE_FULL",
    "curl http://registry/health/ready",
  ),
  row("the registry is away", checkRegistry(failed), "problem", "it broke", "Mend it"),
  row("the clocks agree", checkClock(registry), "ok", "agrees"),
  row(
    "our clock is behind",
    checkClock({ ...registry, skewMs: 7000 }),
    "warning",
    "7 s behind",
    "set-ntp",
  ),
  row(
    "our clock is ahead",
    checkClock({ ...registry, skewMs: -61_000 }),
    "problem",
    "61 s ahead of",
    "set-ntp",
  ),
  row(
    "answers have no Date",
    checkClock({ ...registry, skewMs: undefined }),
    "unknown",
    "no Date",
    "date -u",
  ),
  row("there is no clock to compare with", checkClock(failed), "skipped", "no registry"),
  row(
    "no brokers are named",
    checkBrokers(undefined, build),
    "skipped",
    "none are named",
    "--brokers",
  ),
  row("a broker answers", checkBrokers({ addresses: ["a:1"] }, build), "ok", "1 broker: a:1"),
  row(
    "brokers answer",
    checkBrokers({ addresses: ["a:1", "b:2"] }, build),
    "ok",
    "2 brokers: a:1, b:2",
  ),
  row("brokers are away", checkBrokers(failed, build), "problem", "it broke", "Mend it"),
  row(
    "nothing can ask brokers",
    checkBrokers(failed, absent),
    "unknown",
    "without node-rdkafka",
    "node-rdkafka first",
  ),
  row(
    "threads suffice",
    checkThreads({ size: undefined, clients: 3 }),
    "ok",
    "4 in the pool, for 3 consumers",
  ),
  row(
    "threads are too few",
    checkThreads({ size: undefined, clients: 4 }),
    "warning",
    "each one holds a thread",
    "UV_THREADPOOL_SIZE=5",
  ),
  row(
    "threads were added",
    checkThreads({ size: "8", clients: 7 }),
    "ok",
    "8 in the pool, UV_THREADPOOL_SIZE",
  ),
  row(
    "threads were taken away",
    checkThreads({ size: "1", clients: 1 }),
    "warning",
    "for 1 consumer ",
    "UV_THREADPOOL_SIZE=4",
  ),
  row(
    "threads are no number",
    checkThreads({ size: "many", clients: 1 }),
    "problem",
    '"many"',
    "UV_THREADPOOL_SIZE=4",
  ),
  row(
    "the folder has a registry",
    checkData({ folder: "d", holds: "registry" }),
    "ok",
    "its registry opens",
  ),
  row(
    "the folder has none yet",
    checkData({ folder: "d", holds: "nothing" }),
    "ok",
    "can be made in d",
  ),
  row("the folder can't be used", checkData(failed), "problem", "it broke", "Mend it"),
];

function row(
  when: string,
  check: Check,
  status: Check["status"],
  finding: string,
  mend?: string,
): Row {
  return { when, check, status, finding, ...(mend !== undefined && { mend }) };
}

test.each(rows)("$when: $status", ({ check, status, finding, mend }) => {
  expect(check.status).toBe(status);
  expect(check.finding).toContain(finding);
  expect(check.mend ?? "").toContain(mend ?? "");
  expect(check.mend === undefined).toBe(mend === undefined);
});

test("whatever is not well says what to do", () => {
  const bad = rows.filter(({ status }) => ["problem", "warning", "unknown"].includes(status));
  expect(bad.filter(({ check }) => check.mend === undefined)).toEqual([]);
});

describe("the report", () => {
  const facts: DoctorFacts = {
    node: { version: "24.1.0", neededMin: "20.19" },
    sqlite: { engine: "node:sqlite" },
    kafka: absent,
    config: undefined,
    registry,
    brokers: undefined,
    threads: { size: undefined, clients: 1 },
    data: { folder: ".typewire", holds: "nothing" },
  };

  test("has a line a check", () => {
    expect(linesOf(checkAll(facts))).toEqual([
      "ok       node          Node 24.1.0",
      "ok       sqlite        the registry's store uses node:sqlite",
      "skipped  node-rdkafka  not installed; only Kafka clients need it",
      "skipped  typewire.json there is none here; only codegen needs it",
      "ok       registry      http://registry answers in 12 ms (version 8.2, store node:sqlite)",
      "ok       clock         agrees with the registry's",
      "skipped  brokers       none are named. Give --brokers <host:port,…>",
      "ok       threads       4 in the pool, for 1 consumer in one process",
      "ok       data folder   a registry can be made in .typewire",
    ]);
  });

  test.each([
    { what: "all is well", change: {}, status: 0 },
    { what: "a warning", change: { threads: { size: "1", clients: 9 } }, status: 0 },
    { what: "a problem", change: { data: failed }, status: 1 },
    {
      what: "something unknown",
      change: { registry: { ...registry, skewMs: undefined } },
      status: 2,
    },
    { what: "a problem and something unknown", change: { brokers: failed }, status: 1 },
  ])("ends with $status for $what", ({ change, status }) => {
    expect(statusOfChecks(checkAll({ ...facts, ...change }))).toBe(status);
  });
});
