import { Command } from "commander";
import type { RegistryServer } from "../server/index.ts";
import { printLine } from "./print.ts";
import type { ServeOptions } from "./serve-options.ts";
import { startOptions, withServeOptions } from "./serve-options.ts";

/** `typewire serve`: the registry, until SIGTERM or SIGINT. */
export function serveCommand(): Command {
  return withServeOptions(new Command("serve"))
    .description("Start the schema registry. Prints its URL when it is ready.")
    .action(serve);
}

/** `typewire dev`: the registry and an embedded Kafka, for development without a cluster. */
export function devCommand(): Command {
  return withServeOptions(new Command("dev"))
    .description("Start the registry and an embedded Kafka that forgets its records on exit.")
    .action(dev);
}

async function serve(options: ServeOptions): Promise<void> {
  const stopped = untilSignal();
  // Loaded here, so that the other commands start without a server and without native code.
  const { createRegistryServer } = await import("../server/index.ts");
  const registry = await createRegistryServer(startOptions(options));
  printLine(readyLine(registry, options));
  await stopped;
  await registry.close();
}

async function dev(options: ServeOptions): Promise<void> {
  const stopped = untilSignal();
  const { createRegistryServer } = await import("../server/index.ts");
  const { startEmbeddedKafka } = await import("../rdkafka/index.ts");
  const registry = await createRegistryServer(startOptions(options));
  const kafka = await startEmbeddedKafka();
  printLine(readyLine(registry, options));
  printLine(`embedded Kafka ready: export KAFKA_BROKERS=${kafka.brokers.join(",")}`);
  await stopped;
  await kafka.close();
  await registry.close();
}

/** The URL; and whether the registry was found or begins: an empty one may be the wrong folder. */
function readyLine({ url, isNew }: RegistryServer, { store, data }: ServeOptions): string {
  const file = isNew ? `SQLite, new registry in ${data}` : `SQLite in ${data}`;
  return `typewire registry ready at ${url} (${store === "sqlite" ? file : "in memory"})`;
}

/** Resolves on the first SIGTERM or SIGINT; a second one ends the process at once. */
function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      process.off("SIGTERM", stop);
      process.off("SIGINT", stop);
      resolve();
    };
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
  });
}
