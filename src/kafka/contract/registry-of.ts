/** The registry of a client's options. */
import { createRegistryClient } from "../../client/index.ts";
import type { RegistryOption, SchemaLookup } from "./types.ts";

/** The registry client of an option. */
export function registryOf({ registry }: RegistryOption): SchemaLookup {
  return typeof registry === "string" ? createRegistryClient({ url: registry }) : registry;
}
