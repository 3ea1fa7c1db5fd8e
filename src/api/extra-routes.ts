/**
 * Routes that no other registry of this API has. Confluent uses none of their paths, so its clients
 * never call them by accident.
 */
import { RegisterSchemaRequest } from "./entities.ts";
import { BatchRequest } from "./extra-entities.ts";
import type { RouteRow } from "./route-row.ts";
import { paging, registerRefusals, versionRefusals, writeRefusals } from "./route-row.ts";

/** The rows beyond Confluent's. */
export const extraRoutes = {
  "subjects.undelete": {
    method: "POST",
    path: "/subjects/{subject}/undelete",
    summary:
      "Brings back all soft-deleted versions, with their numbers and ids; answers the numbers.",
    access: { action: "write", on: "subject" },
    answer: "Integers",
    refusals: ["SUBJECT_NOT_FOUND", "INVALID_SCHEMA", ...writeRefusals],
  },
  "subjects.versions.undelete": {
    method: "POST",
    path: "/subjects/{subject}/versions/{version}/undelete",
    summary:
      "Brings back a soft-deleted version, with its number and id; a live one stays as it is.",
    access: { action: "write", on: "subject" },
    answer: "Integer",
    refusals: [...versionRefusals, "INVALID_SCHEMA", ...writeRefusals],
  },
  "subjects.plan": {
    method: "POST",
    path: "/subjects/{subject}/plan",
    summary: "What a registration would do, and what would have to change; writes nothing.",
    access: { action: "read", on: "subject" },
    query: { normalize: "boolean" },
    body: RegisterSchemaRequest,
    answer: "Plan",
    refusals: ["REQUEST_TOO_COSTLY"],
  },
  "batch.register": {
    method: "POST",
    path: "/batch",
    summary: "Registers several schemas, all or none; later ones may refer to earlier ones.",
    access: { action: "write", on: "items" },
    query: { dryRun: "boolean" },
    body: BatchRequest,
    answer: "Batch",
    refusals: ["SCHEMA_NOT_FOUND", ...registerRefusals, ...writeRefusals],
  },
  "changes.stream": {
    method: "GET",
    path: "/changes",
    summary: "What changes, as server-sent events.",
    access: { action: "read", on: "subjects" },
    query: { since: "string", once: "boolean", subjectPrefix: "string" },
    answer: "Changes",
    produces: "text/event-stream",
  },
  "search.find": {
    method: "GET",
    path: "/search",
    summary: "Finds live versions by field, type and words of docs.",
    access: { action: "read", on: "subjects" },
    query: { field: "string", type: "string", doc: "string", subjectPrefix: "string", ...paging },
    answer: "SearchHits",
  },
  "usage.list": {
    method: "GET",
    path: "/usage",
    summary: "Live versions and who read or registered them.",
    access: { action: "read", on: "subjects" },
    query: { subjectPrefix: "string", ...paging },
    answer: "Usages",
  },
  "subjects.versions.usage": {
    method: "GET",
    path: "/subjects/{subject}/versions/{version}/usage",
    summary: "Who read or registered a version.",
    access: { action: "read", on: "subject" },
    answer: "Usage",
    refusals: versionRefusals,
  },
} as const satisfies Record<string, RouteRow>;
