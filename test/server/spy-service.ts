import type { RegistryService } from "../../src/registry/index.ts";
import type { ServiceServer, ServiceServerOptions } from "../../src/server/index.ts";
import { serveService } from "../../src/server/index.ts";

/** A call that the server made. */
export interface ServiceCall {
  readonly method: string;
  readonly args: readonly unknown[];
}

/** A service that records what it is asked and answers what it is told to. */
export interface SpyService {
  readonly service: RegistryService;
  readonly calls: ServiceCall[];
  /** The answer to every call from now on; a function is called, an error is thrown. */
  answer: unknown;
}

export function spyService(): SpyService {
  const calls: ServiceCall[] = [];
  const spy: SpyService = { service: undefined as never, calls, answer: {} };
  const stats = {
    subjects: 0,
    versions: 0,
    deletedVersions: 0,
    schemas: 0,
    contexts: 1,
    logEnd: 7,
  };
  const known: Partial<RegistryService> = {
    hot: { schemaById: () => undefined, version: () => undefined },
    stats: () => stats,
    changes: { subscribe: () => () => undefined, since: async function* () {} },
    usage: { note: () => undefined, flush: async () => undefined, report: async () => [] },
  };
  const service = new Proxy(known as RegistryService, {
    get: (target, method, receiver) =>
      method in target
        ? (Reflect.get(target, method, receiver) as unknown)
        : async (...args: unknown[]): Promise<unknown> => {
            calls.push({ method: String(method), args });
            await Promise.resolve();
            if (spy.answer instanceof Error) throw spy.answer;
            return spy.answer;
          },
  });
  return Object.assign(spy, { service });
}

/** A server over a spy, on a free port. */
export async function spyServer(
  options: Partial<ServiceServerOptions> = {},
): Promise<SpyService & { readonly server: ServiceServer; readonly url: string }> {
  const spy = spyService();
  const server = await serveService({ service: spy.service, port: 0, ...options });
  return Object.assign(spy, { server, url: server.url });
}
