/** What a client sees when the store fails: only the code, because the text may name files. */
import { isTypewireError } from "../base/index.ts";

/** Whether an error comes from the store. */
export function isStoreError(error: unknown): boolean {
  return isTypewireError(error) && error.code.startsWith("STORE_");
}

/** What the codes mean to somebody who does not run the registry. */
const MEANINGS: ReadonlyMap<string, string> = new Map([
  ["STORE_FULL", "its disk is full"],
  ["STORE_READ_ONLY", "it can't be written"],
  ["STORE_BUSY", "another process held it for too long"],
  ["STORE_DAMAGED", "it is damaged"],
  ["STORE_FILE_REPLACED", "its files were deleted, moved or replaced"],
]);

/** One sentence. */
export function reasonOf(error: unknown): string {
  if (!isTypewireError(error)) return "The registry's store failed";
  const meaning = MEANINGS.get(error.code);
  const text = `The registry's store failed: ${error.code}`;
  return meaning === undefined ? text : `${text} (${meaning})`;
}
