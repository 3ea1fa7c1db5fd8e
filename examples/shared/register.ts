/** Registers the schemas of topics. Nothing happens to a schema that is registered already. */
import type { AnyTopic, WireType } from "typewire";
import { createRegistryClient } from "typewire";
import { place } from "./place.js";

/** Registers keys and values that are Avro, and says which id each schema has. */
export async function registerSchemas(topics: readonly AnyTopic[]): Promise<void> {
  const registry = createRegistryClient({ url: place.registry });
  for (const { key, value } of topics) {
    for (const type of [key, value] as const) {
      const definition: WireType<never, unknown> = type;
      if (definition.kind !== "avro") continue;
      const { id } = await registry.register(definition.subject, { schema: definition.schema });
      console.log(`schema ${definition.subject} has id ${id}`);
    }
  }
}
