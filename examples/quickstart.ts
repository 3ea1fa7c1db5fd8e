/**
 * `npm start`: the whole of typewire in one run. An embedded Kafka and a registry start, the schemas
 * of `schemas/` are registered over REST, typed orders travel from a producer to a consumer, and then
 * the schema evolves while the first consumer goes on reading.
 */
import { readFile } from "node:fs/promises";
import { inspect, parseArgs } from "node:util";
import { isTypewireError } from "typewire";
import { createConsumer, createProducer } from "typewire/kafka";
import { createRegistryServer } from "typewire/registry";
import { startEmbeddedKafka } from "typewire/testing";
import { orders as ordersV2 } from "./evolution/generated/orders.js";
import { orders, users } from "./generated/index.js";

/** Where everything is, for the steps below. */
interface Place {
  readonly registry: string;
  readonly brokers: readonly string[];
}

/** Runs the quick start with the command's arguments; sets `process.exitCode`. */
export async function run(args: readonly string[]): Promise<void> {
  try {
    await quickstart(settingsOf(args));
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    process.exitCode = 1;
  }
}

async function quickstart({ once, port, data }: Settings): Promise<void> {
  const interrupted = untilSignal();
  const registry = await createRegistryServer({ host: "127.0.0.1", port, store: "sqlite", data });
  const kafka = await startEmbeddedKafka();
  try {
    await kafka.createTopics(orders.name, users.name);
    const place = { registry: registry.url, brokers: kafka.brokers };
    say(`1  registry at ${place.registry}, SQLite in ${data}`);
    say(`   embedded Kafka at ${place.brokers.join(", ")} (forgets everything when it stops)`);
    await tour(place);
    if (!once) {
      say("Everything keeps running until Ctrl-C. Try:");
      say(`   curl ${place.registry}/subjects/orders-value/versions/latest`);
      await interrupted;
    }
  } finally {
    await kafka.close();
    await registry.close();
  }
}

async function tour(place: Place): Promise<void> {
  await register(place, "2", "orders-value", "schemas/order-placed.avsc");
  await register(place, "  ", "users-value", "schemas/user.avsc");

  const inbox = new Inbox();
  const consumer = await createConsumer({
    ...place,
    group: "quickstart",
    topics: [orders],
    from: "earliest",
  });
  const reading = consumer.run(({ partition, offset, schemaId, value }) => {
    inbox.put(`received ${partition}/${offset} written with schema id ${schemaId}: ${show(value)}`);
  });
  const producer = await createProducer(place);
  try {
    const sent = await producer.send(orders, {
      key: "o-17",
      value: { orderId: "o-17", amount: "19.90", status: "PAID", placedAt: new Date() },
    });
    say(`3  sent o-17 to ${sent.topic}, partition ${sent.partition}, offset ${sent.offset}`);
    say(`   ${await Promise.race([inbox.take(), failed(reading)])}`);

    await register(place, "4", "orders-value", "schemas/evolution/order-placed.v2.avsc");
    const newer = await producer.send(ordersV2, {
      key: "o-18",
      value: { orderId: "o-18", amount: "42.00", currency: "CHF", status: "NEW" },
    });
    say(`5  sent o-18 with the new field, partition ${newer.partition}, offset ${newer.offset}`);
    say(`   ${await Promise.race([inbox.take(), failed(reading)])}`);
    say("   The consumer was compiled on version 1 and went on: it never saw `currency`.");
  } finally {
    await producer.close();
    await consumer.close();
  }
}

/** Registers a schema as any HTTP client would, and tells what the registry answered. */
async function register(place: Place, step: string, subject: string, file: string): Promise<void> {
  const schema = await readFile(new URL(`../../${file}`, import.meta.url), "utf8");
  const response = await fetch(`${place.registry}/subjects/${subject}/versions`, {
    method: "POST",
    headers: {
      "content-type": "application/vnd.schemaregistry.v1+json",
      "confluent-accept-unknown-properties": "true",
    },
    body: JSON.stringify({ schema }),
  });
  const answer = (await response.json()) as { id?: number; version?: number; message?: string };
  if (!response.ok) throw new Error(`${file} was refused: ${answer.message}`);
  say(`${step.padEnd(2)} ${file} is ${subject} version ${answer.version}, schema id ${answer.id}`);
}

/** Lines that the consumer's handler puts in and the tour takes out, in order. */
class Inbox {
  #lines: string[] = [];
  #waiting: ((line: string) => void) | undefined;

  put(line: string): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) this.#lines.push(line);
    else waiting(line);
  }

  take(): Promise<string> {
    const line = this.#lines.shift();
    if (line !== undefined) return Promise.resolve(line);
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }
}

/** Rejects when the consumer stops by an error, so that nothing waits for what cannot come. */
async function failed(reading: Promise<void>): Promise<never> {
  await reading;
  throw new Error("The consumer stopped before the message came.");
}

interface Settings {
  readonly once: boolean;
  readonly port: number;
  readonly data: string;
}

function settingsOf(args: readonly string[]): Settings {
  const { values } = parseArgs({
    args: [...args],
    options: {
      once: { type: "boolean", default: false },
      port: { type: "string", default: process.env["TYPEWIRE_PORT"] ?? "8081" },
      data: { type: "string", default: process.env["TYPEWIRE_DATA"] ?? ".typewire" },
    },
  });
  return { once: values.once, port: Number(values.port), data: values.data };
}

function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });
}

function show(value: unknown): string {
  return inspect(value, { breakLength: Number.POSITIVE_INFINITY });
}

function explain(error: unknown): string {
  if (isTypewireError(error)) return `${error.message}. ${error.hint}`;
  return error instanceof Error ? error.message : String(error);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
