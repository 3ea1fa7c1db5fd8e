/** `/openapi.json`, from the route table. */
import type { QueryKind, RefusalName, RouteRow } from "../api/index.ts";
import { answerSchemas, MEDIA_TYPES, refusalRows, routes } from "../api/index.ts";

const ERROR_REF = { $ref: "#/components/schemas/Error" };

/** The OpenAPI 3.1 document of the registry, as text. */
export function openApiText(version: string): string {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [operation, row] of Object.entries<RouteRow>(routes)) {
    const item = paths[row.path] ?? {};
    item[row.method.toLowerCase()] = operationOf(operation, row);
    paths[row.path] = item;
  }
  return JSON.stringify({
    openapi: "3.1.0",
    info: {
      title: "typewire schema registry",
      version,
      description:
        "Confluent's schema registry API for Avro, and more. Every path is also there under /contexts/{context}.",
    },
    paths,
    components: {
      schemas: {
        ...answerSchemas,
        Error: {
          type: "object",
          required: ["error_code", "message"],
          additionalProperties: false,
          properties: { error_code: { type: "integer" }, message: { type: "string" } },
        },
      },
    },
  });
}

function operationOf(operationId: string, row: RouteRow): Record<string, unknown> {
  const isEmpty = row.answer === "Nothing";
  return {
    operationId,
    summary: row.summary,
    parameters: [...pathParameters(row.path), ...queryParameters(row.query ?? {})],
    ...(row.body === undefined
      ? {}
      : { requestBody: { required: true, content: contentOf(row.body) } }),
    responses: {
      ...(isEmpty
        ? { 204: { description: "Done" } }
        : {
            200: {
              description: "The answer",
              content: contentOf({ $ref: `#/components/schemas/${row.answer}` }, row.produces),
            },
          }),
      ...refusalResponses(row.refusals ?? []),
      default: { description: "Any other error", content: contentOf(ERROR_REF) },
    },
  };
}

function pathParameters(path: string): unknown[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: name === "id" ? "integer" : "string" },
  }));
}

function queryParameters(query: Readonly<Record<string, QueryKind>>): unknown[] {
  return Object.entries(query).map(([name, kind]) => ({
    name,
    in: "query",
    schema: kind === "strings" ? { type: "array", items: { type: "string" } } : { type: kind },
  }));
}

/** Refusals by status; the description lists the codes and what each one says. */
function refusalResponses(names: readonly RefusalName[]): Record<string, unknown> {
  const byStatus = new Map<number, string[]>();
  for (const name of names) {
    const { status, errorCode, message } = refusalRows[name];
    byStatus.set(status, [...(byStatus.get(status) ?? []), `${errorCode}: ${message}`]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, lines]) => [
      status,
      { description: lines.join("\n"), content: contentOf(ERROR_REF) },
    ]),
  );
}

function contentOf(schema: object, type?: string): Record<string, unknown> {
  const types = type === undefined ? MEDIA_TYPES : [type];
  return Object.fromEntries(types.map((name) => [name, { schema }]));
}
