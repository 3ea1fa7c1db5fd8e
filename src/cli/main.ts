/**
 * The `typewire` command. Exit status: 0 done, 1 failed (or generated files are stale), 2 wrong
 * usage (or, for `codegen`, the registry cannot be reached; for `doctor`, something stayed unknown).
 */
import type { OutputConfiguration } from "commander";
import { Command, CommanderError } from "commander";
import { explain, withoutPasswords } from "./explain.ts";
import { printAside } from "./print.ts";

/** Each command is loaded when it is asked for; all of them only for the list of `--help`. */
const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ["serve", async () => (await import("./serve.ts")).serveCommand()],
  ["dev", async () => (await import("./serve.ts")).devCommand()],
  ["codegen", async () => (await import("./codegen.ts")).codegenCommand()],
  ["doctor", async () => (await import("./doctor.ts")).doctorCommand()],
  ["backup", async () => (await import("./backup.ts")).backupCommand()],
  ["restore", async () => (await import("./backup.ts")).restoreCommand()],
  ["verify", async () => (await import("./backup.ts")).verifyCommand()],
  ["repair", async () => (await import("./repair.ts")).repairCommand()],
  ["import", async () => (await import("./import.ts")).importCommand()],
]);

function commandsFor([name = ""]: readonly string[]): Promise<Command[]> {
  const named = COMMANDS.get(name);
  return Promise.all(
    (named === undefined ? [...COMMANDS.values()] : [named]).map((load) => load()),
  );
}

/**
 * Runs the command with the arguments after the program's name; sets `process.exitCode`.
 *
 * @param version - The package's, for `--version`.
 */
export async function run(args: readonly string[], version: string): Promise<void> {
  const output: OutputConfiguration = {
    outputError: (text, write) => write(withoutPasswords(text, args)),
  };
  const program = new Command("typewire")
    .configureOutput(output)
    .description("The schema registry and typed Kafka for TypeScript.")
    .version(version, "-v, --version", "print the version")
    .exitOverride()
    .showHelpAfterError("Run `typewire --help` for the commands.");
  for (const command of await commandsFor(args)) {
    program.addCommand(
      command
        .exitOverride()
        .configureOutput(output)
        .showHelpAfterError("Run it with --help for its use."),
    );
  }
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    process.exitCode = statusOf(error);
  }
}

function statusOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  for (const line of explain(error).split("\n")) printAside(line);
  return 1;
}
