/**
 * Options of the commands that start a registry, and what they mean to it.
 *
 * Invariant: every option has an environment variable, `TYPEWIRE_` and its name; the option wins.
 */
import type { Command } from "commander";
import { InvalidArgumentError, Option } from "commander";
import type { CompatibilityLevel } from "../api/index.ts";
import type { RegistryServerOptions } from "../server/index.ts";
import { dataOption } from "./options.ts";
import { printLine } from "./print.ts";

type Flag = "true" | "false";

/** The options, parsed. */
export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly allowedHosts: string;
  readonly corsOrigins: string;
  readonly store: "memory" | "sqlite";
  readonly data: string;
  readonly compatibilityLevel: string;
  readonly normalize: Flag;
  readonly validateNewSchemas: Flag;
  readonly referenceVersionsStrict: Flag;
  readonly validateFields: Flag;
  readonly modeMutability: Flag;
  readonly rejectEmptySubject: Flag;
  readonly subjectSettingsGoWith: "permanent" | "soft";
  readonly recordBytesMax: number;
  readonly compatibilityStepsMax: number;
  readonly bodyLimitBytes: number;
  readonly apiLevel: string;
  readonly incompatibleErrorCode: "409" | "40901";
  readonly groupId: string;
  readonly kafkaClusterId: string;
  readonly readyWaitMs: number;
  readonly changeStreamsMax: number;
  readonly changeStreamsPerAddress: number;
  readonly changeStreamMs: number;
  readonly changeHeartbeatMs: number;
  readonly drainMs: number;
  readonly closeMs: number;
  readonly accessLog: Flag;
}

/** Adds the options to a command. */
export function withServeOptions(command: Command): Command {
  for (const option of serveOptions()) command.addOption(option);
  return command;
}

/** The options as the commands have them, in the order of `--help`. */
export function serveOptions(): readonly Option[] {
  return [
    text("--host <address>", "address to listen on", "127.0.0.1"),
    number("--port <number>", "port to listen on; 0 takes a free one", 8081, 65_535),
    text("--allowed-hosts <names>", "hosts that requests may name, with commas; * for any", ""),
    text("--cors-origins <origins>", "origins whose pages may use the registry, with commas", ""),
    choice("--store <kind>", "where the state is kept", "sqlite", ["memory", "sqlite"]),
    dataOption(),
    text("--compatibility-level <level>", "compatibility level where none is set", "BACKWARD"),
    flag("--normalize <boolean>", "normalise new schemas without being asked", false),
    flag("--validate-new-schemas <boolean>", "strict names and fitting defaults", true),
    flag("--reference-versions-strict <boolean>", "one version a name in references", false),
    flag("--validate-fields <boolean>", "refuse field names that metadata reserves", false),
    flag("--mode-mutability <boolean>", "whether modes may be changed", true),
    flag("--reject-empty-subject <boolean>", "refuse the empty subject and *", false),
    choice(
      "--subject-settings-go-with <delete>",
      "which delete of a subject's last version takes its own level and mode along",
      "permanent",
      ["permanent", "soft"],
    ),
    number("--record-bytes-max <bytes>", "longest record that is written", 1_000_000),
    number("--compatibility-steps-max <number>", "steps of comparing schemas a request", 1_000_000),
    number("--body-limit-bytes <bytes>", "largest request body", 4 * 1024 * 1024),
    text("--api-level <release>", "Confluent release whose answers are given", "8.2"),
    choice("--incompatible-error-code <code>", "error_code of an incompatible schema", "409", [
      "409",
      "40901",
    ]),
    text("--group-id <name>", "what /v1/metadata/id says", "schema-registry"),
    text("--kafka-cluster-id <name>", "what /v1/metadata/id says", ""),
    number("--ready-wait-ms <ms>", "how long the store may take to be called ready", 2000),
    number("--change-streams-max <number>", "streams of changes at the same time", 100),
    number("--change-streams-per-address <number>", "of these, from one address", 10),
    number("--change-stream-ms <ms>", "how long such a stream lasts", 3_600_000),
    number("--change-heartbeat-ms <ms>", "between two signs of life on such a stream", 15_000),
    number("--drain-ms <ms>", "how long open connections are served at the end", 50),
    number("--close-ms <ms>", "how long requests in flight may take after that", 5000),
    flag("--access-log <boolean>", "print each request as a line of JSON", false),
  ];
}

/** What the options mean. */
export function startOptions(options: ServeOptions): RegistryServerOptions {
  const { host, port, store, data, bodyLimitBytes, apiLevel, groupId, kafkaClusterId } = options;
  const { readyWaitMs, changeStreamsMax, changeHeartbeatMs, drainMs, closeMs } = options;
  const { changeStreamsPerAddress, changeStreamMs } = options;
  return {
    ...{ host, port, store, data, bodyLimitBytes, apiLevel, groupId, kafkaClusterId },
    ...{ readyWaitMs, changeStreamsMax, changeHeartbeatMs, drainMs, closeMs },
    ...{ changeStreamsPerAddress, changeStreamMs },
    allowedHosts: listOf(options.allowedHosts),
    corsOrigins: listOf(options.corsOrigins),
    incompatibleErrorCode: options.incompatibleErrorCode === "409" ? 409 : 40901,
    settings: {
      // Whether it is one of the levels is for the registry to say.
      level: options.compatibilityLevel.toUpperCase() as CompatibilityLevel,
      normalize: options.normalize === "true",
      validateNewSchemas: options.validateNewSchemas === "true",
      referenceVersionsStrict: options.referenceVersionsStrict === "true",
      validateFields: options.validateFields === "true",
      modeMutability: options.modeMutability === "true",
      rejectEmptySubject: options.rejectEmptySubject === "true",
      subjectSettingsGoWith: options.subjectSettingsGoWith,
      recordBytesMax: options.recordBytesMax,
      compatibilityStepsMax: options.compatibilityStepsMax,
    },
    ...(options.accessLog === "true" && { onRequest: printRequest }),
  };
}

/** What stands between commas. */
function listOf(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function printRequest(report: object): void {
  const time = new Date().toISOString();
  printLine(JSON.stringify({ time, ...report }));
}

function text(flags: string, description: string, standard: string): Option {
  return named(new Option(flags, description)).default(standard);
}

function choice(
  flags: string,
  description: string,
  standard: string,
  choices: readonly string[],
): Option {
  return text(flags, description, standard).choices(choices);
}

function flag(flags: string, description: string, standard: boolean): Option {
  return choice(flags, description, String(standard), ["true", "false"]);
}

function number(
  flags: string,
  description: string,
  standard: number,
  max = Number.MAX_SAFE_INTEGER,
): Option {
  return named(new Option(flags, description))
    .default(standard)
    .argParser((given: string): number => {
      const value = Number(given);
      if (/^\d+$/.test(given) && value <= max) return value;
      const bound = max === Number.MAX_SAFE_INTEGER ? "" : ` to ${max}`;
      throw new InvalidArgumentError(`It must be a number from 0${bound}.`);
    });
}

/** With its environment variable. */
function named(option: Option): Option {
  return option.env(`TYPEWIRE_${option.name().toUpperCase().replaceAll("-", "_")}`);
}
