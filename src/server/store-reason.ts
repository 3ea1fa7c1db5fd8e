/** What a client gets to see of a failed store: the code, because the text may name files. */
import { isTypewireError } from "../errors.ts";

/** Whether an error comes from the store. */
export function isStoreError(error: unknown): boolean {
  return isTypewireError(error) && error.code.startsWith("STORE_");
}

/** One sentence. */
export function reasonOf(error: unknown): string {
  return isTypewireError(error)
    ? `The registry's store failed: ${error.code}`
    : "The registry's store failed";
}
