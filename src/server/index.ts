/** The registry over HTTP: the `typewire/registry` entry. */
export { serverErrors } from "./errors.ts";
export type { RegistryServer } from "./server.ts";
export { createRegistryServer } from "./server.ts";
export type { FailureReport, RegistryServerOptions, RequestReport } from "./settings.ts";
export type { StartedRegistry, StartRegistryOptions, StoreName } from "./start.ts";
export { STORES, startRegistry } from "./start.ts";
