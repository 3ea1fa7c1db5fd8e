/** What a service's own tests need: an embedded Kafka and a registry in one call. */

export type { TestEnvironment, TestEnvironmentOptions } from "./environment.ts";
export { startTestEnvironment } from "./environment.ts";
export { testingErrors } from "./errors.ts";
