/**
 * OpenTelemetry spans by the messaging conventions (semconv 1.44): `send T`, `process T`.
 *
 * Invariants:
 * - The API object comes from the application, so there is one of it, and no dependency of ours.
 * - A message's own context is the parent of its `process` span (an option) and always a link; a
 *   batch has links only.
 * - Never a payload; a key only when it is text or a number.
 */
import type {
  KafkaTracing,
  ProcessInfo,
  RecordHeaders,
  SendInfo,
  SendSpan,
} from "../contract/index.ts";
import { checkKafka, TRACES } from "../contract/index.ts";

type Attributes = Record<string, string | number | boolean>;

/** A span, as far as it is used here. */
export interface OtelSpan {
  spanContext(): OtelSpanContext;
  setAttribute(name: string, value: string | number | boolean): unknown;
  setStatus(status: { code: number; message?: string }): unknown;
  recordException(exception: { name: string; message: string }): void;
  end(): void;
}

/** The identity of a span. */
export interface OtelSpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
}

/**
 * What is used of `@opentelemetry/api`; pass the module itself. `Context` is its own opaque type.
 */
export interface OtelApi<Context> {
  readonly context: {
    active(): Context;
    with<R>(context: Context, run: () => R): R;
  };
  readonly trace: {
    getTracer(
      name: string,
      version?: string,
    ): {
      startSpan(
        name: string,
        options: {
          kind: number;
          attributes: Attributes;
          links: { context: OtelSpanContext }[];
        },
        context?: Context,
      ): OtelSpan;
    };
    setSpan(context: Context, span: OtelSpan): Context;
    getSpanContext(context: Context): OtelSpanContext | undefined;
  };
  readonly propagation: {
    inject<Carrier>(
      context: Context,
      carrier: Carrier,
      setter: { set(carrier: Carrier, name: string, value: string): void },
    ): void;
    extract<Carrier>(
      context: Context,
      carrier: Carrier,
      getter: {
        keys(carrier: Carrier): string[];
        get(carrier: Carrier, name: string): string | undefined;
      },
    ): Context;
  };
  readonly ROOT_CONTEXT: Context;
}

/** How spans are made. */
export interface OpenTelemetryOptions {
  /** The parent of a `process` span of one message: its producer's span, or nothing. Default `"message"`. */
  readonly parent?: "message" | "none";
  /** The cluster's id, when it is known: `messaging.kafka.cluster.id`. */
  readonly clusterId?: string;
}

const KIND_PRODUCER = 3;
const KIND_CONSUMER = 4;
const STATUS_ERROR = 2;

const headerGetter = {
  keys: (headers: RecordHeaders): string[] => headers.entries.map(([name]) => name),
  get: (headers: RecordHeaders, name: string): string | undefined => headers.get(name),
};

const headerSetter = {
  set(headers: Map<string, string>, name: string, value: string): void {
    if (!headers.has(name)) headers.set(name, value);
  },
};

/**
 * Spans for the clients' `tracing` option. Without an SDK every call does nothing.
 *
 * @param api the module `@opentelemetry/api` of the application
 *
 * @example
 * ```ts
 * import * as api from "@opentelemetry/api";
 * import { createProducer, openTelemetry } from "typewire/kafka";
 *
 * const producer = await createProducer({
 *   brokers: ["localhost:9092"],
 *   registry: "http://localhost:8081",
 *   tracing: openTelemetry(api),
 * });
 * ```
 */
export function openTelemetry<Context>(
  api: OtelApi<Context>,
  { parent = "message", clusterId }: OpenTelemetryOptions = {},
): KafkaTracing {
  checkKafka(TRACES, { api });
  const tracer = api.trace.getTracer("typewire");
  const common: Attributes = { "messaging.system": "kafka" };
  if (clusterId !== undefined) common["messaging.kafka.cluster.id"] = clusterId;

  const send = (info: SendInfo, given: Readonly<Record<string, string>> | undefined): SendSpan => {
    const attributes = { ...common, ...sendAttributes(info) };
    const active = api.context.active();
    const options = { kind: KIND_PRODUCER, attributes, links: [] };
    const span = tracer.startSpan(`send ${info.topic}`, options, active);
    const headers = new Map(Object.entries(given ?? {}));
    api.propagation.inject(api.trace.setSpan(active, span), headers, headerSetter);
    return {
      headers: headers.size === 0 ? given : plainHeaders(headers),
      delivered(partition, offset) {
        span.setAttribute("messaging.destination.partition.id", String(partition));
        if (offset >= 0) span.setAttribute("messaging.kafka.offset", offset);
        span.end();
      },
      failed: (error) => endWith(span, error),
    };
  };

  const process = <T>(info: ProcessInfo, run: () => T): T => {
    const links: { context: OtelSpanContext }[] = [];
    let from = api.context.active();
    for (const { headers } of info.messages) {
      const sent = api.propagation.extract(api.ROOT_CONTEXT, headers, headerGetter);
      const context = api.trace.getSpanContext(sent);
      if (context === undefined) continue;
      links.push({ context });
      if (!info.batch && parent === "message") from = sent;
    }
    const attributes = { ...common, ...processAttributes(info) };
    const options = { kind: KIND_CONSUMER, attributes, links };
    const span = tracer.startSpan(`process ${info.topic}`, options, from);
    return runInside(span, () => api.context.with(api.trace.setSpan(from, span), run));
  };
  return { send, process };
}

/** Ends the span when `run` is over, whether it waits or not. */
function runInside<T>(span: OtelSpan, run: () => T): T {
  let result: T;
  try {
    result = run();
  } catch (error) {
    endWith(span, error);
    throw error;
  }
  if (!isThenable(result)) {
    span.end();
    return result;
  }
  return result.then(
    (value: unknown) => {
      span.end();
      return value;
    },
    (error: unknown) => {
      endWith(span, error);
      throw error;
    },
  ) as T;
}

function isThenable(value: unknown): value is Promise<unknown> {
  return typeof value === "object" && value !== null && "then" in value;
}

/** An object that no header's name can do harm to. */
function plainHeaders(headers: ReadonlyMap<string, string>): Record<string, string> {
  const plain = Object.create(null) as Record<string, string>;
  for (const [name, value] of headers) plain[name] = value;
  return plain;
}

function endWith(span: OtelSpan, error: unknown): void {
  const type = errorType(error);
  span.setAttribute("error.type", type);
  span.setStatus({ code: STATUS_ERROR, message: messageOf(error) });
  span.recordException({ name: type, message: messageOf(error) });
  span.end();
}

function sendAttributes({ client, topic, key, tombstone }: SendInfo): Attributes {
  return {
    "messaging.operation.name": "send",
    "messaging.operation.type": "send",
    "messaging.destination.name": topic,
    "messaging.client.id": client.clientId,
    ...keyAttribute(key),
    ...(tombstone && { "messaging.kafka.message.tombstone": true }),
  };
}

function processAttributes({ client, topic, partition, messages, batch }: ProcessInfo): Attributes {
  const [first] = messages;
  return {
    "messaging.operation.name": "process",
    "messaging.operation.type": "process",
    "messaging.destination.name": topic,
    "messaging.destination.partition.id": String(partition),
    "messaging.client.id": client.clientId,
    ...(client.group !== undefined && { "messaging.consumer.group.name": client.group }),
    ...(batch && { "messaging.batch.message_count": messages.length }),
    ...(first !== undefined && { "messaging.kafka.offset": first.offset }),
    ...(!batch && keyAttribute(first?.key)),
    ...(!batch && first?.value === null && { "messaging.kafka.message.tombstone": true }),
  };
}

function keyAttribute(key: unknown): Attributes {
  const isShown = typeof key === "string" || typeof key === "number" || typeof key === "bigint";
  return isShown ? { "messaging.kafka.message.key": String(key) } : {};
}

/** Few different values: a code, or the name of the error's class. */
export function errorType(error: unknown): string {
  if (typeof error === "object" && error !== null) {
    if ("code" in error && typeof error.code === "string") return error.code;
    if (error instanceof Error) return error.name;
  }
  return "_OTHER";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "";
}
