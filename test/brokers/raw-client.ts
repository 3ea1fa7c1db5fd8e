/** Bytes in and out with node-rdkafka alone: tests of the harness must not lean on our own client. */
import rdkafka from "node-rdkafka";

/** A record as text, as the broker gave it back. */
export interface RawRecord {
  readonly partition: number;
  readonly offset: number;
  readonly value: string;
}

/** Creates a topic and waits until it is there. */
export async function createTopic(
  brokers: readonly string[],
  topic: string,
  partitions: number,
  replicas = 1,
): Promise<void> {
  const admin = rdkafka.AdminClient.create({ "metadata.broker.list": brokers.join(",") });
  try {
    await new Promise<void>((resolve, reject) => {
      admin.createTopic(
        { topic, num_partitions: partitions, replication_factor: replicas },
        (error) => (error ? reject(asError(error)) : resolve()),
      );
    });
  } finally {
    admin.disconnect();
  }
}

/** Produces one record after the other and waits for all delivery reports. */
export async function produceAll(
  brokers: readonly string[],
  topic: string,
  records: readonly (readonly [partition: number, value: string])[],
): Promise<void> {
  const producer = new rdkafka.Producer({
    "metadata.broker.list": brokers.join(","),
    dr_cb: true,
  });
  await connect(producer);
  const reported = new Promise<void>((resolve, reject) => {
    let open = records.length;
    producer.on("delivery-report", (error) => {
      if (error) reject(asError(error));
      else if (--open === 0) resolve();
    });
  });
  producer.setPollInterval(10);
  for (const [partition, value] of records) producer.produce(topic, partition, Buffer.from(value));
  await reported;
  await disconnect(producer);
}

/** Consumes that many records from the start, sorted by partition and offset. */
export async function consumeAll(
  brokers: readonly string[],
  topic: string,
  count: number,
): Promise<readonly RawRecord[]> {
  const consumer = new rdkafka.KafkaConsumer(
    { "metadata.broker.list": brokers.join(","), "group.id": `${topic}-reader` },
    { "auto.offset.reset": "earliest" },
  );
  await connect(consumer);
  consumer.setDefaultConsumeTimeout(100);
  consumer.subscribe([topic]);
  const records: RawRecord[] = [];
  while (records.length < count) {
    for (const { partition, offset, value } of await consume(consumer)) {
      records.push({ partition, offset, value: String(value) });
    }
  }
  await disconnect(consumer);
  return records.sort((a, b) => a.partition - b.partition || a.offset - b.offset);
}

/** The addresses that a broker tells to a client that came to it by the given ones. */
export async function advertisedBrokers(brokers: readonly string[]): Promise<readonly string[]> {
  const producer = new rdkafka.Producer({ "metadata.broker.list": brokers.join(",") });
  await connect(producer);
  const metadata = await new Promise<rdkafka.Metadata>((resolve, reject) => {
    producer.getMetadata({ timeout: 10_000 }, (error, found) =>
      error ? reject(asError(error)) : resolve(found),
    );
  });
  await disconnect(producer);
  return metadata.brokers.map(({ host, port }) => `${host}:${port}`);
}

function consume(consumer: rdkafka.KafkaConsumer): Promise<readonly rdkafka.Message[]> {
  return new Promise((resolve, reject) => {
    consumer.consume(100, (error, messages) =>
      error ? reject(asError(error)) : resolve(messages),
    );
  });
}

function connect(client: rdkafka.Producer | rdkafka.KafkaConsumer): Promise<void> {
  return new Promise((resolve, reject) => {
    client.connect({}, (error) => (error ? reject(asError(error)) : resolve()));
  });
}

function disconnect(client: rdkafka.Producer | rdkafka.KafkaConsumer): Promise<void> {
  return new Promise((resolve, reject) => {
    client.disconnect((error: Error | null) => (error ? reject(error) : resolve()));
  });
}

/** node-rdkafka's errors are errors at run time, its declarations say less. */
function asError(error: { readonly message: string }): Error {
  return error instanceof Error ? error : new Error(error.message);
}
