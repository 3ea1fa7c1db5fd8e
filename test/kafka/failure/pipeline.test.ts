/** The way of records through the consumer's rules: over a batch in memory, with handlers that fail. */
import { getEventListeners } from "node:events";
import type { Message } from "node-rdkafka";
import { beforeEach, describe, expect, test } from "vitest";
import { RecordReader } from "../../../src/kafka/codec/record-reader.ts";
import { batchWork, messageWork } from "../../../src/kafka/consumer/record-work.ts";
import type { LaneView } from "../../../src/kafka/consumer/work.ts";
import { LaneClosed } from "../../../src/kafka/consumer/work.ts";
import type {
  Failure,
  FailureRules,
  HandlerContext,
  KafkaHooks,
} from "../../../src/kafka/contract/index.ts";
import { BatchFailure, HookCaller, RecordHeaders } from "../../../src/kafka/contract/index.ts";
import type { RawProducer } from "../../../src/kafka/failure/index.ts";
import { Breaker, Forwarder } from "../../../src/kafka/failure/index.ts";
import { rdkafkaErrors } from "../../../src/rdkafka/index.ts";
import { MessageBatch } from "../../../src/rdkafka/message-batch.ts";
import { noKey, stringType, topic } from "../../../src/schema/index.ts";
import { MemoryRegistry } from "../fixtures.ts";
import { consumerIdentity, partsOf } from "../work-parts.ts";

const words = topic({ name: "words", key: noKey, value: stringType });
const BAD = Buffer.from([0xff]);

function batchOf(...values: (string | Buffer)[]): MessageBatch {
  return new MessageBatch(
    values.map((value, offset) => ({
      topic: "words",
      partition: 3,
      offset,
      value: Buffer.from(value as string),
      size: 1,
      timestamp: 5,
    })) as Message[],
  );
}

class TestLane implements LaneView {
  readonly topic = "words";
  readonly partition = 3;
  readonly closes = new AbortController();
  readonly ends = new AbortController();
  readonly closing = this.closes.signal;
  readonly signal = this.ends.signal;
  readonly waits: string[] = [];
  paused(until: "retry" | "outage", on: boolean): void {
    this.waits.push(`${until} ${on ? "begins" : "over"}`);
  }
}

interface Sent {
  readonly to: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly partition: number | undefined;
}

let lane: TestLane;
let sent: Sent[];
let told: string[];
/** Errors with which the next sends fail. */
let sendErrors: Error[];
let isTooLarge: (record: Parameters<RawProducer["send"]>[1]) => boolean;

beforeEach(() => {
  lane = new TestLane();
  sent = [];
  told = [];
  sendErrors = [];
  isTooLarge = () => false;
});

const hooksFor: KafkaHooks = {
  onRetry: ({ offset, attempt }) => told.push(`${offset}: attempt ${attempt}`),
  onForward: ({ offset, to }) => told.push(`${offset}: to ${to}`),
};

const producer: RawProducer = {
  async send(to, record) {
    const error = sendErrors.shift();
    if (error !== undefined) throw error;
    if (isTooLarge(record)) throw refused(10);
    const { headers, partition, value } = record;
    sent.push({
      to: to.name,
      value: Buffer.from(value ?? "").toString("latin1"),
      headers,
      partition,
    });
  },
};

const refused = (kafkaCode: number) =>
  rdkafkaErrors.create("RDKAFKA_REQUEST_FAILED", { action: "x", reason: "no", kafkaCode });
const silent = () =>
  rdkafkaErrors.create("RDKAFKA_UNAVAILABLE", { action: "x", reason: "no", kafkaCode: -195 });

function parts(rules: FailureRules) {
  const reader = new RecordReader(words, new MemoryRegistry(), { patience: new Breaker() });
  const hooks = new HookCaller([hooksFor], consumerIdentity);
  const forwarder = new Forwarder({
    producer,
    partitionsOf: async () => 2,
    group: "billing",
    clientId: "tests",
    hooks,
  });
  return partsOf(new Map([["words", reader]]), { on: hooksFor, rules, forwarder });
}

const quick = (attempts: number) => ({ retry: { attempts, firstDelayMs: 1, maxDelayMs: 1 } });

/** Works records off one after another, as a lane does; what was done, and what ended it. */
async function workThrough(
  rules: FailureRules,
  handler: (value: string, context: HandlerContext) => Promise<void> | void,
  ...values: (string | Buffer)[]
): Promise<{ done: number; error: unknown }> {
  const { each } = messageWork(parts(rules), (message, context) =>
    handler(message.value as string, context),
  );
  const batch = batchOf(...values);
  for (let i = 0; i < values.length; i++) {
    try {
      await each?.(batch, i, lane);
    } catch (error) {
      return { done: i, error };
    }
  }
  return { done: values.length, error: undefined };
}

describe("without rules", () => {
  test.each<[string, () => Promise<void> | void]>([
    [
      "throws",
      () => {
        throw new Error("boom");
      },
    ],
    ["rejects", () => Promise.reject(new Error("boom"))],
  ])("a handler that %s stops the consumer at its record", async (_, fail) => {
    const { done, error } = await workThrough(
      {},
      (v) => (v === "b" ? fail() : undefined),
      "a",
      "b",
    );
    expect(done).toBe(1);
    expect(error).toMatchObject({
      code: "KAFKA_HANDLER_FAILED",
      message: expect.stringContaining("words/3 at offset 1") as string,
      details: { topic: "words", partition: 3, offset: 1, stage: "handler", reason: "boom" },
      cause: { message: "boom" },
    });
  });

  test("a record that can't be read stops it too, with its stage", async () => {
    const { done, error } = await workThrough({}, () => undefined, "a", BAD);
    expect(done).toBe(1);
    expect(error).toMatchObject({
      code: "KAFKA_UNDECODABLE_RECORD",
      details: { topic: "words", partition: 3, offset: 1, part: "value", stage: "value" },
    });
  });

  test.each<[string, unknown]>([
    ["undefined", undefined],
    ["an object without a prototype", Object.create(null)],
    [
      "an error whose message throws",
      Object.defineProperty(new Error("x"), "message", {
        get() {
          throw new Error("gotcha");
        },
      }),
    ],
    ["a symbol", Symbol("s")],
    [
      "a proxy that refuses everything",
      new Proxy(
        {},
        {
          get() {
            throw new Error("no");
          },
          getPrototypeOf() {
            throw new Error("no");
          },
        },
      ),
    ],
  ])("whatever a handler throws (%s) becomes an error with its place", async (_, thrown) => {
    const { error } = await workThrough(
      {},
      () => {
        throw thrown;
      },
      "a",
    );
    expect(error).toMatchObject({
      code: "KAFKA_HANDLER_FAILED",
      message: expect.stringContaining("words/3 at offset 0") as string,
    });
  });
});

describe("retries", () => {
  test("a record is tried again in its place until it is done; then the next one follows", async () => {
    const seen: string[] = [];
    const { done } = await workThrough(
      { handler: quick(5) },
      async (value, { attempt }) => {
        seen.push(`${value} ${attempt}`);
        if (value === "b" && attempt < 3) throw new Error("not yet");
      },
      "a",
      "b",
      "c",
    );
    expect(done).toBe(3);
    expect(seen).toEqual(["a 1", "b 1", "b 2", "b 3", "c 1"]);
    expect(lane.waits).toEqual(["retry begins", "retry over", "retry begins", "retry over"]);
    expect(told).toEqual(["1: attempt 2", "1: attempt 3"]);
  });

  test("when they are used up, and nothing follows, it stops", async () => {
    let calls = 0;
    const { done, error } = await workThrough(
      { handler: quick(2) },
      () => {
        calls++;
        throw new Error("never");
      },
      "a",
    );
    expect([done, calls]).toEqual([0, 3]);
    expect(error).toMatchObject({ code: "KAFKA_HANDLER_FAILED" });
  });

  test("a partition that closes ends the wait, without a failure and without being done", async () => {
    const rules: FailureRules = {
      handler: { retry: { attempts: 9, firstDelayMs: 60_000, maxDelayMs: 60_000 } },
    };
    const working = workThrough(
      rules,
      () => {
        throw new Error("x");
      },
      "a",
    );
    await new Promise((resolve) => setImmediate(resolve));
    lane.closes.abort();
    const { done, error } = await working;
    expect(done).toBe(0);
    expect(error).toBeInstanceOf(LaneClosed);
    expect(getEventListeners(lane.closing, "abort")).toEqual([]);
  });

  test("a handler that gave up because it was told to did not fail", async () => {
    const { error } = await workThrough(
      { handler: "skip" },
      async () => {
        lane.ends.abort();
        throw new Error("aborted");
      },
      "a",
    );
    expect(error).toBeInstanceOf(LaneClosed);
  });
});

describe("dead letters", () => {
  const rules: FailureRules = {
    handler: [quick(1), { forward: "words.dlq" }],
    poison: { forward: "words.bad" },
  };

  test("a record is done when its letter is acknowledged: the bytes as they were", async () => {
    const { done, error } = await workThrough(
      rules,
      (value) => {
        if (value === "b") throw new RangeError("no");
      },
      "a",
      "b",
      BAD,
      "c",
    );
    expect([done, error]).toEqual([4, undefined]);
    expect(sent.map(({ to, value, partition }) => [to, value, partition])).toEqual([
      ["words.dlq", "b", 1],
      ["words.bad", "\xff", 1],
    ]);
    expect(sent[0]?.headers).toMatchObject({
      "dlq.original.topic": "words",
      "dlq.original.partition": "3",
      "dlq.original.offset": "1",
      "dlq.attempts": "2",
      "dlq.error.stage": "handler",
      "dlq.error.name": "RangeError",
    });
    expect(sent[1]?.headers).toMatchObject({ "dlq.error.stage": "value" });
    expect(told).toEqual(["1: attempt 2", "1: to words.dlq", "2: to words.bad"]);
  });

  test("brokers that do not answer are waited for", async () => {
    sendErrors = [silent(), silent()];
    const { done } = await workThrough(
      { handler: { forward: "words.dlq" } },
      () => {
        throw new Error("x");
      },
      "a",
    );
    expect(done).toBe(1);
    expect(sent).toHaveLength(1);
    expect(lane.waits).toEqual(["outage begins", "outage over", "outage begins", "outage over"]);
  });

  test("a partition that closes while they are waited for is not done", async () => {
    sendErrors = [silent()];
    const working = workThrough(
      { handler: { forward: "words.dlq" } },
      () => {
        lane.closes.abort();
        throw new Error("x");
      },
      "a",
    );
    expect(await working).toMatchObject({ done: 0, error: expect.any(LaneClosed) as LaneClosed });
  });

  test("a topic that refuses it stops the consumer with KAFKA_FORWARD_FAILED: nothing is skipped", async () => {
    sendErrors = [refused(29)];
    const { done, error } = await workThrough(
      { handler: { forward: "words.dlq" } },
      () => {
        throw new Error("x");
      },
      "a",
    );
    expect(done).toBe(0);
    expect(error).toMatchObject({
      code: "KAFKA_FORWARD_FAILED",
      retriable: false,
      details: { topic: "words", partition: 3, offset: 0, stage: "handler", to: "words.dlq" },
    });
  });

  test("while brokers are silent the forwarder says KAFKA_FORWARD_UNAVAILABLE, which can pass", async () => {
    sendErrors = [silent()];
    const { forwarder } = parts({});
    const failure: Failure = {
      topic: "words",
      source: "words",
      partition: 3,
      offset: 0,
      timestamp: -1,
      key: null,
      value: null,
      headers: new RecordHeaders([]),
      keySchemaId: undefined,
      schemaId: undefined,
      stage: "handler",
      error: new Error("x"),
      attempt: 1,
      firstFailedAt: 0,
      lastFailedAt: 0,
    };
    await expect(forwarder?.forward(failure, "words.dlq")).rejects.toMatchObject({
      code: "KAFKA_FORWARD_UNAVAILABLE",
      retriable: true,
    });
  });

  test("a letter that is too large goes without the error's text", async () => {
    isTooLarge = ({ headers }) => "dlq.error.stack" in headers;
    const { done } = await workThrough(
      { handler: { forward: "words.dlq" } },
      () => {
        throw new Error("long");
      },
      "a",
    );
    expect(done).toBe(1);
    expect(
      Object.keys(sent[0]?.headers ?? {}).filter((name) => name.startsWith("dlq.error.")),
    ).toEqual(["dlq.error.stage", "dlq.error.name"]);
  });

  test("rules that throw stop the consumer with its place", async () => {
    const { error } = await workThrough(
      {
        handler: () => {
          throw new Error("in the rules");
        },
      },
      () => {
        throw new Error("x");
      },
      "a",
    );
    expect(error).toMatchObject({
      code: "KAFKA_HANDLER_FAILED",
      details: { offset: 0, reason: "in the rules" },
    });
  });
});

describe("batches", () => {
  async function together(
    rules: FailureRules,
    handler: (values: string[]) => Promise<void> | void,
    ...values: (string | Buffer)[]
  ) {
    const calls: string[] = [];
    const work = batchWork(parts(rules), ({ messages }) => {
      const got = messages.map(({ value }) => value as string);
      calls.push(got.join(""));
      return handler(got);
    });
    const outcome = await work.together?.(
      batchOf(...values),
      values.map((_, i) => i),
      lane,
    );
    return { calls, ...outcome };
  }
  const dlq: FailureRules = { handler: { forward: "words.dlq" }, poison: { forward: "words.dlq" } };

  test("are done as a whole", async () => {
    expect(await together({}, () => undefined, "a", "b", "c")).toEqual({ calls: ["abc"], done: 3 });
  });

  test("without rules nothing of a batch that fails is done", async () => {
    const { done, error } = await together(
      {},
      () => {
        throw new Error("x");
      },
      "a",
      "b",
    );
    expect(done).toBe(0);
    expect(error).toMatchObject({ code: "KAFKA_HANDLER_FAILED", details: { offset: 0 } });
  });

  test("BatchFailure says what is done, and which record failed", async () => {
    const { done, error } = await together(
      {},
      () => {
        throw new BatchFailure(2, new Error("no"));
      },
      "a",
      "b",
      "c",
      "d",
    );
    expect(done).toBe(2);
    expect(error).toMatchObject({
      code: "KAFKA_HANDLER_FAILED",
      details: { offset: 2, reason: "no" },
    });
  });

  test("with rules only the record that failed is answered, and the rest follows", async () => {
    const result = await together(
      dlq,
      (values) => {
        const at = values.indexOf("c");
        if (at >= 0) throw new BatchFailure(at, new Error("no"));
      },
      "a",
      "b",
      "c",
      "d",
    );
    expect(result).toEqual({ calls: ["abcd", "d"], done: 4 });
    expect(sent.map(({ value }) => value)).toEqual(["c"]);
  });

  test("a failure that does not say where is looked for one by one", async () => {
    const result = await together(
      dlq,
      (values) => {
        if (values.includes("b")) throw new Error("no");
      },
      "a",
      "b",
      "c",
    );
    expect(result).toEqual({ calls: ["abc", "a", "b", "c"], done: 3 });
    expect(sent.map(({ value }) => value)).toEqual(["b"]);
  });

  test("a record that can't be read parts the batch", async () => {
    const result = await together(dlq, () => undefined, "a", BAD, "c", BAD);
    expect(result).toEqual({ calls: ["a", "c"], done: 4 });
    expect(sent.map(({ value }) => value)).toEqual(["\xff", "\xff"]);
  });

  test("without rules it stops at that record, after those before it", async () => {
    const { calls, done, error } = await together({}, () => undefined, "a", BAD, "c");
    expect([calls, done]).toEqual([["a"], 1]);
    expect(error).toMatchObject({ code: "KAFKA_UNDECODABLE_RECORD", details: { offset: 1 } });
  });

  test("a closing partition ends it after what is done", async () => {
    const { done, error } = await together(
      dlq,
      (values) => {
        if (values.length > 1) throw new Error("no");
        lane.closes.abort();
      },
      "a",
      "b",
      "c",
    );
    expect([done, error]).toEqual([1, undefined]);
  });
});
