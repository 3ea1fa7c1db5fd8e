/**
 * `typewire import`: another registry's schemas, with their ids.
 *
 * Invariants:
 * - The source is only read.
 * - The target is written only when everything can be placed; `--dry-run` writes nothing at all.
 * - A signal stops the import between two schemas, after which the modes are put back.
 */
import { Command, Option } from "commander";
import type { Config } from "../api/index.ts";
import { isTypewireError } from "../base/index.ts";
import type { RegistryClient, RegistryClientOptions } from "../client/index.ts";
import type { Log } from "../registry/index.ts";
import { registryAt, registryOption } from "./credentials.ts";
import { cliErrors } from "./errors.ts";
import type { ImportOutcome } from "./import-apply.ts";
import type { Holdings } from "./import-names.ts";
import type { ImportPlan } from "./import-plan.ts";
import { dataOption, jsonOption, printResult } from "./options.ts";
import { printAside } from "./print.ts";

interface ImportOptions {
  readonly from: string;
  readonly to?: string;
  readonly data: string;
  readonly context?: string;
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** `typewire import`: exit status 0 when everything is there, 1 when something was refused. */
export function importCommand(): Command {
  return new Command("import")
    .description("Copy a registry with its ids, versions, deleted flags, levels and modes.")
    .addOption(
      registryOption("--from <url>", "the registry to read", "TYPEWIRE_FROM").makeOptionMandatory(),
    )
    .addOption(
      registryOption("--to <url>", "the registry to fill, instead of a data folder", "TYPEWIRE_TO"),
    )
    .addOption(dataOption())
    .addOption(
      new Option(
        "--context <name>",
        "put the source's default context into this one of the target",
      ),
    )
    .option("--dry-run", "write nothing; say what would be done", false)
    .addOption(jsonOption())
    .action(importRegistry);
}

async function importRegistry(given: ImportOptions): Promise<void> {
  const { readContext } = await import("./import-names.ts");
  const { context, ...others } = given;
  const options = context === undefined ? others : { ...others, context: readContext(context) };
  const { createRegistryClient } = await import("../client/index.ts");
  const source = createRegistryClient(registryAt(options.from, "TYPEWIRE_FROM"));
  const target = await openTarget(options);
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.once("SIGINT", onSignal).once("SIGTERM", onSignal);
  try {
    const client = createRegistryClient(target.at);
    await carryOver(source, client, options, stop.signal);
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
    await target.close();
  }
}

async function carryOver(
  source: RegistryClient,
  target: RegistryClient,
  options: ImportOptions,
  signal: AbortSignal,
): Promise<void> {
  const { readHoldings } = await import("./import-read.ts");
  const { planImport } = await import("./import-plan.ts");
  const { applyImport } = await import("./import-apply.ts");
  const { intoContext } = await import("./import-names.ts");
  const read = await readHoldings(source, { signal });
  progress(`${read.versions.length} versions read from ${source.url}`);
  const wanted = options.context === undefined ? read : intoContext(read, options.context);
  const there = withUntold(await readHoldings(target, { scopes: scopesOf(wanted), signal }));
  const plan = planImport(wanted, there);
  const findings = await findingsOn(read, there, options);
  // What can't be read of the target may be in the way.
  const conflicts = [...there.problems.map((line) => `the target: ${line}`), ...plan.conflicts];
  if (options.dryRun) return reportPlan(options, { ...plan, conflicts }, findings);
  const [first] = conflicts;
  if (first !== undefined) {
    throw cliErrors.create("CLI_IMPORT_CONFLICT", { count: conflicts.length, first, conflicts });
  }
  const outcome = await applyImport(target, plan, { signal, report: progress });
  reportOutcome(options, { unchanged: plan.unchanged, ...outcome }, findings);
}

/** What a target does not tell apart is there for all the same. */
function withUntold(target: Holdings): Holdings {
  return { ...target, configs: new Map([...target.configs, ...target.untold.configs]) };
}

function* scopesOf({ versions, configs, modes }: Holdings): Iterable<string> {
  for (const { subject } of versions) yield subject;
  yield* configs.keys();
  yield* modes.keys();
}

/** What there is to say beside what was done. */
interface Findings {
  /** What is in the source and not in the import. */
  readonly missing: readonly string[];
  readonly notes: readonly string[];
}

async function findingsOn(
  source: Holdings,
  target: Holdings,
  { context }: ImportOptions,
): Promise<Findings> {
  const { GLOBAL_KEY } = await import("../confluent/index.ts");
  const { contextScope } = await import("./import-names.ts");
  const theirs = source.modes.get(GLOBAL_KEY);
  const ours = target.modes.get(GLOBAL_KEY);
  const notes = [...source.notes];
  if (context === undefined && theirs !== undefined && theirs !== ours) {
    notes.push(`the source is in mode ${theirs}; the target stays in mode ${ours}`);
  }
  for (const [scope, mode] of source.modes) {
    if (scope !== GLOBAL_KEY && scope === contextScope(scope) && mode === "IMPORT") {
      notes.push(
        `the context ${scope} is in mode IMPORT in the source; the target's is not changed`,
      );
    }
  }
  const { configs, modes } = source.untold;
  notes.push(...untoldNotes("level", "PUT /config/{subject}", configs, configText));
  // Where everything is READWRITE, nothing is lost by not saying so again.
  const telling = [...modes].filter(([, mode]) => mode !== "READWRITE" || theirs !== "READWRITE");
  notes.push(...untoldNotes("mode", "PUT /mode/{subject}", new Map(telling), (mode) => mode));
  return { missing: source.problems, notes };
}

function configText({ compatibilityLevel, ...rest }: Config): string {
  const others = Object.keys(rest).length === 0 ? "" : ` ${JSON.stringify(rest)}`;
  return `${compatibilityLevel ?? ""}${others}`.trim();
}

/** One sentence for each value: a registry has few of them. */
function untoldNotes<T>(
  setting: string,
  how: string,
  values: ReadonlyMap<string, T>,
  textOf: (value: T) => string,
): string[] {
  const scopes = new Map<string, string[]>();
  for (const [scope, value] of values) {
    const text = textOf(value);
    scopes.set(text, [...(scopes.get(text) ?? []), JSON.stringify(scope)]);
  }
  return [...scopes].map(
    ([text, names]) =>
      `the source answers the ${setting} ${text} for ${names.join(", ")}, and does not tell whether ` +
      `it is their own or inherited: it was not copied. Set it with ${how} where it is meant`,
  );
}

function reportPlan(options: ImportOptions, plan: ImportPlan, { missing, notes }: Findings): void {
  const { conflicts, unchanged } = plan;
  const sizes = {
    unchanged,
    registered: plan.registrations.flat().length,
    deleted: plan.deletions.flat().length,
    configs: plan.configs.size,
    modes: plan.modes.size,
  };
  const lines = [
    ...shortened(conflicts.map((line) => `conflict: ${line}`)),
    ...shortened(missing),
    ...shortened(notes.map((line) => `note: ${line}`)),
    `dry run, would be: ${summary(sizes, missing)}`,
  ];
  printResult(options, { dryRun: true, ...sizes, conflicts, problems: missing, notes }, lines);
  if (conflicts.length > 0 || missing.length > 0) process.exitCode = 1;
}

type Sizes = Omit<ImportOutcome, "problems"> & { readonly unchanged: number };
type Report = Sizes & Pick<ImportOutcome, "problems">;

function reportOutcome(options: ImportOptions, report: Report, { missing, notes }: Findings): void {
  const problems = [...report.problems, ...missing];
  const lines = [
    ...shortened(report.problems.map((line) => `refused: ${line}`)),
    ...shortened(missing),
    ...shortened(notes.map((line) => `note: ${line}`)),
    summary(report, missing),
  ];
  printResult(options, { ...report, problems, notes }, lines);
  if (problems.length > 0) process.exitCode = 1;
}

const LINES_MAX = 1000;

/** So many lines are read by nobody; the JSON has them all. */
function shortened(lines: readonly string[]): readonly string[] {
  if (lines.length <= LINES_MAX) return lines;
  return [...lines.slice(0, LINES_MAX), `… and ${lines.length - LINES_MAX} more, see --json`];
}

function summary(sizes: Sizes, missing: readonly string[]): string {
  const { registered, unchanged, deleted, configs, modes } = sizes;
  const done = `${registered} versions registered, ${unchanged} there already, ${deleted} soft-deleted, ${configs} configurations and ${modes} modes set`;
  return missing.length === 0 ? done : `${done}; incomplete: ${missing.length} not read`;
}

/** Progress is not the result: it goes to standard error. */
function progress(line: string): void {
  printAside(line);
}

interface Target {
  readonly at: RegistryClientOptions;
  close(): Promise<void>;
}

/** A folder is filled through a registry of our own that only this machine reaches. */
async function openTarget({ to, data, dryRun }: ImportOptions): Promise<Target> {
  if (to !== undefined) {
    return { at: registryAt(to, "TYPEWIRE_TO"), close: async () => undefined };
  }
  const { serveService } = await import("../server/index.ts");
  const { createRegistryService } = await import("../registry/index.ts");
  const { openSqliteLog } = await import("../store/index.ts");
  const log = dryRun ? await openToLook(data) : openSqliteLog({ folder: data });
  try {
    const service = await createRegistryService({ log, clock: Date.now });
    const server = await serveService({ service, log, host: "127.0.0.1", port: 0 });
    return { at: { url: server.url }, close: () => server.close() };
  } catch (error) {
    await log.close();
    throw error;
  }
}

/** The folder as it is; where there is no registry yet, an empty one that is not kept. */
async function openToLook(folder: string): Promise<Log> {
  const { createMemoryLog, openSqliteLog } = await import("../store/index.ts");
  try {
    return openSqliteLog({ folder, access: "read" });
  } catch (error) {
    if (isTypewireError(error, "STORE_ABSENT")) return createMemoryLog();
    throw error;
  }
}
