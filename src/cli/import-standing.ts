/** Whether an entry of a list may lack references that its schema has: pure. */
import { parseSchema } from "../avro/index.ts";
import type { HeldVersion } from "./import-names.ts";

/**
 * Whether a schema without references does not stand on its own: then the list left them out, or the
 * schema is broken; asking for that version alone tells.
 */
export function needsReferences({ schema, schemaType, references }: HeldVersion): boolean {
  if (schemaType !== "AVRO" || references.length > 0) return false;
  try {
    parseSchema(schema, { mode: "stored" });
    return false;
  } catch {
    return true;
  }
}
