/** Confluent's sentences about a schema that is refused. */
import type { Refusal, RegisterSchemaRequest } from "../../api/index.ts";
import { refuse } from "../../api/index.ts";

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
