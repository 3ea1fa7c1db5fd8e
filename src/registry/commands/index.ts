/** Commands: what may change the state. Each decides, purely, which records to append. */

export type { BatchItem, BatchResult } from "./batch.ts";
export { decideBatch } from "./batch.ts";
export { decideDeleteConfig, decideUpdateConfig } from "./config.ts";
export { decideDeleteContext } from "./context.ts";
export { decideDeleteSubject, decideDeleteVersion } from "./delete.ts";
export { decideDeleteMode, decideUpdateMode } from "./mode.ts";
export type { Decision, Outcome } from "./outcome.ts";
export { decideWithin } from "./outcome.ts";
export { planRegistration } from "./plan.ts";
export { decideRegister, findRegistered } from "./register.ts";
export { decideTagVersion } from "./tag-version.ts";
export { decideUndeleteSubject, decideUndeleteVersion } from "./undelete.ts";
