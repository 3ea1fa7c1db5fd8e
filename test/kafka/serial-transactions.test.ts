/** What becomes of a transaction when one of its steps fails, and of the client that met it. */
import { describe, expect, test, vi } from "vitest";
import { HookCaller, offerOffsets } from "../../src/kafka/contract/index.ts";
import type {
  BatchHandler,
  MessageOf,
  Transaction,
  TransactionalProducer,
  TypedConsumer,
} from "../../src/kafka/index.ts";
import { exactlyOnce } from "../../src/kafka/index.ts";
import { LanedProducer } from "../../src/kafka/producer/laned-producer.ts";
import { OutageWatch } from "../../src/kafka/producer/outage-watch.ts";
import { SerialTransactions } from "../../src/kafka/producer/transactional-producer.ts";
import type { ConsumerBinding, TransactionCalls } from "../../src/rdkafka/index.ts";
import { rdkafkaErrors } from "../../src/rdkafka/index.ts";
import type { AnyTopic } from "../../src/schema/index.ts";
import { noKey, stringType, topic } from "../../src/schema/index.ts";
import { FakeProducer } from "./fake-producer.ts";
import { fullRegistry } from "./fixtures.ts";

const text = topic({ name: "text", key: noKey, value: stringType });
const never = (): Promise<void> => new Promise(() => {});
const details = { action: "a step", reason: "r", kafkaCode: -1 };
const fenced = () => rdkafkaErrors.create("RDKAFKA_FENCED", details);
const unanswered = () => rdkafkaErrors.create("RDKAFKA_UNAVAILABLE", details);
const aborting = () =>
  rdkafkaErrors.create(
    "RDKAFKA_REQUEST_FAILED",
    details,
    Object.assign(new Error("r"), { isTxnRequiresAbort: true }),
  );

/** Steps of each client, in the order of their calls; a step fails where it is told to. */
function given(failures: Partial<Record<string, () => Promise<void>>> = {}) {
  const log: string[] = [];
  let clients = 0;
  const connect = () => {
    const binding = new FakeProducer();
    const client = ++clients;
    const step = (name: string) => (): Promise<void> => {
      log.push(`${client} ${name}`);
      return failures[`${client} ${name}`]?.() ?? Promise.resolve();
    };
    const transactions: TransactionCalls = {
      init: step("init"),
      begin: step("begin"),
      commit: step("commit"),
      abort: step("abort"),
      sendOffsets: (offsets) =>
        step(
          `offsets ${offsets.map(({ partition, offset }) => `${partition}@${offset}`).join()}`,
        )(),
    };
    const producer = new LanedProducer({
      binding,
      registry: fullRegistry(),
      ignored: new Set(),
      hooks: new HookCaller([], { kind: "producer", clientId: "c" }),
      brokers: [],
      partitioners: [],
      interceptors: [],
      tracing: undefined,
      deliveryTimeoutMs: 5_000,
      waitingMax: 10,
      recountMs: 60_000,
      silentMs: 60_000,
    });
    return Promise.resolve({ producer, binding: Object.assign(binding, { transactions }) });
  };
  const producer = new SerialTransactions({ transactionalId: "tx", timeoutMs: 5_000, connect });
  return { producer, log };
}

const work = async (tx: Parameters<Parameters<TransactionalProducer["transaction"]>[0]>[0]) => {
  await tx.send(text, { value: "v" });
};
const failing = (error: () => Error) => () => Promise.reject(error());

describe("a client", () => {
  test("serves one transaction after the other while none fails", async () => {
    const { producer, log } = given();
    await producer.transaction(work);
    await producer.transaction(work);
    await producer.close();
    expect(log).toEqual(["1 init", "1 begin", "1 commit", "1 begin", "1 commit"]);
    await expect(producer.transaction(work)).rejects.toMatchObject({ code: "KAFKA_CLOSED" });
  });

  test("is refused inside of another one, which goes on, with KAFKA_TRANSACTION_NESTED", async () => {
    const { producer, log } = given();
    await producer.transaction(async (tx) => {
      await expect(producer.transaction(work)).rejects.toMatchObject({
        code: "KAFKA_TRANSACTION_NESTED",
      });
      await work(tx);
    });
    expect(log).toEqual(["1 init", "1 begin", "1 commit"]);
  });

  test("takes nothing any more when it is over: KAFKA_TRANSACTION_ENDED", async () => {
    const { producer } = given();
    let left: Transaction | undefined;
    await producer.transaction((tx) => {
      left = tx;
    });
    await expect(left?.send(text, { value: "late" })).rejects.toMatchObject({
      code: "KAFKA_TRANSACTION_ENDED",
    });
  });

  test("takes no offsets of a consumer that commits by itself: KAFKA_OFFSETS_NOT_TRANSACTIONAL", async () => {
    const { producer } = given();
    const consumer = {} as TypedConsumer<typeof text>;
    const message = { topic: "text", partition: 0, offset: 1 } as MessageOf<typeof text>;
    await expect(
      producer.transaction((tx) => tx.commitOffsets(consumer, [message])),
    ).rejects.toMatchObject({ code: "KAFKA_OFFSETS_NOT_TRANSACTIONAL" });
  });

  test.each([
    ["begin", "1 begin", unanswered, "RDKAFKA_UNAVAILABLE"],
    ["a commit that has to be aborted", "1 commit", aborting, "KAFKA_TRANSACTION_ABORTED"],
    ["a commit that is not answered", "1 commit", unanswered, "KAFKA_TRANSACTION_IN_DOUBT"],
  ])("that failed at %s is never used again", async (_what, step, error, code) => {
    const { producer, log } = given({ [step]: failing(error) });
    await expect(producer.transaction(work)).rejects.toMatchObject({ code });
    await producer.transaction(work);
    expect(log.slice(log.indexOf("1 abort"))).toEqual(["1 abort", "2 init", "2 begin", "2 commit"]);
  });

  test("whose abort hangs keeps nobody beyond the deadline", async () => {
    const { producer } = given({ "1 abort": never });
    const late = producer.transaction(() => never(), { timeoutMs: 20 });
    await expect(late).rejects.toMatchObject({ code: "KAFKA_TRANSACTION_TIMEOUT" });
    await expect(producer.transaction(work, { timeoutMs: 20 })).rejects.toMatchObject({
      code: "KAFKA_TRANSACTION_TIMEOUT",
      details: { stage: "taking over the transactional id" },
    });
    await producer.close({ timeoutMs: 20 });
  });

  test.each([
    ["at its commit", { "1 commit": failing(fenced) }, work],
    ["at its abort", { "1 abort": failing(fenced) }, () => Promise.reject(new Error("mine"))],
    ["when it begins", { "1 init": failing(fenced) }, work],
  ])("that was fenced %s makes the producer useless for good", async (_when, failures, job) => {
    const { producer, log } = given(failures);
    const refused = { code: "KAFKA_PRODUCER_FENCED", retriable: false };
    await expect(producer.transaction(job)).rejects.toMatchObject(refused);
    await expect(producer.transaction(work)).rejects.toMatchObject(refused);
    await expect(producer.prepare(text)).rejects.toMatchObject(refused);
    expect(log).not.toContain("2 init");
    await producer.close();
  });
});

describe("exactlyOnce", () => {
  const message = (partition: number, offset: number) => ({ topic: "in", partition, offset });

  /** A consumer that hands in one batch, and says what its group has committed. */
  function consumerOf(committed: readonly number[]): TypedConsumer<AnyTopic> {
    const answers = [...committed];
    const messages = [message(0, 6), message(0, 7)];
    const consumer = {
      runBatch: async (handler: BatchHandler<AnyTopic>) => {
        const batch = { topic: "in", partition: 0, messages };
        await handler(batch as never, { signal: new AbortController().signal } as never);
      },
    };
    const binding = {
      committed: () => Promise.resolve([{ ...message(0, answers.shift() ?? -1) }]),
    } as Pick<ConsumerBinding, "committed"> as ConsumerBinding;
    offerOffsets(consumer, { group: "g", binding });
    return consumer as never;
  }

  test("does an aborted batch again, with its offsets", async () => {
    const { producer, log } = given({ "1 commit": failing(aborting) });
    await exactlyOnce(consumerOf([]), producer, (_batch, tx) => work(tx));
    expect(log.filter((step) => /offsets|commit/.test(step))).toEqual([
      "1 offsets 0@8",
      "1 commit",
      "2 offsets 0@8",
      "2 commit",
    ]);
  });

  test("does a batch again whose offsets the group refused while it was changing", async () => {
    const { producer, log } = given({ "1 offsets 0@8": failing(aborting) });
    await exactlyOnce(consumerOf([]), producer, (_batch, tx) => work(tx));
    expect(log).not.toContain("1 commit");
    expect(log).toContain("2 commit");
  });

  test.each([
    ["is not done again when the group is past it", 8, 1],
    ["is done again when it is not", 6, 2],
  ])("a batch in doubt %s", async (_what, committed, calls) => {
    const { producer, log } = given({ "1 commit": failing(unanswered) });
    let handled = 0;
    await exactlyOnce(consumerOf([committed]), producer, () => void handled++);
    expect(handled).toBe(calls);
    expect(log).toContain("2 init");
    expect(log.includes("2 commit")).toBe(calls === 2);
  });

  test("commits nothing of a partition that was taken away while its offsets were added", async () => {
    const lost = new AbortController();
    const { producer, log } = given({
      "1 offsets 0@8": () => {
        lost.abort();
        return Promise.resolve();
      },
    });
    const consumer = consumerOf([]);
    const batch = [message(0, 7)];
    const running = producer.transaction((tx) => tx.commitOffsets(consumer, batch, lost.signal));
    await expect(running).rejects.toMatchObject({
      code: "KAFKA_PARTITIONS_LOST",
      details: { topics: ["in"] },
    });
    expect(log).toEqual(["1 init", "1 begin", "1 offsets 0@8", "1 abort"]);
  });

  test("ends with an error that does not pass", async () => {
    const mine = new Error("no such customer");
    const { producer } = given();
    const running = exactlyOnce(consumerOf([]), producer, () => Promise.reject(mine));
    await expect(running).rejects.toBe(mine);
  });
});

describe("brokers that are silent while records wait", () => {
  test("are an outage, once, until something is acknowledged", () => {
    vi.useFakeTimers();
    try {
      const told: unknown[] = [];
      const onOutage = ({ over, error }: { over: boolean; error?: unknown }) =>
        void told.push(over || error);
      const hooks = new HookCaller([{ onOutage }], { kind: "producer", clientId: "c" });
      let inFlight = 0;
      const watch = new OutageWatch(hooks, () => inFlight, 3_000);
      vi.advanceTimersByTime(10_000);
      expect(told).toEqual([]);
      inFlight = 2;
      vi.advanceTimersByTime(10_000);
      const silent = expect.objectContaining({
        code: "KAFKA_NO_ACKNOWLEDGEMENT",
        details: { ms: 3_000, count: 2 },
      }) as unknown;
      expect(told).toEqual([silent]);
      watch.answered(false);
      watch.answered(true);
      expect(told).toEqual([silent, true]);
      watch.close();
      vi.advanceTimersByTime(60_000);
      expect(told).toHaveLength(2);
    } finally {
      vi.useRealTimers();
    }
  });
});
