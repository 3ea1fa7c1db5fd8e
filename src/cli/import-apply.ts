/**
 * Carries out the plan of an import, through the REST API of the target.
 *
 * Invariants:
 * - Whatever happens, each scope that took IMPORT mode gets back the mode that it had.
 * - What the target (or a proxy in front of it) refuses is a problem of that one schema; the rest goes
 *   on. What it does not answer ends the import.
 */
import type { Mode } from "../api/index.ts";
import { isTypewireError, reasonOf } from "../base/index.ts";
import type { RegistryClient } from "../client/index.ts";
import { refusalOf } from "../client/index.ts";
import { GLOBAL_KEY } from "../confluent/index.ts";
import { cliErrors } from "./errors.ts";
import type { HeldVersion } from "./import-names.ts";
import { nameOf, scopePath, versionsPath } from "./import-names.ts";
import type { ImportPlan } from "./import-plan.ts";
import { inParallel } from "./in-parallel.ts";

/** How an import goes on. */
export interface ImportProgress {
  /** Stops the import between two schemas. */
  readonly signal: AbortSignal;
  /** Called now and then with a sentence. */
  readonly report: (line: string) => void;
}

/** What an import did. */
export interface ImportOutcome {
  readonly registered: number;
  readonly deleted: number;
  readonly configs: number;
  readonly modes: number;
  /** What the target refused, one sentence each. */
  readonly problems: readonly string[];
}

/**
 * Imports.
 *
 * @throws CLI_IMPORT_STOPPED, CLI_IMPORT_MODE_LEFT, and what the client throws
 */
export async function applyImport(
  target: RegistryClient,
  plan: ImportPlan,
  progress: ImportProgress,
): Promise<ImportOutcome> {
  const work = new ImportWork(target, progress);
  let content = { registered: 0, deleted: 0, configs: 0 };
  try {
    for (const scope of plan.entered.keys()) await work.setMode(scope, "IMPORT");
    content = await work.content(plan);
  } finally {
    await restoreModes(target, plan.entered);
  }
  let modes = 0;
  for (const [scope, mode] of plan.modes) {
    if (await work.attempt(scope, () => work.setMode(scope, mode))) modes++;
  }
  return { ...content, modes, problems: work.problems };
}

class ImportWork {
  readonly problems: string[] = [];
  readonly #target: RegistryClient;
  readonly #progress: ImportProgress;

  constructor(target: RegistryClient, progress: ImportProgress) {
    this.#target = target;
    this.#progress = progress;
  }

  async content({ registrations, deletions, configs: wanted }: ImportPlan) {
    const registered = await this.#waves("registered", registrations, (version) =>
      this.#register(version),
    );
    const deleted = await this.#waves("soft-deleted", deletions, async ({ subject, version }) => {
      await this.#target.deleteVersion(subject, version, "soft");
    });
    let configs = 0;
    for (const [scope, { compatibilityLevel, ...members }] of wanted) {
      const body = { ...members, compatibility: compatibilityLevel };
      const path = scopePath("config", scope);
      if (await this.attempt(scope, () => this.#target.request("PUT", path, { body }))) configs++;
    }
    return { registered, deleted, configs };
  }

  async setMode(scope: string, mode: Mode): Promise<void> {
    const request = { body: { mode }, query: { force: mode === "IMPORT" || undefined } };
    await this.#target.request("PUT", scopePath("mode", scope), request);
  }

  /** Whether it was done; a refusal becomes a problem. */
  async attempt(name: string, work: () => Promise<unknown>): Promise<boolean> {
    if (this.#progress.signal.aborted) throw cliErrors.create("CLI_IMPORT_STOPPED");
    try {
      await work();
      return true;
    } catch (error) {
      const reason = refusalOf(error)?.message ?? refusedByProxy(error);
      if (reason === undefined) throw error;
      this.problems.push(`${name}: ${reason}`);
      return false;
    }
  }

  async #waves(
    done: string,
    waves: readonly (readonly HeldVersion[])[],
    work: (version: HeldVersion) => Promise<void>,
  ): Promise<number> {
    const total = waves.reduce((sum, wave) => sum + wave.length, 0);
    let count = 0;
    for (const wave of waves) {
      await inParallel(bySubject(wave), async (versions) => {
        for (const version of versions) {
          if (!(await this.attempt(nameOf(version), () => work(version)))) continue;
          count++;
          if (count % 1000 === 0) this.#progress.report(`${count} of ${total} versions ${done}`);
        }
      });
    }
    return count;
  }

  async #register(held: HeldVersion): Promise<void> {
    const { subject, version, id, schemaType, schema, references, metadata, ruleSet } = held;
    const body = {
      schema,
      id,
      version,
      ...(schemaType !== "AVRO" && { schemaType }),
      ...(references.length > 0 && { references }),
      ...(metadata && { metadata }),
      ...(ruleSet && { ruleSet }),
    };
    await this.#target.request("POST", versionsPath(subject), { body });
  }
}

/** One subject's versions are registered one after the other, lowest first. */
function bySubject(versions: readonly HeldVersion[]): Iterable<readonly HeldVersion[]> {
  const subjects = new Map<string, HeldVersion[]>();
  for (const version of versions) {
    const list = subjects.get(version.subject);
    if (list === undefined) subjects.set(version.subject, [version]);
    else list.push(version);
  }
  return subjects.values();
}

async function restoreModes(
  target: RegistryClient,
  entered: ReadonlyMap<string, Mode | undefined>,
): Promise<void> {
  const left: string[] = [];
  let cause: unknown;
  for (const [scope, mode] of [...entered].reverse()) {
    if (mode === "IMPORT") continue;
    try {
      if (mode === undefined) await deleteMode(target, scope);
      else await target.request("PUT", scopePath("mode", scope), { body: { mode } });
    } catch (error) {
      cause = error;
      left.push(`${scope === GLOBAL_KEY ? "registry" : scope} ${mode ?? "(none)"}`);
    }
  }
  if (left.length === 0) return;
  const reason = reasonOf(cause);
  const details = { url: target.url, reason, modes: left.join(", ") };
  throw cliErrors.create("CLI_IMPORT_MODE_LEFT", details, cause);
}

/** A body that is too large, or forbidden words in it: not the registry's words, and yet a no. */
function refusedByProxy(error: unknown): string | undefined {
  if (!isTypewireError(error, "CLIENT_ANSWER_INVALID")) return undefined;
  const status = Number(error.details["status"]);
  return status >= 400 && status < 500 ? error.message : undefined;
}

const DELETE_ATTEMPTS = 3;

/**
 * The mode is not there when taking IMPORT failed, or when the answer to an earlier attempt was lost;
 * that is what was wanted.
 */
async function deleteMode(target: RegistryClient, scope: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await target.request("DELETE", scopePath("mode", scope));
      return;
    } catch (error) {
      if (refusalOf(error)?.status === 404) return;
      const isOpen = isTypewireError(error, "CLIENT_UNREACHABLE");
      if (!isOpen || attempt === DELETE_ATTEMPTS) throw error;
    }
  }
}
