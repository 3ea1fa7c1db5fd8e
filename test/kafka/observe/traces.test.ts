import * as api from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { RecordHeaders } from "../../../src/kafka/contract/index.ts";
import { openTelemetry } from "../../../src/kafka/observe/index.ts";

const client = { kind: "consumer", clientId: "c", group: "g" } as const;
const exporter = new InMemorySpanExporter();
const tracing = openTelemetry(api);

beforeAll(() => {
  api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  api.propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  const processor = new SimpleSpanProcessor(exporter);
  api.trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [processor] }));
});
afterAll(() => {
  api.context.disable();
  api.propagation.disable();
  api.trace.disable();
});
beforeEach(() => exporter.reset());

const info = { client, topic: "orders", key: "k1", tombstone: false } as const;

function received(headers: Readonly<Record<string, string>> | undefined, offset = 3) {
  const pairs = Object.entries(headers ?? {}).map(
    ([name, value]) => [name, Buffer.from(value)] as const,
  );
  return { offset, key: "k1", value: {} as unknown, headers: new RecordHeaders(pairs) };
}

const processing = (messages: ReturnType<typeof received>[], batch = false) => ({
  client,
  topic: "orders",
  partition: 2,
  messages,
  batch,
});

test("a handler's span is a child of the sender's, and linked to it", async () => {
  const send = tracing.send(info, { "x-own": "1" });
  send.delivered(2, 3);
  expect(send.headers).toMatchObject({ "x-own": "1", traceparent: expect.any(String) as string });
  await tracing.process(processing([received(send.headers)]), async () => undefined);
  const [sent, processed] = exporter.getFinishedSpans();
  expect(sent?.name).toBe("send orders");
  expect(processed?.name).toBe("process orders");
  expect(processed?.parentSpanContext?.spanId).toBe(sent?.spanContext().spanId);
  expect(processed?.links.map(({ context }) => context.spanId)).toEqual([
    sent?.spanContext().spanId,
  ]);
});

test("the attributes are those of the messaging conventions, without a payload", () => {
  const send = tracing.send({ ...info, tombstone: true }, undefined);
  send.delivered(2, 3);
  tracing.process(processing([{ ...received(send.headers), value: null }]), () => 1);
  const [sent, processed] = exporter.getFinishedSpans();
  expect(sent?.attributes).toEqual({
    "messaging.system": "kafka",
    "messaging.operation.name": "send",
    "messaging.operation.type": "send",
    "messaging.destination.name": "orders",
    "messaging.client.id": "c",
    "messaging.kafka.message.key": "k1",
    "messaging.kafka.message.tombstone": true,
    "messaging.destination.partition.id": "2",
    "messaging.kafka.offset": 3,
  });
  expect(processed?.attributes).toEqual({
    "messaging.system": "kafka",
    "messaging.operation.name": "process",
    "messaging.operation.type": "process",
    "messaging.destination.name": "orders",
    "messaging.destination.partition.id": "2",
    "messaging.client.id": "c",
    "messaging.consumer.group.name": "g",
    "messaging.kafka.offset": 3,
    "messaging.kafka.message.key": "k1",
    "messaging.kafka.message.tombstone": true,
  });
});

test("spans of the handler are inside; the caller's trace is the sender's parent", async () => {
  const tracer = api.trace.getTracer("test");
  const outer = tracer.startSpan("request");
  const send = api.context.with(api.trace.setSpan(api.context.active(), outer), () =>
    tracing.send(info, undefined),
  );
  send.delivered(0, 0);
  await tracing.process(processing([received(send.headers)]), async () => {
    await Promise.resolve();
    tracer.startSpan("query").end();
  });
  outer.end();
  const ids = new Map(exporter.getFinishedSpans().map((span) => [span.name, span]));
  const parentOf = (name: string) => ids.get(name)?.parentSpanContext?.spanId;
  expect(parentOf("send orders")).toBe(outer.spanContext().spanId);
  expect(parentOf("query")).toBe(ids.get("process orders")?.spanContext().spanId);
});

test("a batch has links to its senders and no parent among them", () => {
  const sends = [tracing.send(info, undefined), tracing.send(info, undefined)];
  for (const send of sends) send.delivered(0, 0);
  const messages = [...sends.map((send, i) => received(send.headers, i)), received(undefined)];
  tracing.process(processing(messages, true), () => undefined);
  const span = exporter.getFinishedSpans().at(-1);
  expect(span?.links).toHaveLength(2);
  expect(span?.parentSpanContext).toBeUndefined();
  expect(span?.attributes["messaging.batch.message_count"]).toBe(3);
});

test("a context that the caller set is not overwritten", () => {
  const own = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const send = tracing.send(info, { traceparent: own });
  expect(send.headers?.["traceparent"]).toBe(own);
  send.failed(new Error("x"));
});

test.each([
  [
    "thrown",
    () => {
      throw new RangeError("no");
    },
  ],
  ["rejected", () => Promise.reject(new RangeError("no"))],
])("what was %s comes back unchanged, and the span says its kind", async (_, run) => {
  await expect(
    (async () => tracing.process(processing([received(undefined)]), run))(),
  ).rejects.toThrow(new RangeError("no"));
  const [span] = exporter.getFinishedSpans();
  expect(span?.attributes["error.type"]).toBe("RangeError");
  expect(span?.status.code).toBe(api.SpanStatusCode.ERROR);
});

test("headers of hostile names are carried, not obeyed", () => {
  const hostile = JSON.parse('{"__proto__": "x", "constructor": "y"}') as Record<string, string>;
  const { headers } = tracing.send(info, hostile);
  expect(Object.entries(headers ?? {}).slice(0, 2)).toEqual([
    ["__proto__", "x"],
    ["constructor", "y"],
  ]);
});

test("the parent can be left out", () => {
  const send = tracing.send(info, undefined);
  send.delivered(0, 0);
  openTelemetry(api, { parent: "none", clusterId: "abc" }).process(
    processing([received(send.headers)]),
    () => undefined,
  );
  const span = exporter.getFinishedSpans().at(-1);
  expect(span?.parentSpanContext).toBeUndefined();
  expect(span?.links).toHaveLength(1);
  expect(span?.attributes["messaging.kafka.cluster.id"]).toBe("abc");
});

test("refuses an API that is none", () => {
  expect(() => openTelemetry({} as never)).toThrow(
    expect.objectContaining({ code: "KAFKA_OPTION_INVALID" }),
  );
});
