/**
 * `typewire doctor`: what is installed, what is reachable, and what to do about the rest.
 *
 * Exit status: 0 all is well, 1 there is a problem, 2 something could not be found out.
 */
import { Command, InvalidArgumentError, Option } from "commander";
import { registryOption } from "./credentials.ts";
import { dataOption, jsonOption, printResult } from "./options.ts";

interface DoctorOptions {
  readonly registry?: string;
  readonly brokers?: readonly string[];
  readonly clients: number;
  readonly config: string;
  readonly data: string;
  readonly json: boolean;
}

/** The first Node that runs typewire, as package.json says. */
const NODE_MIN = "20.19";
const TIMEOUT_MS = 5000;

/** `typewire doctor`: changes nothing. */
export function doctorCommand(): Command {
  return new Command("doctor")
    .description("Check Node, native parts, registry, brokers, clock, threads and data folder.")
    .addOption(
      registryOption(
        "--registry <url>",
        "the registry, instead of the configuration's",
        "TYPEWIRE_REGISTRY",
      ).env("TYPEWIRE_REGISTRY"),
    )
    .addOption(
      new Option("--brokers <list>", "brokers with commas, instead of the configuration's")
        .env("KAFKA_BROKERS")
        .argParser((text) => text.split(",").map((part) => part.trim())),
    )
    .addOption(
      new Option("--clients <number>", "how many consumers one process has")
        .default(1)
        .argParser(clientsOf),
    )
    .addOption(new Option("--config <file>", "the configuration").default("typewire.json"))
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(doctor);
}

function clientsOf(text: string): number {
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a number from 0 to 9999.");
}

async function doctor(options: DoctorOptions): Promise<void> {
  const { checkAll, linesOf, statusOfChecks } = await import("./doctor-checks.ts");
  const { findFacts } = await import("./doctor-facts.ts");
  const { registry, brokers, clients, config, data } = options;
  const facts = await findFacts({
    ...{ registry, brokers, clients, config, data },
    nodeMin: NODE_MIN,
    timeoutMs: TIMEOUT_MS,
  });
  const checks = checkAll(facts);
  const status = statusOfChecks(checks);
  printResult(options, { status, checks }, linesOf(checks));
  process.exitCode = status;
}
