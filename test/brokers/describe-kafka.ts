import { describe, inject } from "vitest";
import type { KafkaForTests } from "./global-setup.ts";

/**
 * A `describe` for tests on real Kafka (files named `*.kafka.test.ts`). The body gets the brokers'
 * addresses. Without Kafka its tests are reported as skipped and the title says why.
 */
export function describeKafka(title: string, body: (brokers: readonly string[]) => void): void {
  const kafka: KafkaForTests = inject("kafka");
  const { brokers } = kafka;
  const why = brokers === undefined ? ` (skipped: ${kafka.reason})` : "";
  describe.skipIf(brokers === undefined)(`${title}${why}`, () => body(brokers ?? []));
}
