/** Golden bytes: what a record looks like on the wire, for snapshot tests. */
import type { RecordOf } from "../kafka/index.ts";
import { createProducer } from "../kafka/index.ts";
import type { AnyTopic, WireType } from "../schema/index.ts";
import { makeTestBroker } from "./test-broker.ts";

/** The bytes of a record, as hexadecimal digits; null where there are none. */
export interface GoldenBytes {
  readonly key: string | null;
  readonly value: string | null;
}

/** Ids in the frames; the registry of each environment gives its own. */
export interface GoldenIds {
  /** Default 1. */
  readonly keySchemaId?: number;
  /** Default 1, or 2 when the key is Avro too. */
  readonly schemaId?: number;
}

/**
 * The bytes that a producer sends for a record: frame (0, the schema id in four bytes) and body. They
 * change when the schema or the encoding changes, and then consumers of other teams see it too.
 *
 * @throws what `send` of a producer rejects with
 * @example
 * ```ts
 * import { goldenBytes } from "typewire/testing";
 * import { orders } from "./generated/orders.js";
 *
 * console.log(await goldenBytes(orders, { key: "o-17", value: { orderId: "o-17" } }));
 * ```
 */
export async function goldenBytes<T extends AnyTopic>(
  topic: T,
  record: RecordOf<T>,
  { keySchemaId = 1, schemaId }: GoldenIds = {},
): Promise<GoldenBytes> {
  const { broker, registry } = makeTestBroker();
  const { key, value }: Record<"key" | "value", WireType<never, unknown>> = topic;
  if (key.kind === "avro") registry.register(key, keySchemaId);
  if (value.kind === "avro") registry.register(value, schemaId);
  broker.addTopics([topic], { partitions: 1 });
  const producer = await createProducer(broker);
  try {
    await producer.send<unknown, unknown, unknown, unknown, boolean>(topic, {
      ...(record as object as { value: unknown }),
      partition: 0,
    });
  } finally {
    await producer.close();
  }
  const [sent] = broker.records(topic);
  return {
    key: sent?.keyBytes?.toString("hex") ?? null,
    value: sent?.valueBytes?.toString("hex") ?? null,
  };
}
