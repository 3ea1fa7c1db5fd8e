/**
 * Whether a handler may be called twice: it is killed at every call of the outside world, the broker
 * delivers again what was not committed, and the world has to end up as without the crash.
 *
 * Invariants:
 * - Every place of the run without a crash is tried by itself, with the offsets of the messages before
 *   it committed and with none; after that, several crashes by seed.
 * - Schedules are tried from short to long; of one with several crashes none can be left out.
 * - A crash loses what the process had in memory: each life begins with a new handler.
 */
import type { OptionRules } from "../base/index.ts";
import {
  anyObject,
  callback,
  isTypewireError,
  listOf,
  milliseconds,
  optional,
  reasonOf,
  wholeNumber,
} from "../base/index.ts";
import type { MessageHandler, MessageOf, RecordOf } from "../kafka/index.ts";
import { createConsumer, createProducer, topicRule } from "../kafka/index.ts";
import type { AnyTopic } from "../schema/index.ts";
import type { CrashPoint } from "./crash-world.ts";
import { Life, worldOf } from "./crash-world.ts";
import { differenceOf, ROOT } from "./difference.ts";
import { testingErrors } from "./errors.ts";
import { checkTesting, seedRule } from "./options.ts";
import type { Crash, Schedule } from "./schedules.ts";
import { crashesText, several, singles } from "./schedules.ts";
import type { TestBrokerParts } from "./test-broker.ts";
import { makeTestBroker } from "./test-broker.ts";

/** Everything that a handler has an effect on, as an object whose methods are the calls. */
export interface World {
  /** What counts: what the world looks like from outside. It is compared after each run. */
  snapshot(): unknown;
  /** Called after a crash: rolls back what was open, as a database does when a connection is lost. */
  crashed?(): unknown;
}

/** What is tried. */
export interface IdempotenceOptions<T extends AnyTopic> {
  /** The topic that the handler reads. */
  readonly topic: T;
  /** A few messages, with whatever the handler treats differently; they come in this order. */
  readonly messages: readonly RecordOf<T>[];
  /** Chooses the schedules with several crashes. Default 1. */
  readonly seed?: number;
  /** How many of those are tried. Default 30. */
  readonly randomSchedules?: number;
  /** How long one life of the handler may take, in milliseconds. Default 5,000. */
  readonly timeoutMs?: number;
}

/** What was tried. */
export interface IdempotenceProof {
  /** Places at which the handler can be killed. */
  readonly crashPoints: number;
  /** Runs with crashes, each of which left the world as it is without. */
  readonly schedules: number;
}

interface Outcome {
  readonly crashes: readonly Crash[];
  readonly points: readonly CrashPoint[];
  readonly snapshot: unknown;
  /** What the handler threw, after which nothing goes on. */
  readonly failure: unknown;
}

const LIFE_TIMEOUT_MS = 5_000;
const RANDOM_SCHEDULES = 30;

/**
 * Proves, over the messages given, that a crash at any call of the world changes nothing in the end.
 *
 * @param handler - Makes the handler of one process from the world that it works on.
 * @param world - Makes a new world.
 * @returns What was tried.
 * @throws TESTING_NOT_IDEMPOTENT: it names the shortest schedule of crashes that was found, and what is
 *   different; TESTING_HANDLER_FAILED when the handler fails without a crash; TESTING_WORLD_DIFFERS when two
 *   runs without a crash differ; TESTING_PROOF_STUCK when a life does not end; TESTING_OPTION_INVALID
 * @example
 * ```ts
 * import { provesIdempotent, sample } from "typewire/testing";
 * import { orders } from "./generated/orders.js";
 *
 * class Shop {
 *   readonly #paid = new Map<string, number>();
 *   async pay(order: string, amount: number): Promise<void> {
 *     this.#paid.set(order, amount);
 *   }
 *   snapshot(): unknown {
 *     return this.#paid;
 *   }
 * }
 * const proof = await provesIdempotent(
 *   (shop: Shop) => async (message) => shop.pay(message.key, 10),
 *   () => new Shop(),
 *   { topic: orders, messages: [sample(orders)] },
 * );
 * console.log(`${proof.schedules} schedules`);
 * ```
 */
export async function provesIdempotent<W extends World, T extends AnyTopic>(
  handler: (world: W) => MessageHandler<T>,
  world: () => W | Promise<W>,
  options: IdempotenceOptions<T>,
): Promise<IdempotenceProof> {
  checkTesting(OPTIONS, { ...options, handler, world });
  const { seed = 1, randomSchedules = RANDOM_SCHEDULES } = options;
  const stage = await Stage.prepare(handler, world, options);
  const expected = await stage.play({ crashes: [], commits: "each" });
  if (expected.failure !== undefined) throw failedAlone(expected.failure);
  const again = await stage.play({ crashes: [], commits: "each" });
  const drift = differenceOf(again.snapshot, expected.snapshot, ROOT);
  if (drift !== undefined)
    throw testingErrors.create("TESTING_WORLD_DIFFERS", { difference: drift });

  const { points } = expected;
  stage.points = points;
  const schedules = [...singles(points), ...several(points.length, seed, randomSchedules)];
  for (const [i, schedule] of schedules.entries()) {
    const found = await stage.judge(schedule, expected);
    if (found === undefined) continue;
    const { outcome, difference } = await stage.shortest(schedule, found, expected);
    throw testingErrors.create("TESTING_NOT_IDEMPOTENT", {
      crash: crashesText(outcome.crashes, schedule.commits),
      difference,
      schedule: i + 1,
      schedules: schedules.length,
      seed,
      crashes: outcome.crashes.map(({ at }) => at),
    });
  }
  return { crashPoints: points.length, schedules: schedules.length };
}

const OPTIONS: OptionRules = {
  handler: callback,
  world: callback,
  topic: topicRule,
  messages: listOf(anyObject, 1),
  seed: seedRule,
  randomSchedules: optional(wholeNumber(0)),
  timeoutMs: optional(milliseconds(1)),
};

interface Verdict {
  readonly outcome: Outcome;
  readonly difference: string;
}

/** A broker with the messages, on which schedules are played. */
class Stage<W extends World, T extends AnyTopic> {
  readonly #handler: (world: W) => MessageHandler<T>;
  readonly #world: () => W | Promise<W>;
  readonly #topic: T;
  readonly #count: number;
  readonly #timeoutMs: number;
  readonly #parts: TestBrokerParts;
  /** The places of the run without a crash. */
  points: readonly CrashPoint[] = [];
  #groups = 0;

  constructor(
    handler: (world: W) => MessageHandler<T>,
    world: () => W | Promise<W>,
    { topic, messages, timeoutMs = LIFE_TIMEOUT_MS }: IdempotenceOptions<T>,
    parts: TestBrokerParts,
  ) {
    this.#handler = handler;
    this.#world = world;
    this.#topic = topic;
    this.#count = messages.length;
    this.#timeoutMs = timeoutMs;
    this.#parts = parts;
  }

  static async prepare<W extends World, T extends AnyTopic>(
    handler: (world: W) => MessageHandler<T>,
    world: () => W | Promise<W>,
    options: IdempotenceOptions<T>,
  ): Promise<Stage<W, T>> {
    const { topic, messages } = options;
    const { broker, ...parts } = makeTestBroker({ topics: [topic], partitions: 1 });
    const producer = await createProducer(broker);
    const records = messages.map((record) => ({
      ...(record as object as { value: unknown }),
      partition: 0,
    }));
    await producer.sendMany<unknown, unknown, unknown, unknown, boolean>(topic, records);
    await producer.close();
    // What is committed is decided here, to the record.
    parts.cluster.commitsEarly = false;
    return new Stage(handler, world, options, parts);
  }

  /** How a schedule ends when it does not end as it should. */
  async judge(schedule: Schedule, expected: Outcome): Promise<Verdict | undefined> {
    const outcome = await this.play(schedule);
    const { failure } = outcome;
    if (failure !== undefined) {
      return { outcome, difference: failureText(failure) };
    }
    const difference = differenceOf(outcome.snapshot, expected.snapshot, ROOT);
    return difference === undefined ? undefined : { outcome, difference };
  }

  /** Leaves crashes out as long as it still ends wrong. */
  async shortest(schedule: Schedule, found: Verdict, expected: Outcome): Promise<Verdict> {
    for (let i = 0; schedule.crashes.length > 1 && i < schedule.crashes.length; i++) {
      const shorter = { ...schedule, crashes: schedule.crashes.toSpliced(i, 1) };
      const verdict = await this.judge(shorter, expected);
      if (verdict !== undefined) return this.shortest(shorter, verdict, expected);
    }
    return found;
  }

  /** Runs the handler over the messages, killed where the schedule says. */
  async play({ crashes, commits }: Schedule): Promise<Outcome> {
    const group = `proof-${++this.#groups}`;
    const world = await this.#world();
    const ended: Crash[] = [];
    for (let life = 0; ; life++) {
      const crashAt = crashes[life];
      const { points, failure, isKilled } = await this.#live(world, group, commits, crashAt, ended);
      if (failure !== undefined || !isKilled) {
        return { crashes: ended, points, snapshot: await world.snapshot(), failure };
      }
      ended.push(this.#crashAt(points.at(-1) as CrashPoint));
      await world.crashed?.();
    }
  }

  /** A crash, and what would have come next. */
  #crashAt(at: CrashPoint): Crash {
    const place = this.points.findIndex(
      ({ call, when, message }) => call === at.call && when === at.when && message === at.message,
    );
    return { at, next: place < 0 ? undefined : this.points[place + 1] };
  }

  async #live(
    world: W,
    group: string,
    commits: "each" | "none",
    crashAt: number | undefined,
    before: readonly Crash[],
  ) {
    const { cluster, registry } = this.#parts;
    const life = new Life(crashAt);
    const consumer = await createConsumer<readonly [T]>({
      brokers: cluster.brokers,
      registry,
      group,
      topics: [this.#topic],
      from: "earliest",
      concurrency: 1,
    });
    const handle = this.#handler(worldOf(world, life, ["snapshot", "crashed"]));
    let finish = (): void => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const running = consumer.run(async (message, context) => {
      life.message = (message as MessageOf<AnyTopic>).offset + 1;
      await handle(message, context);
      if (!life.pass(undefined, "before")) return new Promise<void>(() => {});
      const { topic, partition, offset } = message as MessageOf<AnyTopic>;
      if (commits === "each") {
        cluster.group(group).commit([{ topic, partition, offset: offset + 1 }]);
      }
      if (offset + 1 === this.#count) finish();
    });
    const failed = running.then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    const stuck = (): Error => {
      const crash = before.length === 0 ? "no crash before" : crashesText(before, commits);
      return testingErrors.create("TESTING_PROOF_STUCK", { timeoutMs: this.#timeoutMs, crash });
    };
    try {
      const first = Promise.race([life.death, finished, failed]);
      const failure = await within(first, this.#timeoutMs, stuck);
      const isKilled = life.isOver;
      life.end();
      await within(life.settled(), this.#timeoutMs, stuck);
      return { points: life.points, failure: failure?.error, isKilled };
    } finally {
      life.end();
      cluster.crash(group);
      await failed;
    }
  }
}

/** What a promise yields; the error when it takes too long. */
async function within<R>(promise: Promise<R>, ms: number, late: () => Error): Promise<R> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}

function failedAlone(error: unknown): unknown {
  if (!isTypewireError(error, "KAFKA_HANDLER_FAILED")) return error;
  const { topic, partition, offset, reason } = error.details;
  const details = { topic, partition, offset, reason };
  return testingErrors.create("TESTING_HANDLER_FAILED", details, error.cause);
}

function failureText(error: unknown): string {
  const reason = isTypewireError(error, "KAFKA_HANDLER_FAILED") ? error.cause : error;
  return `delivered again, the handler fails: ${reasonOf(reason)}`;
}
