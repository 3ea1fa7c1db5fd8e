/** Entities as text, at the API level that the server is set to. */
import type { IncomingHttpHeaders } from "node:http";
import type { Operation } from "../api/index.ts";

/** The header by which newer clients say that they take members they do not know. */
const ACCEPTS_MORE = "confluent-accept-unknown-properties";

export interface Presenter {
  /** One entity. */
  text(entity: unknown): string;
  /** The answer of a route. */
  answer(route: Operation, outcome: unknown, headers: IncomingHttpHeaders): string;
}

export function createPresenter(sendsLevel8: boolean): Presenter {
  const text = sendsLevel8
    ? (entity: unknown) => JSON.stringify(entity)
    : (entity: unknown) => JSON.stringify(beforeLevel8(entity));
  return {
    text,
    answer: (route, outcome, headers) => {
      if (route === "subjects.versions.register" || route === "subjects.versions.modify-tags") {
        // Strict clients of old releases know `id` alone.
        const takesMore = headers[ACCEPTS_MORE] === "true";
        return takesMore ? text(outcome) : JSON.stringify({ id: idOf(outcome) });
      }
      return sendsLevel8 ? text(outcome) : JSON.stringify(insideBeforeLevel8(outcome));
    },
  };
}

function idOf(outcome: unknown): unknown {
  return typeof outcome === "object" && outcome !== null && "id" in outcome
    ? outcome.id
    : undefined;
}

/** Schemas in a list, in a batch and in a plan too. */
function insideBeforeLevel8(outcome: unknown): unknown {
  if (Array.isArray(outcome)) return outcome.map(beforeLevel8);
  if (typeof outcome !== "object" || outcome === null) return outcome;
  if ("items" in outcome && Array.isArray(outcome.items)) {
    return { ...outcome, items: outcome.items.map(beforeLevel8) };
  }
  if ("registered" in outcome) return { ...outcome, registered: beforeLevel8(outcome.registered) };
  return beforeLevel8(outcome);
}

/**
 * Without what Confluent added in 8.0; Avro is the type of a schema that names none. An answer by id,
 * which has no `id` itself, did not say which subject and version it was found under.
 */
function beforeLevel8(entity: unknown): unknown {
  if (typeof entity !== "object" || entity === null || !("schema" in entity)) return entity;
  const old = { schemaType: undefined, guid: undefined, ts: undefined, deleted: undefined };
  const place = "id" in entity ? {} : { subject: undefined, version: undefined };
  return { ...entity, ...old, ...place };
}
