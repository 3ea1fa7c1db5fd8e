/** What the compiler must refuse; compiled by `tsc -p tsconfig.json`, never run. */
import type { MessageOf, TypedConsumer, TypedProducer } from "../../src/kafka/index.ts";
import { createConsumer } from "../../src/kafka/index.ts";
import {
  avroType,
  bytesType,
  noKey,
  stringType,
  topic,
  unionType,
} from "../../src/schema/index.ts";

interface Order {
  orderId: string;
  quantity: bigint;
  status: "NEW" | "PAID";
}
interface OrderIn {
  orderId: string;
  quantity: bigint;
  status?: "NEW" | "PAID";
}

const descriptor = { subject: "s", name: "n", schema: '"string"', fingerprint: "0" };
const orders = topic({
  name: "orders",
  key: stringType,
  value: avroType<OrderIn, Order>(descriptor),
});
const users = topic({
  name: "users",
  key: avroType<{ id: string }, { id: string }>(descriptor),
  value: avroType<{ name: string }, { name: string }>(descriptor),
  compact: true,
});
const log = topic({ name: "log", key: noKey, value: bytesType });

declare const producer: TypedProducer;
const order: OrderIn = { orderId: "1", quantity: 1n };

export async function producing(): Promise<void> {
  await producer.send(orders, { key: "k", value: { orderId: "1", quantity: 1n, status: "PAID" } });
  await producer.send(orders, { key: "k", value: order });
  await producer.send(users, { key: { id: "1" }, value: null });
  await producer.send(log, { value: new Uint8Array() });
  await producer.sendMany(orders, [{ key: "k", value: order, headers: { a: "b" }, partition: 1 }]);

  // @ts-expect-error a field of the wrong type
  await producer.send(orders, { key: "k", value: { orderId: 1, quantity: 1n } });
  // @ts-expect-error a field that the type does not have
  await producer.send(orders, { key: "k", value: { orderId: "1", quantity: 1n, colour: "red" } });
  // @ts-expect-error a missing field
  await producer.send(orders, { key: "k", value: { quantity: 1n } });
  // @ts-expect-error a number where a long is
  await producer.send(orders, { key: "k", value: { orderId: "1", quantity: 1 } });
  // @ts-expect-error an unknown enum symbol
  await producer.send(orders, { key: "k", value: { orderId: "1", quantity: 1n, status: "LOST" } });
  // @ts-expect-error a tombstone on a topic that is not compacted
  await producer.send(orders, { key: "k", value: null });
  // @ts-expect-error a missing key
  await producer.send(orders, { value: order });
  // @ts-expect-error a key of the wrong type
  await producer.send(orders, { key: 7, value: order });
  // @ts-expect-error a key on a topic without keys
  await producer.send(log, { key: "k", value: new Uint8Array() });
  // @ts-expect-error a header that is not text
  await producer.send(orders, { key: "k", value: order, headers: { a: Buffer.from("b") } });
  const good = { key: "k", value: order };
  // @ts-expect-error a wrong record among many
  await producer.sendMany(orders, [good, { key: "k", value: null }]);
}

/** Errors stand at the property, so an editor underlines what is wrong and nothing else. */
export async function errorsStandAtTheirProperty(): Promise<void> {
  await producer.send(orders, {
    key: "k",
    value: {
      orderId: "1",
      quantity: 1n,
      // @ts-expect-error the symbol
      status: "LOST",
    },
  });
  await producer.send(orders, {
    key: "k",
    value: {
      orderId: "1",
      quantity: 1n,
      // @ts-expect-error the excess field
      colour: "red",
    },
  });
  await producer.send(orders, {
    key: "k",
    // @ts-expect-error the tombstone
    value: null,
  });
}

export async function consuming(): Promise<void> {
  const consumer = await createConsumer({
    brokers: [],
    registry: "http://localhost",
    group: "g",
    topics: [orders, users, log],
    from: "earliest",
  });
  await consumer.run((message) => {
    // @ts-expect-error the value is not known before the topic is
    void message.value.orderId;
    if (message.topic === "orders") {
      const text: string = message.key;
      const status: "NEW" | "PAID" = message.value.status;
      void [text, status];
      // @ts-expect-error a decoded long is a bigint
      const quantity: number = message.value.quantity;
      // @ts-expect-error a bigint and a number don't add up
      void (message.value.quantity + 1);
      void quantity;
    } else if (message.topic === "users") {
      // @ts-expect-error it may be a tombstone
      void message.value.name;
      void message.value?.name;
    } else {
      const nothing: null = message.key;
      const bytes: Uint8Array = message.value;
      void [nothing, bytes];
    }
    // @ts-expect-error no such topic
    void (message.topic === "ships");
  });
  // @ts-expect-error where to begin is a choice
  await createConsumer({ brokers: [], registry: "", group: "g", topics: [orders] });
}

export function batches(consumer: TypedConsumer<typeof orders | typeof users>): Promise<void> {
  return consumer.runBatch((batch) => {
    if (batch.topic === "orders") {
      for (const { value } of batch.messages) void value.orderId;
    }
  });
}

export type OrderMessage = MessageOf<typeof orders>;
export const tombstone: MessageOf<typeof users>["value"] = null;
// @ts-expect-error no tombstones here
export const noTombstone: OrderMessage["value"] = null;

/** Several record types in one topic. */
const placed = avroType<OrderIn, Order, "shop.Placed">({ ...descriptor, name: "shop.Placed" });
const cancelled = avroType<{ orderId: string }, { orderId: string; why: string }, "shop.Cancelled">(
  { ...descriptor, name: "shop.Cancelled" },
);
const events = topic({
  name: "events",
  key: unionType([cancelled]),
  value: unionType([placed, cancelled]),
});

export async function producingOneOfSeveral(): Promise<void> {
  const key = { $type: "shop.Cancelled", orderId: "1" } as const;
  await producer.send(events, { key, value: { $type: "shop.Placed", orderId: "1", quantity: 1n } });
  await producer.send(events, { key, value: { $type: "shop.Cancelled", orderId: "1" } });
  // @ts-expect-error it does not say which type it is
  await producer.send(events, { key, value: { orderId: "1" } });
  // @ts-expect-error no such type
  await producer.send(events, { key, value: { $type: "shop.Shipped", orderId: "1" } });
  // @ts-expect-error a field of the other type is missing
  await producer.send(events, { key, value: { $type: "shop.Placed", orderId: "1" } });
  const wrong = { $type: "shop.Placed", orderId: "1", quantity: 1n } as const;
  // @ts-expect-error the key has one type only
  await producer.send(events, { key: wrong, value: key });
  // @ts-expect-error a union has a member
  unionType([]);
  // @ts-expect-error text has no name
  unionType([stringType]);
}

export function consumingOneOfSeveral(consumer: TypedConsumer<typeof events>): Promise<void> {
  return consumer.run(({ value }) => {
    void value.orderId;
    // @ts-expect-error only one of the types has it
    void value.why;
    switch (value.$type) {
      case "shop.Placed":
        return void (value.quantity + 1n);
      case "shop.Cancelled":
        return void value.why.length;
      default: {
        const nothing: never = value;
        return nothing;
      }
    }
  });
}
