/** Looking after topics and groups, and what clients check before they start. */
export type { Admin, BrokerDescription, TopicDescription } from "./admin.ts";
export { createAdmin } from "./admin.ts";
export { findTopic } from "./find-topic.ts";
export type { GroupLag, PartitionOffsets, PartitionReset, ResetTarget } from "./offsets.ts";
export { assertVersionsReadable } from "./readable-versions.ts";
export type { StartCheckOptions, StartReport } from "./start-check.ts";
export { checkClients } from "./start-check.ts";
export type { TopicDefinition } from "./topic-config.ts";
export type { TopicChange, TopicPlan } from "./topic-plan.ts";
export { applyTopics, planTopics } from "./topic-plan.ts";
