/**
 * Set-up of the vitest project `kafka`: one broker per run, or the ones of TYPEWIRE_TEST_BROKERS
 * (`host:port`, comma-separated). Where neither can be had, tests are told the reason to skip.
 */
import type { TestProject } from "vitest/node";
import { startKafka } from "./cluster.mjs";
import { whyNoKafka } from "./install.mjs";

/** Where real Kafka is, or why there is none. */
export type KafkaForTests =
  | { readonly brokers: readonly string[] }
  | { readonly brokers?: undefined; readonly reason: string };

declare module "vitest" {
  interface ProvidedContext {
    kafka: KafkaForTests;
  }
}

/** Called by vitest once per run, before the first test file of the project. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const given = process.env["TYPEWIRE_TEST_BROKERS"];
  if (given !== undefined && given !== "") {
    project.provide("kafka", { brokers: given.split(",") });
    return undefined;
  }
  const missing = await whyNoKafka();
  if (missing !== undefined) {
    project.provide("kafka", { reason: `${missing}, and TYPEWIRE_TEST_BROKERS is not set` });
    return undefined;
  }
  const cluster = await startKafka();
  project.provide("kafka", { brokers: cluster.brokers });
  return () => cluster.stop();
}
