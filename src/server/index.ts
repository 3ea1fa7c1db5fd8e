export { serverErrors } from "./errors.ts";
export type { RegistryServer } from "./server.ts";
export { createRegistryServer } from "./server.ts";
export type { FailureReport, RegistryServerOptions, RequestReport } from "./settings.ts";
