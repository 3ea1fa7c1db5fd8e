/** What several modules do with the disk. */
export { makeFolder } from "./make-folder.ts";
