/**
 * What a typed producer and consumers do on a broker. The same cases run on the embedded Kafka, on
 * Apache Kafka and on the broker in memory; what only one of them can do is in their own files.
 */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type {
  BrokerList,
  ConsumerOptions,
  MessageOf,
  TypedConsumer,
  TypedProducer,
} from "../../src/kafka/index.ts";
import { createConsumer, createProducer } from "../../src/kafka/index.ts";
import type { AnyTopic } from "../../src/schema/index.ts";
import { renamed } from "../../src/schema/index.ts";
import type { MemoryRegistry } from "./fixtures.ts";
import { audit, fullRegistry, ordersV1, ordersV2, users } from "./fixtures.ts";

/** What a broker gives to the contract. */
export interface ContractBroker {
  readonly brokers: BrokerList;
  /** Makes topics exist, with 4 partitions each. */
  createTopics(names: readonly string[]): Promise<void>;
}

/** Quick on every broker. No short session: a busy machine must not cost anybody the membership. */
export const QUICK = { "fetch.wait.max.ms": 10 } as const;

/** A consumer that is run until it has seen so many messages. */
export async function readUntil<const Topics extends readonly AnyTopic[]>(
  options: Omit<ConsumerOptions<Topics>, "from"> & { from?: "earliest" },
  count: number,
): Promise<MessageOf<Topics[number]>[]> {
  const consumer = await createConsumer<Topics>({
    from: "earliest",
    librdkafka: QUICK,
    ...options,
  } as ConsumerOptions<Topics>);
  const seen: MessageOf<Topics[number]>[] = [];
  const { promise, resolve } = deferred();
  const running = consumer.run((message) => {
    seen.push(message);
    if (seen.length === count) resolve();
  });
  await Promise.race([promise, running]);
  await consumer.close();
  return seen;
}

export function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/**
 * Declares the contract's tests; call it inside a `describe`. `restarts` adds the case that needs a
 * group to form twice, which takes the embedded Kafka another three seconds.
 */
export function describeTypedClients(
  start: () => Promise<ContractBroker>,
  { restarts }: { readonly restarts: boolean },
): void {
  const registry: MemoryRegistry = fullRegistry();
  const run = randomUUID().slice(0, 8);
  const names = { orders: `orders-${run}`, users: `users-${run}`, audit: `audit-${run}` };
  const orders1 = renamed(ordersV1, names.orders);
  const orders2 = renamed(ordersV2, names.orders);
  const people = renamed(users, names.users);
  const log = renamed(audit, names.audit);
  let brokers: BrokerList;
  let producer: TypedProducer;
  const seen = {} as {
    everything: MessageOf<typeof orders1 | typeof people | typeof log>[];
    again: MessageOf<typeof orders1 | typeof people | typeof log>[];
    upgraded: MessageOf<typeof orders2>[];
    stopped: { error: unknown; handled: string[] };
    resumed: MessageOf<typeof orders1>[];
  };

  beforeAll(async () => {
    const broker = await start();
    ({ brokers } = broker);
    await broker.createTopics(Object.values(names));
    producer = await createProducer({ brokers, registry });
    await producer.send(orders1, {
      key: "o-1",
      value: { orderId: "o-1", amount: 19, status: "PAID" },
      headers: { trace: "t-1", empty: "" },
      timestamp: 1_700_000_000_000,
    });
    await producer.send(orders2, {
      key: "o-1",
      value: { orderId: "o-2", amount: 20, status: "NEW", note: "ünïcode" },
    });
    await producer.send(people, { key: { id: "u-1" }, value: { name: "Ada" } });
    await producer.send(people, { key: { id: "u-1" }, value: null });
    await producer.send(log, { value: "" });
    // A group takes seconds to form on the embedded broker: they form side by side.
    const all = [orders1, people, log] as const;
    const group = (name: string): string => `${name}-${run}`;
    const base = { brokers, registry };
    await Promise.all([
      readUntil({ ...base, group: group("a"), topics: all }, 5).then((messages) => {
        seen.everything = messages;
      }),
      readUntil({ ...base, group: group("b"), topics: all }, 5).then((messages) => {
        seen.again = messages;
      }),
      readUntil({ ...base, group: group("c"), topics: [orders2] }, 2).then((messages) => {
        seen.upgraded = messages;
      }),
      failOnSecond(group("d")).then(async (stopped) => {
        seen.stopped = stopped;
        if (!restarts) return;
        seen.resumed = await readUntil({ ...base, group: group("d"), topics: [orders1] }, 1);
      }),
    ]);
  }, 60_000);

  afterAll(async () => {
    await producer.close();
  });

  async function failOnSecond(group: string): Promise<{ error: unknown; handled: string[] }> {
    const consumer: TypedConsumer<typeof orders1> = await createConsumer({
      brokers,
      registry,
      group,
      topics: [orders1],
      from: "earliest",
      librdkafka: QUICK,
    });
    const handled: string[] = [];
    const error: unknown = await consumer
      .run(async ({ value }) => {
        if (value.orderId === "o-2") throw new Error("no stock");
        handled.push(value.orderId);
      })
      .catch((thrown: unknown) => thrown);
    return { error, handled };
  }

  test("keys, values, headers and timestamps arrive as they were sent", () => {
    const first = seen.everything.find(({ topic }) => topic === names.orders);
    expect(first).toMatchObject({
      key: "o-1",
      value: { orderId: "o-1", amount: 19, status: "PAID" },
      schemaId: 1,
      keySchemaId: undefined,
      timestamp: 1_700_000_000_000,
    });
    expect(first?.headers.get("trace")).toBe("t-1");
    expect(first?.headers.bytes("empty")).toEqual(Buffer.alloc(0));
    expect(first?.headers.get("absent")).toBeUndefined();
  });

  test("Avro keys carry their own schema id, and a tombstone is null", () => {
    const mine = seen.everything.filter(({ topic }) => topic === names.users);
    expect(mine).toMatchObject([
      { key: { id: "u-1" }, value: { name: "Ada" }, keySchemaId: 3, schemaId: 4 },
      { key: { id: "u-1" }, value: null, keySchemaId: 3, schemaId: undefined },
    ]);
    expect(mine[0]?.partition).toBe(mine[1]?.partition);
  });

  test("a topic without keys gives null keys, and empty text is not null", () => {
    const [mine] = seen.everything.filter(({ topic }) => topic === names.audit);
    expect(mine).toMatchObject({ key: null, value: "" });
  });

  test("two groups each get everything", () => {
    const sorted = (messages: readonly { topic: string; partition: number; offset: number }[]) =>
      messages.map((m) => `${m.topic}/${m.partition}@${m.offset}`).sort((a, b) => (a < b ? -1 : 1));
    expect(sorted(seen.again)).toEqual(sorted(seen.everything));
    expect(new Set(sorted(seen.again)).size).toBe(5);
  });

  test("a consumer compiled on v1 reads v2 without the field that it does not know", () => {
    const mine = seen.everything.filter(({ topic }) => topic === names.orders);
    expect(mine.map(({ value }) => value)).toEqual([
      { orderId: "o-1", amount: 19, status: "PAID" },
      { orderId: "o-2", amount: 20, status: "NEW" },
    ]);
    expect(mine.map(({ schemaId }) => schemaId)).toEqual([1, 2]);
  });

  test("a consumer compiled on v2 reads v1 with the default", () => {
    expect(seen.upgraded.map(({ value }) => value)).toEqual([
      { orderId: "o-1", amount: 19, status: "PAID", note: null },
      { orderId: "o-2", amount: 20, status: "NEW", note: "ünïcode" },
    ]);
  });

  test("a handler that throws stops the consumer at its record, named in the error", () => {
    expect(seen.stopped.handled).toEqual(["o-1"]);
    expect(seen.stopped.error).toMatchObject({
      code: "KAFKA_HANDLER_FAILED",
      details: { topic: names.orders, offset: 1, schemaId: 2, reason: "no stock" },
    });
  });

  if (!restarts) return;

  test("a restart goes on with exactly the record that failed", () => {
    expect(seen.resumed.map(({ value }) => value.orderId)).toEqual(["o-2"]);
  });
}
