import { Command, InvalidArgumentError, Option } from "commander";
import { dataOption } from "./options.ts";

interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly store: "memory" | "sqlite";
  readonly data: string;
}

/** `typewire serve`: the registry, until SIGTERM or SIGINT. */
export function serveCommand(): Command {
  return withRegistryOptions(new Command("serve"))
    .description("Start the schema registry. Prints its URL when it is ready.")
    .action(serve);
}

/** `typewire dev`: the registry and an embedded Kafka, for development without a cluster. */
export function devCommand(): Command {
  return withRegistryOptions(new Command("dev"))
    .description("Start the registry and an embedded Kafka that forgets its records on exit.")
    .action(dev);
}

function withRegistryOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--host <address>", "address to listen on")
        .env("TYPEWIRE_HOST")
        .default("127.0.0.1"),
    )
    .addOption(
      new Option("--port <number>", "port to listen on; 0 takes a free one")
        .env("TYPEWIRE_PORT")
        .default(8081)
        .argParser(parsePort),
    )
    .addOption(
      new Option("--store <kind>", "where the state is kept")
        .env("TYPEWIRE_STORE")
        .choices(["memory", "sqlite"])
        .default("sqlite"),
    )
    .addOption(dataOption());
}

async function serve(options: ServeOptions): Promise<void> {
  const stopped = untilSignal();
  // Loaded here, so that the other commands start without a server and without native code.
  const { startRegistry } = await import("../server/index.ts");
  const registry = await startRegistry(options);
  process.stdout.write(`${readyLine(registry.url, options)}\n`);
  await stopped;
  await registry.close();
}

async function dev(options: ServeOptions): Promise<void> {
  const stopped = untilSignal();
  const { startRegistry } = await import("../server/index.ts");
  const { startEmbeddedKafka } = await import("../rdkafka/index.ts");
  const registry = await startRegistry(options);
  const kafka = await startEmbeddedKafka();
  process.stdout.write(`${readyLine(registry.url, options)}\n`);
  process.stdout.write(`embedded Kafka ready: export KAFKA_BROKERS=${kafka.brokers.join(",")}\n`);
  await stopped;
  await kafka.close();
  await registry.close();
}

function readyLine(url: string, { store, data }: ServeOptions): string {
  return `typewire registry ready at ${url} (${store === "sqlite" ? `SQLite in ${data}` : "in memory"})`;
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

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError("It must be a number from 0 to 65535.");
}
