/**
 * Routes that no other registry of this API has. Their paths are none of Confluent's, so that its
 * clients meet none of them.
 */
import { RegisterSchemaRequest } from "./entities.ts";
import { BatchRequest } from "./extra-entities.ts";
import type { RouteRow } from "./route-row.ts";
import { paging, registerRefusals, versionRefusals, writeRefusals } from "./route-row.ts";

/** The rows beyond Confluent's. */
export const extraRoutes = {
  E1: {
    method: "POST",
    path: "/subjects/{subject}/undelete",
    operation: "subjects.undelete",
    summary:
      "Brings back all soft-deleted versions, with their numbers and ids; answers the numbers.",
    answer: "Integers",
    refusals: ["SUBJECT_NOT_FOUND", "INVALID_SCHEMA", ...writeRefusals],
  },
  E2: {
    method: "POST",
    path: "/subjects/{subject}/versions/{version}/undelete",
    operation: "subjects.versions.undelete",
    summary:
      "Brings back a soft-deleted version, with its number and id; a live one stays as it is.",
    answer: "Integer",
    refusals: [...versionRefusals, "INVALID_SCHEMA", ...writeRefusals],
  },
  E3: {
    method: "POST",
    path: "/subjects/{subject}/plan",
    operation: "subjects.plan",
    summary: "What a registration would do, and what would have to change; writes nothing.",
    query: { normalize: "boolean" },
    body: RegisterSchemaRequest,
    answer: "Plan",
    refusals: ["REQUEST_TOO_COSTLY"],
  },
  E4: {
    method: "POST",
    path: "/batch",
    operation: "batch.register",
    summary: "Registers several schemas, all or none; later ones may refer to earlier ones.",
    query: { dryRun: "boolean" },
    body: BatchRequest,
    answer: "Batch",
    refusals: ["SCHEMA_NOT_FOUND", ...registerRefusals, ...writeRefusals],
  },
  E5: {
    method: "GET",
    path: "/changes",
    operation: "changes.stream",
    summary: "What changes, as server-sent events.",
    query: { since: "string", once: "boolean", subjectPrefix: "string" },
    answer: "Changes",
    produces: "text/event-stream",
  },
  E6: {
    method: "GET",
    path: "/search",
    operation: "search.find",
    summary: "Finds live versions by field, type and words of docs.",
    query: { field: "string", type: "string", doc: "string", subjectPrefix: "string", ...paging },
    answer: "SearchHits",
  },
  E7: {
    method: "GET",
    path: "/usage",
    operation: "usage.list",
    summary: "Live versions and who read or registered them.",
    query: { subjectPrefix: "string", ...paging },
    answer: "Usages",
  },
  E8: {
    method: "GET",
    path: "/subjects/{subject}/versions/{version}/usage",
    operation: "subjects.versions.usage",
    summary: "Who read or registered a version.",
    answer: "Usage",
    refusals: versionRefusals,
  },
} as const satisfies Record<string, RouteRow>;
