/**
 * What a service's own tests need: Kafka and a registry in memory, or embedded; failures on demand;
 * made-up records; the proof that a handler may be called twice.
 */

export type { CapturedRecord } from "./captured.ts";
export type { TestEnvironment, TestEnvironmentOptions } from "./environment.ts";
export { startTestEnvironment } from "./environment.ts";
export { testingErrors } from "./errors.ts";
export type { DelayMs, Fault, FaultInjector, FaultRule, FaultStage } from "./faults.ts";
export type { GoldenBytes, GoldenIds } from "./golden.ts";
export { goldenBytes } from "./golden.ts";
export type { AnyAvroType, TestRegistry } from "./memory-registry.ts";
export type { IdempotenceOptions, IdempotenceProof, World } from "./proves-idempotent.ts";
export { provesIdempotent } from "./proves-idempotent.ts";
export type { SampleOptions } from "./sample.ts";
export { sample } from "./sample.ts";
export type { TestBroker, TestBrokerOptions } from "./test-broker.ts";
export { createTestBroker } from "./test-broker.ts";
export type { VirtualClock, VirtualClockOptions } from "./virtual-clock.ts";
export { createVirtualClock } from "./virtual-clock.ts";
