/**
 * The registry's error table on the wire: HTTP status, `error_code`, and Confluent's exact text.
 * A refusal is a value inside the registry; only the HTTP shell turns it into a response.
 *
 * Source: Confluent Schema Registry 8.x, `Errors` and the exception classes of its REST resources.
 */
import { isObject, witness } from "../base/index.ts";

/** One row: what a client sees. `{name}` in the message is replaced by a parameter. */
export interface RefusalRow {
  readonly status: number;
  readonly errorCode: number;
  readonly message: string;
  /** What to do next, for the documentation; never sent (the body has exactly two members). */
  readonly hint: string;
}

export const refusalRows = {
  SUBJECT_NOT_FOUND: {
    status: 404,
    errorCode: 40401,
    message: "Subject '{subject}' not found.",
    hint: "List the subjects with GET /subjects (add ?deleted=true for soft-deleted ones).",
  },
  VERSION_NOT_FOUND: {
    status: 404,
    errorCode: 40402,
    message: "Version {version} not found.",
    hint: "List the versions with GET /subjects/{subject}/versions.",
  },
  SCHEMA_NOT_FOUND: {
    status: 404,
    errorCode: 40403,
    message: "Schema not found",
    hint: "Register the schema under the subject first.",
  },
  SCHEMA_ID_NOT_FOUND: {
    status: 404,
    errorCode: 40403,
    message: "Schema {id} not found",
    hint: "Check that the id comes from this registry and this context.",
  },
  SUBJECT_SOFT_DELETED: {
    status: 404,
    errorCode: 40404,
    message: "Subject '{subject}' was soft deleted.Set permanent=true to delete permanently",
    hint: "Add ?permanent=true to delete it for good.",
  },
  SUBJECT_NOT_SOFT_DELETED: {
    status: 404,
    errorCode: 40405,
    message: "Subject '{subject}' was not deleted first before being permanently deleted",
    hint: "Delete the subject without ?permanent=true first.",
  },
  VERSION_SOFT_DELETED: {
    status: 404,
    errorCode: 40406,
    message:
      "Subject '{subject}' Version {version} was soft deleted.Set permanent=true to delete permanently",
    hint: "Add ?permanent=true to delete it for good.",
  },
  VERSION_NOT_SOFT_DELETED: {
    status: 404,
    errorCode: 40407,
    message:
      "Subject '{subject}' Version {version} was not deleted first before being permanently deleted",
    hint: "Delete the version without ?permanent=true first.",
  },
  LEVEL_NOT_CONFIGURED: {
    status: 404,
    errorCode: 40408,
    message: "Subject '{subject}' does not have subject-level compatibility configured",
    hint: "Add ?defaultToGlobal=true to see the level in force.",
  },
  MODE_NOT_CONFIGURED: {
    status: 404,
    errorCode: 40409,
    message: "Subject '{subject}' does not have subject-level mode configured",
    hint: "Add ?defaultToGlobal=true to see the mode in force.",
  },
  INCOMPATIBLE_SCHEMA: {
    status: 409,
    errorCode: 409,
    message:
      'Schema being registered is incompatible with an earlier schema for subject "{subject}", details: [{details}]',
    hint: "Each entry names the rule and the path; change the schema or the subject's level.",
  },
  INVALID_SCHEMA: {
    status: 422,
    errorCode: 42201,
    message: "{detail}",
    hint: "The text names the place in the schema and what would be right.",
  },
  INVALID_VERSION: {
    status: 422,
    errorCode: 42202,
    message:
      "The specified version '{version}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string \"latest\"",
    hint: 'Use a number from 1, or "latest".',
  },
  INVALID_LEVEL: {
    status: 422,
    errorCode: 42203,
    message:
      "Invalid compatibility level. Valid values are none, backward, forward, full, backward_transitive, forward_transitive, and full_transitive",
    hint: "Use one of the seven levels.",
  },
  UNSUPPORTED_POLICY: {
    status: 422,
    errorCode: 42203,
    message: "The compatibility policy LOGICAL is not supported: use STRICT, or none",
    hint: "Its rules beyond Avro's, for tables of Flink and Iceberg, are not checked here.",
  },
  INVALID_MODE: {
    status: 422,
    errorCode: 42204,
    message: "Invalid mode. Valid values are READWRITE, READONLY, IMPORT and FORWARD.",
    hint: "Use one of the modes.",
  },
  FORWARD_NOT_GLOBAL: {
    status: 422,
    errorCode: 42204,
    message: "Forward mode only supported on global level",
    hint: "Set it for every context with PUT /mode/:.__GLOBAL:.",
  },
  OPERATION_NOT_PERMITTED: {
    status: 422,
    errorCode: 42205,
    message: "{detail}",
    hint: "See the mode in force with GET /mode/{subject}?defaultToGlobal=true.",
  },
  NO_ID_LEFT: {
    status: 422,
    errorCode: 42205,
    message: "No schema id is left in context '{context}': ids end at 2147483647",
    hint: "Register under a context of its own (:.name:subject): ids begin at 1 there.",
  },
  NO_VERSION_LEFT: {
    status: 422,
    errorCode: 42205,
    message: "No version is left for subject '{subject}': versions end at 2147483647",
    hint: "Register under another subject, or delete the highest version permanently.",
  },
  REFERENCE_EXISTS: {
    status: 422,
    errorCode: 42206,
    message:
      "One or more references exist to the schema {magic=1,keytype=SCHEMA,subject={subject},version={version}}.",
    hint: "Find the referrers with GET /subjects/{subject}/versions/{version}/referencedby.",
  },
  INVALID_SUBJECT: {
    status: 422,
    errorCode: 42208,
    message: "The specified subject '{subject}' is not a valid.",
    hint: "No control characters; not __GLOBAL and not __EMPTY; no schemas in the context .__GLOBAL.",
  },
  SCHEMA_TOO_LARGE: {
    status: 422,
    errorCode: 42209,
    message: "{detail}",
    hint: "Split the schema with references, or raise the limit.",
  },
  REQUEST_TOO_COSTLY: {
    status: 422,
    errorCode: 42209,
    message:
      "Comparing the schemas of this request takes more than {limit} steps. Send fewer or smaller schemas, or raise --compatibility-steps-max (compatibilityStepsMax)",
    hint: "Make its unions or recursion smaller, send fewer schemas at once, compare with fewer versions, or raise --compatibility-steps-max.",
  },
  INVALID_RULE_SET: {
    status: 422,
    errorCode: 42210,
    message: "{detail}",
    hint: "The text names the rule and what is wrong with it.",
  },
  CONTEXT_NOT_EMPTY: {
    status: 422,
    errorCode: 42211,
    message: "The specified context '{context}' is not empty.",
    hint: "Delete the context's subjects permanently first; the default context stays.",
  },
  INVALID_CONTEXT: {
    status: 400,
    errorCode: 400,
    message: "Context name '{context}' cannot contain a colon",
    hint: "Write it as .name, name or :.name:.",
  },
  PRECONDITION_FAILED: {
    status: 412,
    errorCode: 412,
    message: "{detail}",
    hint: "Read the latest version, decide again, and send its ETag in If-Match.",
  },
  STORE_ERROR: {
    status: 500,
    errorCode: 50001,
    message: "{detail}",
    hint: "The registry's log has the cause: a full disk, a read-only file, or a lost cluster.",
  },
} as const satisfies Record<string, RefusalRow>;

/** Name of a row of the registry's error table. */
export type RefusalName = keyof typeof refusalRows;

/** Why the registry says no, as data. */
export interface Refusal {
  readonly refusal: RefusalName;
  readonly params: Readonly<Record<string, string | number>>;
}

/** Makes a refusal. */
export function refuse(
  refusal: RefusalName,
  params: Readonly<Record<string, string | number>> = {},
): Refusal {
  witness(refusal);
  return { refusal, params };
}

/** Whether a decision's outcome is a refusal. */
export function isRefusal(value: unknown): value is Refusal {
  return isObject(value) && "refusal" in value && "params" in value;
}

/** The text of a refusal, exactly as clients see it. */
export function refusalMessage({ refusal, params }: Refusal): string {
  return refusalRows[refusal].message.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(params, name) ? String(params[name]) : whole,
  );
}
