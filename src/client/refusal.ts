import { isTypewireError } from "../base/index.ts";

/** What a registry said when it refused a call. */
export interface RegistryRefusal {
  /** HTTP status. */
  readonly status: number;
  /** The registry's `error_code`, for example 40401. */
  readonly errorCode: number;
  /** The registry's own words, in full. */
  readonly message: string;
}

/**
 * What the registry said in a `CLIENT_REFUSED`; `undefined` for every other error.
 *
 * @example
 * ```ts
 * import { createRegistryClient, refusalOf } from "typewire";
 *
 * const registry = createRegistryClient({ url: "http://localhost:8081" });
 * try {
 *   await registry.latest("nobody-knows-it");
 * } catch (error) {
 *   if (refusalOf(error)?.errorCode !== 40401) throw error;
 * }
 * ```
 */
export function refusalOf(error: unknown): RegistryRefusal | undefined {
  if (!isTypewireError(error, "CLIENT_REFUSED")) return undefined;
  const { status, errorCode, reason } = error.details;
  return { status: Number(status), errorCode: Number(errorCode), message: String(reason) };
}
