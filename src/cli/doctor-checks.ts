/**
 * What the doctor says about the facts that it found. Pure.
 *
 * Invariants:
 * - One line a check. What is not `ok` says what to do, as far as possible as a command.
 * - What nobody asked for and nothing depends on is `skipped`; what could not be found out is `unknown`.
 */

/** How a check ended. */
export type CheckStatus = "ok" | "warning" | "problem" | "unknown" | "skipped";

/** One line of the report. */
export interface Check {
  readonly name: string;
  readonly status: CheckStatus;
  /** What was found, as a sentence without its full stop. */
  readonly finding: string;
  /** What mends it, or what makes the check possible. */
  readonly mend?: string;
}

/** Why something failed: what happened, and the next step. */
export interface Failure {
  readonly failure: string;
  readonly mend: string;
  /** The code of the error, if it is one of ours. */
  readonly code?: string;
}

/** What was found out, or why it was not. */
export type Found<T> = T | Failure;

export interface KafkaBuild {
  readonly version: string;
  readonly librdkafka: string;
  readonly features: readonly string[];
}

export interface RegistryFacts {
  readonly url: string;
  readonly latencyMs: number;
  /** What it says of itself; `undefined` when it does not. */
  readonly version?: string | undefined;
  readonly store?: string | undefined;
  /** Why it is not ready, in its own words. */
  readonly notReady?: string | undefined;
  /** Its clock minus ours; `undefined` when it sends no `Date`. */
  readonly skewMs?: number | undefined;
}

/** Everything that the checks are about; `undefined`: nobody asked for it. */
export interface DoctorFacts {
  readonly node: { readonly version: string; readonly neededMin: string };
  readonly sqlite: Found<{ readonly engine: string }>;
  readonly kafka: Found<KafkaBuild>;
  readonly config: Found<{ readonly file: string }> | undefined;
  readonly registry: Found<RegistryFacts> | undefined;
  readonly brokers: Found<{ readonly addresses: readonly string[] }> | undefined;
  readonly threads: { readonly size: string | undefined; readonly clients: number };
  readonly data: Found<{ readonly folder: string; readonly holds: "nothing" | "registry" }>;
}

/** All checks, in the order in which one depends on the other. */
export function checkAll(facts: DoctorFacts): Check[] {
  return [
    checkNode(facts.node),
    checkSqlite(facts.sqlite),
    checkKafka(facts.kafka, facts.brokers !== undefined),
    checkConfig(facts.config),
    checkRegistry(facts.registry),
    checkClock(facts.registry),
    checkBrokers(facts.brokers, facts.kafka),
    checkThreads(facts.threads),
    checkData(facts.data),
  ];
}

/** Exit status: 1 when there is a problem, else 2 when something could not be found out, else 0. */
export function statusOfChecks(checks: readonly Check[]): 0 | 1 | 2 {
  if (checks.some(({ status }) => status === "problem")) return 1;
  return checks.some(({ status }) => status === "unknown") ? 2 : 0;
}

/** The report, with its columns aligned. */
export function linesOf(checks: readonly Check[]): string[] {
  return checks.map(({ status, name, finding, mend }) => {
    const next = mend === undefined ? "" : `. ${mend}`;
    return `${status.padEnd(8)} ${name.padEnd(13)} ${finding}${next}`;
  });
}

function isFailure<T extends object>(found: Found<T>): found is Failure {
  return "failure" in found;
}

function problem(name: string, { failure, mend }: Failure): Check {
  return { name, status: "problem", finding: failure, mend };
}

export function checkNode({ version, neededMin }: DoctorFacts["node"]): Check {
  const name = "node";
  if (isAtLeast(version, neededMin)) return { name, status: "ok", finding: `Node ${version}` };
  const finding = `Node ${version} is older than ${neededMin}`;
  return { name, status: "problem", finding, mend: "Run `nvm install 22`, for example" };
}

function isAtLeast(version: string, min: string): boolean {
  const parts = version.split(".").map(Number);
  for (const [i, least] of min.split(".").map(Number).entries()) {
    const part = parts[i] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
}

export function checkSqlite(sqlite: DoctorFacts["sqlite"]): Check {
  const name = "sqlite";
  if (isFailure(sqlite)) return problem(name, sqlite);
  return { name, status: "ok", finding: `the registry's store uses ${sqlite.engine}` };
}

/** What a build can lack, with Debian's packages that it is built with. */
const PARTS: readonly (readonly [feature: string, packages: string])[] = [
  ["zstd", "libzstd-dev"],
  ["gzip", "zlib1g-dev"],
  ["ssl", "libssl-dev"],
  ["sasl", "libsasl2-dev"],
];

export function checkKafka(kafka: DoctorFacts["kafka"], isNeeded: boolean): Check {
  const name = "node-rdkafka";
  if (isFailure(kafka)) {
    if (kafka.code !== "RDKAFKA_NOT_INSTALLED" || isNeeded) return problem(name, kafka);
    return { name, status: "skipped", finding: "not installed; only Kafka clients need it" };
  }
  const { version, librdkafka, features } = kafka;
  const built = `${version} with librdkafka ${librdkafka}`;
  const absent = PARTS.filter(([feature]) => !features.includes(feature));
  if (absent.length === 0) {
    return { name, status: "ok", finding: `${built} (${features.join(", ")})` };
  }
  const names = absent.map(([feature]) => feature).join(", ");
  const packages = absent.map(([, names]) => names).join(" ");
  return {
    name,
    status: "warning",
    finding: `${built}, built without ${names} (with ${features.join(", ")})`,
    mend: `If you need it: \`apt-get install ${packages}\`, then \`npm rebuild node-rdkafka\``,
  };
}

export function checkConfig(config: DoctorFacts["config"]): Check {
  const name = "typewire.json";
  if (config === undefined) {
    return { name, status: "skipped", finding: "there is none here; only codegen needs it" };
  }
  if (isFailure(config)) return problem(name, config);
  return { name, status: "ok", finding: `${config.file} is valid` };
}

/** An answer that takes longer slows down every start of a client. */
const SLOW_MS = 1000;

export function checkRegistry(registry: DoctorFacts["registry"]): Check {
  const name = "registry";
  if (registry === undefined) {
    return { name, status: "skipped", finding: "none is named", mend: "Give --registry <url>" };
  }
  if (isFailure(registry)) return problem(name, registry);
  const { url, latencyMs, version, store, notReady } = registry;
  const kind = version === undefined ? "a version that it does not tell" : `version ${version}`;
  const kept = store === undefined ? "" : `, store ${store}`;
  const finding = `${url} answers in ${Math.round(latencyMs)} ms (${kind}${kept})`;
  if (notReady !== undefined) {
    const mend = `Look at its log, and at \`curl ${url}/health/ready\``;
    return { name, status: "problem", finding: `${url} is not ready: ${notReady}`, mend };
  }
  if (latencyMs <= SLOW_MS) return { name, status: "ok", finding };
  const mend = "Look for a slow network or proxy: `curl -w '%{time_total}' -o /dev/null -s URL`";
  return { name, status: "warning", finding, mend };
}

/** `Date` counts whole seconds, and the answer takes its time. */
const SKEW_NOTICED_MS = 5000;
/** From here on tokens and certificates fail, and records expire at the wrong time. */
const SKEW_MAX_MS = 60_000;

export function checkClock(registry: DoctorFacts["registry"]): Check {
  const name = "clock";
  if (registry === undefined || isFailure(registry)) {
    return { name, status: "skipped", finding: "there is no registry to compare it with" };
  }
  const { skewMs } = registry;
  if (skewMs === undefined) {
    const finding = "the registry's answers have no Date";
    return { name, status: "unknown", finding, mend: "Compare both machines with `date -u`" };
  }
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  if (Math.abs(skewMs) < SKEW_NOTICED_MS) {
    return { name, status: "ok", finding: "agrees with the registry's" };
  }
  const side = skewMs > 0 ? "behind" : "ahead of";
  const status = Math.abs(skewMs) < SKEW_MAX_MS ? "warning" : "problem";
  const mend = "Run `timedatectl set-ntp true` on the machine that is wrong";
  return { name, status, finding: `${seconds} s ${side} the registry's`, mend };
}

export function checkBrokers(brokers: DoctorFacts["brokers"], kafka: DoctorFacts["kafka"]): Check {
  const name = "brokers";
  if (brokers === undefined) {
    const mend = "Give --brokers <host:port,…>";
    return { name, status: "skipped", finding: "none are named", mend };
  }
  if (isFailure(kafka)) {
    const finding = "nothing can be asked without node-rdkafka";
    return { name, status: "unknown", finding, mend: "Mend node-rdkafka first, see above" };
  }
  if (isFailure(brokers)) return problem(name, brokers);
  const { addresses } = brokers;
  const count = addresses.length === 1 ? "1 broker" : `${addresses.length} brokers`;
  return { name, status: "ok", finding: `${count}: ${addresses.join(", ")}` };
}

/** libuv's own. */
const THREADS_DEFAULT = 4;
/** Left for files, names of hosts, and encryption. */
const THREADS_FREE_MIN = 1;

export function checkThreads({ size, clients }: DoctorFacts["threads"]): Check {
  const name = "threads";
  const threads = size === undefined ? THREADS_DEFAULT : Number(size);
  const variable = size === undefined ? "" : ", UV_THREADPOOL_SIZE";
  const needed = clients + THREADS_FREE_MIN;
  const mend = `Set UV_THREADPOOL_SIZE=${Math.max(needed, THREADS_DEFAULT)} before Node starts`;
  if (!Number.isInteger(threads) || threads < 1) {
    const finding = `UV_THREADPOOL_SIZE is "${size}", which is no number of threads`;
    return { name, status: "problem", finding, mend };
  }
  const users = clients === 1 ? "1 consumer" : `${clients} consumers`;
  const finding = `${threads} in the pool${variable}, for ${users} in one process`;
  if (threads >= needed) return { name, status: "ok", finding };
  const why = "each one holds a thread while it waits";
  return { name, status: "warning", finding: `${finding}: ${why}`, mend };
}

export function checkData(data: DoctorFacts["data"]): Check {
  const name = "data folder";
  if (isFailure(data)) return problem(name, data);
  const finding =
    data.holds === "registry"
      ? `${data.folder} can be written, and its registry opens`
      : `a registry can be made in ${data.folder}`;
  return { name, status: "ok", finding };
}
