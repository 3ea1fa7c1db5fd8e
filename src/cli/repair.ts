/**
 * `typewire repair`: makes a registry with a damaged file usable again.
 *
 * Invariant: without `--accept-damage` it changes nothing and only lists the damage.
 */
import { Command } from "commander";
import { dataOption, jsonOption, printResult } from "./options.ts";

interface RepairOptions {
  readonly data: string;
  readonly acceptDamage: boolean;
  readonly json: boolean;
}

/** `typewire repair`: exit status 1 while there is damage that was not accepted. */
export function repairCommand(): Command {
  return new Command("repair")
    .description("Go on with what is left of a damaged registry, when there is no backup.")
    .addOption(dataOption())
    .option("--accept-damage", "take what is there for what was written", false)
    .addOption(jsonOption())
    .action(repair);
}

async function repair(options: RepairOptions): Promise<void> {
  const { data, acceptDamage } = options;
  const problems = await damageIn(data);
  if (problems.length === 0) {
    printResult(options, { problems }, ["no damage: there is nothing to repair"]);
    return;
  }
  if (!acceptDamage) {
    const next =
      "nothing was changed; restore a backup, or stop all registries on the folder and give --accept-damage";
    printResult(options, { problems }, [...problems, next]);
    process.exitCode = 1;
    return;
  }
  const { repairSqliteFile } = await import("../store/index.ts");
  const suffix = `.damaged-${new Date().toISOString().replaceAll(":", "-")}`;
  const { records, idsSkipped, kept } = repairSqliteFile(data, suffix);
  printResult(options, { problems, records, idsSkipped, kept }, [
    ...problems,
    `accepted: ${records} records are there and count from now on`,
    `ids go on ${idsSkipped} higher: those of lost schemas are given to nobody`,
    ...kept.map((file) => `as it was: ${file}`),
  ]);
}

async function damageIn(folder: string): Promise<string[]> {
  const { openSqliteLog } = await import("../store/index.ts");
  const log = openSqliteLog({ folder, access: "read", damage: "report" });
  const problems: string[] = [];
  try {
    for await (const { problem, kind } of log.check()) {
      if (kind === "damage") problems.push(problem);
    }
    return problems;
  } finally {
    await log.close();
  }
}
