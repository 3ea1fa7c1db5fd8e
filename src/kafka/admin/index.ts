/** Looking after topics, and what clients check before they start. */
export type { Admin, TopicDefinition, TopicDescription } from "./admin.ts";
export { createAdmin } from "./admin.ts";
export { findTopic } from "./find-topic.ts";
export { assertVersionsReadable } from "./readable-versions.ts";
