/** Confluent's sentences that several commands share. */
import type { Refusal, RegisterSchemaRequest } from "../../api/index.ts";
import { refuse } from "../../api/index.ts";
import { contextKey, DEFAULT_CONTEXT, GLOBAL_KEY, splitSubject } from "../state/subjects.ts";

/** `Subject … in context … is in read-only mode`, or `is not in … mode`. */
export function notPermitted(key: string, mode: string, missing = false): Refusal {
  const subject = key === GLOBAL_KEY ? "null" : key;
  const context = contextText(key);
  return refuse("OPERATION_NOT_PERMITTED", {
    detail: `Subject ${subject} in context ${context} is ${missing ? "not " : ""}in ${mode} mode`,
  });
}

/** The context of a name as Confluent's sentences have it: with its colons, the default one empty. */
export function contextText(name: string): string {
  const { context } = splitSubject(name);
  return context === DEFAULT_CONTEXT ? "" : contextKey(context);
}

/** Whether a request's schema is Avro; absence says so, too. */
export function isAvro({ schemaType }: RegisterSchemaRequest): boolean {
  return (schemaType ?? "AVRO") === "AVRO";
}

/** Why a schema of another type than Avro is refused. */
export function notAvro({ schemaType: type }: RegisterSchemaRequest): Refusal {
  const detail =
    type === "JSON" || type === "PROTOBUF"
      ? `Schema type ${type} is not supported: this registry keeps Avro schemas only`
      : `Invalid schema type ${type}`;
  return refuse("INVALID_SCHEMA", { detail });
}

/** `Invalid schema {…}, details: …`, as Confluent prints the request. */
export function invalidSchema(
  subject: string,
  body: RegisterSchemaRequest,
  detail: string,
): Refusal {
  const references = (body.references ?? []).map(
    (reference) =>
      `{name='${reference.name}', subject='${reference.subject}', version=${reference.version}}`,
  );
  const members = [
    `subject=${subject}`,
    `version=${body.version ?? 0}`,
    `id=${body.id ?? -1}`,
    `schemaType=${body.schemaType ?? "AVRO"}`,
    `references=[${references.join(", ")}]`,
    `metadata=${body.metadata ? JSON.stringify(body.metadata) : "null"}`,
    `ruleSet=${body.ruleSet ? JSON.stringify(body.ruleSet) : "null"}`,
    `schema=${body.schema ?? ""}`,
  ];
  return refuse("INVALID_SCHEMA", {
    detail: `Invalid schema {${members.join(",")}}, details: ${detail}`,
  });
}
