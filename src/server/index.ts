/** The registry over HTTP: the `typewire/registry` entry. */
export { serverErrors } from "./errors.ts";
export type { RegistryServer, StartedRegistry, StartRegistryOptions, StoreName } from "./server.ts";
export { createRegistryServer, STORES, startRegistry } from "./server.ts";
export type { FailureReport, RegistryServerOptions, RequestReport } from "./settings.ts";
