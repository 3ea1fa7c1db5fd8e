/**
 * Typed produce and consume against raw node-rdkafka with its best settings and ready-made bytes, on
 * one Apache Kafka broker. Contenders take turns on topics of their own; what counts is the median
 * of the ratios, and process CPU a message, which is the steadier figure.
 *
 * TYPEWIRE_BENCH_BROKERS uses a running cluster; TYPEWIRE_BENCH_RECORDS and TYPEWIRE_BENCH_ROUNDS
 * change the size.
 */
import kafka from "node-rdkafka";
import { createEncoder, parseSchema } from "../dist/src/avro/index.js";
import {
  createAdmin,
  createConsumer,
  createProducer,
  partitionOfKey,
} from "../dist/src/kafka/index.js";
import { avroType, renamed, stringType, topic } from "../dist/src/schema/index.js";
import { writeFrameHeader } from "../dist/src/wire/index.js";
import { startKafka } from "../test/brokers/cluster.mjs";

const RECORDS = Number(process.env.TYPEWIRE_BENCH_RECORDS ?? 200_000);
const ROUNDS = Number(process.env.TYPEWIRE_BENCH_ROUNDS ?? 5);
const PARTITIONS = 4;
const WINDOW = 10_000;
/** What callers keep open on top, so that the client's `maxInFlight` and not the caller is the limit. */
const OPEN_MAX = 2 * WINDOW;
const CHUNK = 1_000;
const LATENCY_RECORDS = 300;
const SCHEMA_ID = 1;

const schema = JSON.stringify({
  type: "record",
  name: "bench.Order",
  fields: [
    { name: "orderId", type: "string" },
    { name: "customerId", type: "string" },
    { name: "quantity", type: "int" },
    { name: "price", type: "double" },
    { name: "status", type: { type: "enum", name: "Status", symbols: ["NEW", "PAID", "SHIPPED"] } },
    { name: "note", type: ["null", "string"], default: null },
  ],
});
const parsed = parseSchema(schema, { mode: "strict" });
const order = avroType({ subject: "bench-value", name: "bench.Order", schema, fingerprint: "0" });
const orders = topic({ name: "bench", key: stringType, value: order });
/** Answers at once: the registry is not what is measured. */
const registry = {
  idOf: async () => SCHEMA_ID,
  parsedById: async () => parsed,
  peekParsed: () => parsed,
};

const values = Array.from({ length: 1_000 }, (_, i) => ({
  orderId: `0d6b1c52-7a3e-4a53-9a3c-${String(i).padStart(12, "0")}`,
  customerId: `customer-${i % 97}`,
  quantity: i,
  price: i * 1.25,
  status: ["NEW", "PAID", "SHIPPED"][i % 3],
  note: "leave it at the door, please; ring twice",
}));
const records = values.map((value) => ({ key: value.orderId, value }));
const encoder = createEncoder(parsed);
const ready = values.map((value) => {
  const buffer = Buffer.alloc(512);
  const end = encoder.encode(value, buffer, writeFrameHeader(buffer, 0, SCHEMA_ID));
  const key = Buffer.from(value.orderId);
  const partition = partitionOfKey(key, 0, key.length, PARTITIONS);
  return { key, partition, value: Buffer.from(buffer.subarray(0, end)) };
});

const turn = () => new Promise((resolve) => setImmediate(resolve));

function until() {
  let resolve;
  const promise = new Promise((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** Time and CPU of an asynchronous piece of work, per record. */
async function measure(work) {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { perSecond: RECORDS / seconds, micros: (user + system) / RECORDS };
}

async function rawProducer(brokers) {
  const client = new kafka.Producer(
    {
      "bootstrap.servers": brokers.join(","),
      "enable.idempotence": true,
      "linger.ms": 5,
      dr_cb: true,
    },
    { acks: "all" },
  );
  await new Promise((resolve, reject) => {
    client.connect({ allTopics: false }, (error) => (error ? reject(error) : resolve()));
  });
  client.setPollInterval(2);
  let reported = 0;
  let failed = 0;
  const waiting = new Map();
  client.on("delivery-report", (error, { opaque, partition, offset }) => {
    reported++;
    if (error) failed++;
    if (opaque === undefined) return;
    waiting.get(opaque)({ partition, offset });
    waiting.delete(opaque);
  });
  return {
    /** As {@link send}, with what `send` of the typed client gives: a promise of each offset. */
    async sendEach(name) {
      let open = 0;
      let last = 0;
      const done = ({ offset }) => {
        open--;
        last = offset;
      };
      for (let i = 0; i < RECORDS; i++) {
        const { partition, key, value } = ready[i % ready.length];
        while (open >= WINDOW) await turn();
        open++;
        void new Promise((resolve) => {
          waiting.set(i, resolve);
          client.produce(name, partition, value, key, null, i);
        }).then(done);
        if (i % CHUNK === CHUNK - 1) await turn();
      }
      while (open > 0) await turn();
      if (last < 0) throw new Error("unreachable");
    },
    async send(name) {
      const first = reported;
      for (let i = 0; i < RECORDS; i++) {
        const { partition, key, value } = ready[i % ready.length];
        while (first + i - reported >= WINDOW) await turn();
        client.produce(name, partition, value, key, null);
        if (i % CHUNK === CHUNK - 1) await turn();
      }
      while (reported - first < RECORDS) await turn();
      if (failed > 0) throw new Error(`${failed} records failed`);
    },
    close: () => new Promise((resolve) => client.disconnect(resolve)),
  };
}

async function typedMany(producer, descriptor) {
  const open = new Set();
  for (let sent = 0; sent < RECORDS; sent += records.length) {
    const job = producer.sendMany(descriptor, records).then(() => open.delete(job));
    open.add(job);
    if (open.size * records.length >= OPEN_MAX) await Promise.race(open);
  }
  await Promise.all(open);
}

async function typedEach(producer, descriptor) {
  let open = 0;
  let wake = () => {};
  const done = () => {
    open--;
    if (open < OPEN_MAX) wake();
  };
  for (let i = 0; i < RECORDS; i++) {
    if (open >= OPEN_MAX) {
      await new Promise((resolve) => {
        wake = resolve;
      });
    }
    open++;
    void producer.send(descriptor, records[i % records.length]).then(done);
    if (i % CHUNK === CHUNK - 1) await turn();
  }
  await producer.flush();
}

/** The hybrid loop on a subscribed client: waits for one record, then drains; stores per batch. */
async function rawConsume(brokers, name) {
  const client = new kafka.KafkaConsumer(
    {
      "bootstrap.servers": brokers.join(","),
      "group.id": `raw-${name}-${performance.now()}`,
      "enable.auto.offset.store": false,
      "fetch.queue.backoff.ms": 10,
      "fetch.wait.max.ms": 100,
      "queued.min.messages": 20_000,
      "partition.assignment.strategy": "cooperative-sticky",
      rebalance_cb: true,
    },
    { "auto.offset.reset": "earliest" },
  );
  await new Promise((resolve, reject) => {
    client.connect({ allTopics: false }, (error) => (error ? reject(error) : resolve()));
  });
  client.subscribe([name]);
  const consume = (count, waitMs) =>
    new Promise((resolve, reject) => {
      client.setDefaultConsumeTimeout(waitMs);
      client.consume(count, (error, messages) => (error ? reject(error) : resolve(messages)));
    });
  let seen = 0;
  const take = (messages) => {
    const next = new Map();
    for (const message of messages) {
      next.set(message.partition, message.offset + 1);
    }
    seen += messages.length;
    if (next.size === 0) return;
    client.offsetsStore(
      [...next].map(([partition, offset]) => ({ topic: name, partition, offset })),
    );
  };
  while (seen === 0) take(await consume(1, 100));
  const result = await measure(async () => {
    while (seen < RECORDS) {
      const batch = await consume(1_000, 0);
      take(batch.length > 0 ? batch : await consume(1, 100));
    }
  });
  await new Promise((resolve) => client.disconnect(resolve));
  return result;
}

async function typedConsume(brokers, descriptor, each) {
  const consumer = await createConsumer({
    brokers,
    registry,
    group: `typed-${descriptor.name}-${performance.now()}`,
    topics: [descriptor],
    from: "earliest",
  });
  const first = until();
  const last = until();
  let seen = 0;
  let sum = 0;
  const handle = ({ value }) => {
    sum += value.quantity;
    seen++;
    if (seen === 1) first.resolve();
    if (seen === RECORDS) last.resolve();
  };
  const running = each
    ? consumer.run(handle)
    : consumer.runBatch(({ messages }) => {
        for (const message of messages) handle(message);
      });
  await first.promise;
  const result = await measure(() => last.promise);
  await consumer.close();
  await running;
  if (sum < 0) throw new Error("unreachable");
  return result;
}

/** Time from `send` to the handler at 100 records a second. */
async function latency(brokers, descriptor) {
  const producer = await createProducer({ brokers, registry, lingerMs: 0 });
  await producer.prepare(descriptor);
  const consumer = await createConsumer({
    brokers,
    registry,
    group: `latency-${performance.now()}`,
    topics: [descriptor],
    from: "latest",
  });
  const delays = [];
  const running = consumer.run(({ value }) => {
    delays.push(performance.now() - value.price);
  });
  await consumer.assigned;
  await new Promise((resolve) => setTimeout(resolve, 500));
  for (let i = 0; i < LATENCY_RECORDS; i++) {
    const value = { ...values[0], price: performance.now() };
    void producer.send(descriptor, { key: values[0].orderId, value });
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await producer.close();
  await consumer.close();
  await running;
  delays.sort((a, b) => a - b);
  const at = (share) => delays[Math.floor(delays.length * share)] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
}

function print(report, title, rounds, base) {
  report(`  ${title}`);
  for (const name of Object.keys(rounds[0])) {
    const rate = median(rounds.map((round) => round[name].perSecond)) / 1000;
    const micros = median(rounds.map((round) => round[name].micros));
    const ratio = median(rounds.map((round) => round[name].perSecond / round[base].perSecond));
    const share = name === base ? "base" : `${(ratio * 100).toFixed(0)} %`;
    const figures = `${rate.toFixed(0)}k/s  ${micros.toFixed(2)} µs CPU`;
    report(`    ${name.padEnd(34)} ${figures.padStart(24)}  ${share.padStart(7)}`);
  }
}

async function produceRound(admin, raw, producer, round) {
  const names = ["raw", "promises", "many", "each"].map((kind) => `bench-${kind}-${round}`);
  await admin.createTopics(names.map((name) => ({ name, partitions: PARTITIONS })));
  const [many, each] = names.slice(2).map((name) => renamed(orders, name));
  await producer.prepare(many, each);
  return {
    raw: await measure(() => raw.send(names[0])),
    "raw, a promise a record": await measure(() => raw.sendEach(names[1])),
    "typed sendMany": await measure(() => typedMany(producer, many)),
    "typed send, a promise a record": await measure(() => typedEach(producer, each)),
  };
}

async function consumeRound(brokers) {
  const descriptor = renamed(orders, "bench-raw-0");
  return {
    raw: await rawConsume(brokers, descriptor.name),
    "typed run": await typedConsume(brokers, descriptor, true),
    "typed runBatch": await typedConsume(brokers, descriptor, false),
  };
}

/** Runs the scenario; needs Java and Maven, or TYPEWIRE_BENCH_BROKERS. */
export async function run(report) {
  const given = process.env.TYPEWIRE_BENCH_BROKERS;
  const cluster = given ? { brokers: given.split(","), stop: async () => {} } : await startKafka();
  const { brokers } = cluster;
  const bytes = median(ready.map(({ value }) => value.length));
  report(`Kafka: ${RECORDS} records of ${bytes} bytes, ${PARTITIONS} partitions, acks=all`);
  const admin = await createAdmin({ brokers });
  const raw = await rawProducer(brokers);
  const producer = await createProducer({ brokers, registry, maxInFlight: WINDOW });
  try {
    const produced = [];
    for (let round = 0; round <= ROUNDS; round++) {
      produced.push(await produceRound(admin, raw, producer, round));
    }
    // The first round warms up the broker and the compiler.
    print(report, "produce, acknowledged", produced.slice(1), "raw");
    const consumed = [];
    for (let round = 0; round <= ROUNDS; round++) consumed.push(await consumeRound(brokers));
    print(report, "consume, committed", consumed.slice(1), "raw");
    const { p50, p99 } = await latency(brokers, renamed(orders, "bench-many-0"));
    report(`  typed latency at 100/s: p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`);
  } finally {
    await producer.close();
    await raw.close();
    await admin.close();
    await cluster.stop();
  }
}
