/**
 * The `typewire` command. Exit status: 0 done, 1 failed (or generated files are stale), 2 wrong
 * usage (or, for `codegen`, the registry cannot be reached).
 */
import type { OutputConfiguration } from "commander";
import { Command, CommanderError } from "commander";
import { backupCommand, restoreCommand, verifyCommand } from "./backup.ts";
import { codegenCommand } from "./codegen.ts";
import { explain, withoutPasswords } from "./explain.ts";
import { importCommand } from "./import.ts";
import { printAside } from "./print.ts";
import { repairCommand } from "./repair.ts";
import { devCommand, serveCommand } from "./serve.ts";

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
  const commands = [
    serveCommand(),
    devCommand(),
    codegenCommand(),
    backupCommand(),
    restoreCommand(),
    verifyCommand(),
    repairCommand(),
    importCommand(),
  ];
  for (const command of commands) {
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
