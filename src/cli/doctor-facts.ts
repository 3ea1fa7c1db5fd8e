/**
 * Finding the facts that the doctor judges.
 *
 * Invariant: nothing is changed, in no file, registry or cluster; and whatever fails is a fact, too.
 */
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { isTypewireError, reasonOf, redactUrl, redactUrls } from "../base/index.ts";
import { registryAt } from "./credentials.ts";
import type { DoctorFacts, Failure, Found, RegistryFacts } from "./doctor-checks.ts";

/** What to look at. */
export interface DoctorRequest {
  readonly registry: string | undefined;
  readonly brokers: readonly string[] | undefined;
  readonly clients: number;
  readonly data: string;
  readonly config: string;
  readonly nodeMin: string;
  /** How long the registry and the brokers may take, in milliseconds. */
  readonly timeoutMs: number;
}

/** Finds everything out, one thing after the other. */
export async function findFacts(request: DoctorRequest): Promise<DoctorFacts> {
  const { config, named } = await findConfig(request.config);
  const url = request.registry ?? named.registry;
  const addresses = request.brokers ?? named.brokers;
  const { kafka, listBrokers } = await findKafka();
  return {
    node: { version: process.versions.node, neededMin: request.nodeMin },
    sqlite: await found(async () => {
      const { sqliteEngine } = await import("../store/index.ts");
      return { engine: sqliteEngine() };
    }),
    kafka,
    config,
    registry: url === undefined ? undefined : await findRegistry(url, request.timeoutMs),
    brokers: addresses === undefined ? undefined : await listBrokers(addresses, request.timeoutMs),
    threads: { size: process.env["UV_THREADPOOL_SIZE"], clients: request.clients },
    data: await findData(request.data),
  };
}

async function found<T extends object>(find: () => Promise<Found<T>>): Promise<Found<T>> {
  try {
    return await find();
  } catch (error) {
    return failureOf(error);
  }
}

function failureOf(error: unknown): Failure {
  if (isTypewireError(error)) {
    return { failure: error.message, mend: error.hint.replace(/\.$/, ""), code: error.code };
  }
  const failure = redactUrls(reasonOf(error));
  return { failure, mend: "Check what the message names" };
}

/** What the configuration is worth, and what it names. */
async function findConfig(file: string) {
  const named: { registry?: string | undefined; brokers?: readonly string[] | undefined } = {};
  if (!(await isThere(file))) return { config: undefined, named };
  const config = await found(async () => {
    const { loadConfig } = await import("../../codegen/index.ts");
    const { registry, kafka } = await loadConfig(file);
    named.registry = registry?.url;
    named.brokers = kafka?.brokers;
    return { file };
  });
  return { config, named };
}

async function findKafka() {
  const { createAdminBinding, kafkaBuild } = await import("../rdkafka/index.ts");
  const kafka = await found(kafkaBuild);
  const listBrokers = (brokers: readonly string[], connectTimeoutMs: number) =>
    found(async () => {
      const options = { brokers, clientId: "typewire-doctor", connectTimeoutMs };
      const admin = await createAdminBinding(options);
      try {
        return { addresses: await admin.brokers() };
      } finally {
        await admin.close();
      }
    });
  return { kafka, listBrokers };
}

/** Asks a registry of any product: the two questions beyond Confluent's API may go unanswered. */
async function findRegistry(given: string, timeoutMs: number): Promise<Found<RegistryFacts>> {
  const url = redactUrl(given).replace(/\/+$/, "");
  const unreachable = "Check the URL, and that the registry runs: `typewire serve` starts one here";
  return found(async () => {
    const { base, headers } = addressOf(given);
    const ask = async (
      path: string,
    ): Promise<{ status: number; date: string | null; value: unknown }> => {
      const answer = await fetch(`${base}${path}`, {
        headers,
        signal: AbortSignal.timeout(timeoutMs),
      });
      const text = await answer.text();
      return { status: answer.status, date: answer.headers.get("date"), value: parsed(text) };
    };
    const startedAt = Date.now();
    const subjects = await ask("/subjects").catch((error: unknown) => error as Error);
    if (subjects instanceof Error) {
      const { cause } = subjects;
      const reason = cause instanceof Error ? cause.message || String(cause) : subjects.message;
      return { failure: `${url} does not answer: ${redactUrls(reason)}`, mend: unreachable };
    }
    const latencyMs = Date.now() - startedAt;
    if (subjects.status === 401 || subjects.status === 403) {
      const mend = "Set TYPEWIRE_REGISTRY_USER and _PASSWORD, or TYPEWIRE_REGISTRY_TOKEN";
      return { failure: `${url} refuses these credentials (${subjects.status})`, mend };
    }
    if (subjects.status !== 200 || !Array.isArray(subjects.value)) {
      const mend = "Check that the URL is a schema registry's, with its base path";
      return { failure: `${url} is no schema registry (it answered ${subjects.status})`, mend };
    }
    const version = await ask("/v1/metadata/version").catch(() => undefined);
    const ready = await ask("/health/ready").catch(() => undefined);
    const isOurs = ready?.status === 200 || ready?.status === 503;
    return {
      url,
      latencyMs,
      version: textIn(version?.value, "version"),
      store: isOurs ? textIn(ready.value, "store") : undefined,
      notReady: ready?.status === 503 ? textIn(ready.value, "reason") : undefined,
      skewMs: skewOf(subjects.date, startedAt + latencyMs / 2),
    };
  });
}

/** `Date` is cut to whole seconds, so on average it is half a second late. */
function skewOf(date: string | null, atMs: number): number | undefined {
  const theirs = date === null ? Number.NaN : Date.parse(date);
  return Number.isNaN(theirs) ? undefined : theirs + 500 - atMs;
}

/** The URL without its user, which `fetch` refuses, and who asks. */
function addressOf(given: string): { base: string; headers: Record<string, string> } {
  const { auth } = registryAt(given, "TYPEWIRE_REGISTRY");
  const parts = new URL(given);
  const user = {
    username: decodeURIComponent(parts.username),
    password: decodeURIComponent(parts.password),
  };
  parts.username = "";
  parts.password = "";
  const base = parts.href.replace(/\/+$/, "");
  if (auth !== undefined && "token" in auth && typeof auth.token === "string") {
    return { base, headers: { authorization: `Bearer ${auth.token}` } };
  }
  const { username, password } = auth !== undefined && "username" in auth ? auth : user;
  if (username === "") return { base, headers: {} };
  const basic = Buffer.from(`${username}:${password}`).toString("base64");
  return { base, headers: { authorization: `Basic ${basic}` } };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function textIn(value: unknown, member: string): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const text = (value as Readonly<Record<string, unknown>>)[member];
  return typeof text === "string" ? text : undefined;
}

/** A folder that is there has to be writable; one that is not, the folder in which it would be made. */
async function findData(folder: string): Promise<DoctorFacts["data"]> {
  return found<{ folder: string; holds: "nothing" | "registry" }>(async () => {
    const { openSqliteLog } = await import("../store/index.ts");
    let existing = resolve(folder);
    while (!(await isThere(existing)) && dirname(existing) !== existing)
      existing = dirname(existing);
    const isFolder = (await stat(existing)).isDirectory();
    const writable = isFolder && (await allows(existing, constants.W_OK | constants.X_OK));
    if (!writable) {
      const failure = `${existing} ${isFolder ? "can't be written by this user" : "is no folder"}`;
      return { failure, mend: "Name another folder with --data, or change its owner" };
    }
    if (existing !== resolve(folder)) return { folder, holds: "nothing" };
    try {
      // Opening compares what the file, its write-ahead log and its head say; it reads no records.
      await openSqliteLog({ folder, access: "read" }).close();
      return { folder, holds: "registry" };
    } catch (error) {
      if (isTypewireError(error, "STORE_ABSENT")) return { folder, holds: "nothing" };
      throw error;
    }
  });
}

function isThere(path: string): Promise<boolean> {
  return allows(path, constants.F_OK);
}

async function allows(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}
