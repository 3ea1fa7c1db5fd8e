import { dirname, resolve } from "node:path";
import { Command, Option } from "commander";
import type { Config, SchemaSource } from "../../codegen/index.ts";
import { registryAt, registryOption } from "./credentials.ts";
import { cliErrors } from "./errors.ts";
import { printLine } from "./print.ts";

interface CodegenOptions {
  readonly config: string;
  readonly from: "registry" | "files";
  readonly registry?: string;
  readonly check: boolean;
  readonly locked: boolean;
}

/** `typewire codegen`: TypeScript from the schemas that `typewire.json` names. */
export function codegenCommand(): Command {
  return new Command("codegen")
    .description("Write TypeScript types, codecs and topic descriptors from schemas.")
    .addOption(new Option("--config <file>", "the configuration").default("typewire.json"))
    .addOption(
      new Option("--from <source>", "where the schemas come from")
        .choices(["registry", "files"])
        .default("registry"),
    )
    .addOption(
      registryOption(
        "--registry <url>",
        "the registry, instead of the configuration's",
        "TYPEWIRE_REGISTRY",
      ).env("TYPEWIRE_REGISTRY"),
    )
    .option("--check", "write nothing; exit 1 with the list of stale files", false)
    .option("--locked", "take the versions of the lock file, not the latest", false)
    .action(codegen);
}

async function codegen(options: CodegenOptions): Promise<void> {
  // Loaded here, so that --help and wrong usage need neither the generator nor a client.
  const { filesSource, loadConfig, runCodegen } = await import("../../codegen/index.ts");
  const config = await loadConfig(options.config);
  const cwd = dirname(resolve(options.config));
  const source =
    options.from === "files" ? filesSource({ cwd, config }) : await registrySource(config, options);
  process.exitCode = await runCodegen({
    cwd,
    config,
    source,
    check: options.check,
    locked: options.locked,
    out: printLine,
  });
}

async function registrySource(config: Config, options: CodegenOptions): Promise<SchemaSource> {
  const url = options.registry ?? config.registry?.url;
  if (url === undefined) throw cliErrors.create("CLI_REGISTRY_UNKNOWN", { file: options.config });
  const { contextAt, createRegistryClient, refusalOf } = await import("../client/index.ts");
  const client = createRegistryClient(registryAt(url, "TYPEWIRE_REGISTRY"));
  return {
    name: `the registry at ${client.url}`,
    mode: "stored",
    fetch: async (subject, version, why) => {
      try {
        const isReference = why === "reference" && version !== "latest";
        const found = isReference
          ? await client.referencedVersion({ subject, version })
          : await client.version(subject, version, { deleted: version !== "latest" });
        const { id, version: number, schema, references } = found;
        // An alias may lead to another context, where its references are.
        const isThere = contextAt("", found.subject) === contextAt(client.url, subject);
        const home = isThere ? subject : found.subject;
        return { subject, home, id, version: number, text: schema, references };
      } catch (error) {
        // A subject or version that is not there is an answer; anything else is a failure.
        if (NOT_FOUND_CODES.has(refusalOf(error)?.errorCode ?? 0)) return undefined;
        throw error;
      }
    },
  };
}

const NOT_FOUND_CODES: ReadonlySet<number> = new Set([40401, 40402]);
