/** The registry over HTTP. */
export { serverErrors } from "./errors.ts";
export type {
  RegistryServer,
  RegistryServerOptions,
  ServiceServer,
  StoreName,
} from "./server.ts";
export { createRegistryServer, STORES, serveService } from "./server.ts";
export type {
  FailureReport,
  RegistryHttpOptions,
  RequestReport,
  ServiceServerOptions,
} from "./settings.ts";
