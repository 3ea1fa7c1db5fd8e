/**
 * Transactions, one at a time.
 *
 * Invariants:
 * - A client that met an error, a time-out or an abort in a transaction is thrown away: librdkafka can
 *   carry something of a transaction over into a later one. The next transaction has a new client,
 *   which takes the transactional id over and so ends whatever the old one left open.
 * - A producer that was fenced stays so: it never takes the id back from who has it now.
 * - In doubt it aborts; what was sent for commit and not answered is told as in doubt, never as done.
 * - One deadline covers waiting for the turn, the function, the flush, the offsets and the commit. The
 *   broker's own time-out is longer, so it is always ours that ends a transaction.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { isTypewireError } from "../../base/index.ts";
import type { ProducerBinding, TransactionCalls } from "../../rdkafka/index.ts";
import { rdkafkaErrors, requiresAbort } from "../../rdkafka/index.ts";
import type { AnyTopic } from "../../schema/index.ts";
import { Deadline, deferred, kafkaErrors, TOO_LATE } from "../contract/index.ts";
import type { LanedProducer } from "./laned-producer.ts";
import { deadlineOf } from "./laned-producer.ts";
import type { Transaction } from "./open-transaction.ts";
import { OpenTransaction } from "./open-transaction.ts";
import type { TimeoutOption } from "./producer.ts";

/** Sends typed records in transactions. */
export interface TransactionalProducer {
  /**
   * Runs a function whose records and offsets become visible together when it is done, or never. A
   * second call waits for its turn. Resolves with what the function returned, once committed.
   *
   * Rejects with what the function threw, or with the failure of a send, awaited or not: the
   * transaction is aborted then. KAFKA_TRANSACTION_TIMEOUT and KAFKA_TRANSACTION_ABORTED: nothing is
   * visible. KAFKA_TRANSACTION_IN_DOUBT: the commit was not answered. KAFKA_PRODUCER_FENCED: another
   * producer has the transactional id, for good. KAFKA_TRANSACTION_NESTED; RDKAFKA errors of connecting.
   *
   * @param options `timeoutMs` covers all of it; default, and at most, `transactionTimeoutMs`.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T> | T, options?: TimeoutOption): Promise<T>;
  /** Looks up schema ids and partitions now, so that a service fails at its start. */
  prepare(...topics: readonly AnyTopic[]): Promise<void>;
  /**
   * Begins nothing more, lets the transactions end that were begun, disconnects. At the deadline
   * (default 30,000 ms) an open one is aborted, and this rejects with RDKAFKA_CLOSE_TIMEOUT.
   */
  close(options?: TimeoutOption): Promise<void>;
}

/** One client's life: it serves transactions until one of them fails. */
export interface Generation {
  readonly producer: LanedProducer;
  readonly binding: ProducerBinding;
}

/** What transactions work with. */
export interface TransactionParts {
  readonly transactionalId: string;
  readonly timeoutMs: number;
  /** Connects a client that has not taken the transactional id over yet. */
  readonly connect: () => Promise<Generation>;
}

type Stage =
  | "waiting for its turn"
  | "taking over the transactional id"
  | "running its function"
  | "waiting for acknowledgements"
  | "adding its offsets";

const CLOSE_TIMEOUT_MS = 30_000;
/** How long the abort of a client that is thrown away may take, in milliseconds. */
const ABORT_TIMEOUT_MS = 10_000;

export class SerialTransactions implements TransactionalProducer {
  readonly #parts: TransactionParts;
  readonly #inside = new AsyncLocalStorage<true>();
  #current: Promise<Generation> | undefined;
  /** The turn of the last call; it never rejects. */
  #last: Promise<unknown> = Promise.resolve();
  /** Clients that are being thrown away. */
  #retiring: Promise<unknown> = Promise.resolve();
  #open: { readonly tx: OpenTransaction } | undefined;
  #fenced: unknown;
  #closing: Promise<void> | undefined;

  constructor(parts: TransactionParts) {
    this.#parts = parts;
  }

  /** Connects and takes the transactional id over. */
  async start(): Promise<void> {
    await this.#generation(Deadline.after(this.#parts.timeoutMs));
  }

  async transaction<T>(
    work: (tx: Transaction) => Promise<T> | T,
    { timeoutMs = this.#parts.timeoutMs }: TimeoutOption = {},
  ): Promise<T> {
    const { transactionalId } = this.#parts;
    this.#assertUsable();
    if (this.#inside.getStore() === true) {
      throw kafkaErrors.create("KAFKA_TRANSACTION_NESTED", { transactionalId });
    }
    const deadline = deadlineOf(timeoutMs);
    if (timeoutMs > this.#parts.timeoutMs) throw tooLong(timeoutMs, this.#parts.timeoutMs);
    const before = this.#last;
    const turn = deferred();
    this.#last = before.then(() => turn.promise);
    try {
      if ((await deadline.race(before)) === TOO_LATE) {
        throw this.#timeout("waiting for its turn", deadline);
      }
      this.#assertUsable();
      return await this.#run(work, deadline);
    } finally {
      turn.resolve();
    }
  }

  async prepare(...topics: readonly AnyTopic[]): Promise<void> {
    this.#assertUsable();
    const { producer } = await this.#generation(Deadline.after(this.#parts.timeoutMs));
    await producer.prepare(...topics);
  }

  close({ timeoutMs = CLOSE_TIMEOUT_MS }: TimeoutOption = {}): Promise<void> {
    try {
      this.#closing ??= this.#close(deadlineOf(timeoutMs));
      return this.#closing;
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  async #close(deadline: Deadline): Promise<void> {
    const late = (await deadline.race(this.#last)) === TOO_LATE;
    this.#open?.tx.end();
    await deadline.race(this.#closeClient(deadline));
    await deadline.race(this.#retiring);
    if (!late) return;
    const details = { timeoutMs: deadline.totalMs, pending: 0 };
    throw rdkafkaErrors.create("RDKAFKA_CLOSE_TIMEOUT", details);
  }

  async #closeClient(deadline: Deadline): Promise<void> {
    const generation = await this.#current?.catch(() => undefined);
    await generation?.producer.close({ timeoutMs: deadline.leftMs });
  }

  async #run<T>(work: (tx: Transaction) => Promise<T> | T, deadline: Deadline): Promise<T> {
    const generation = await this.#generation(deadline);
    const calls = callsOf(generation);
    const tx = new OpenTransaction(generation.producer);
    this.#open = { tx };
    let stage: Stage = "running its function";
    let result: T;
    const inTime = async <R>(step: Promise<R>): Promise<R> => {
      const done = await deadline.race(step);
      if (done === TOO_LATE) throw this.#timeout(stage, deadline);
      return done;
    };
    try {
      await inTime(calls.begin());
      result = await inTime(this.#inside.run(true, () => Promise.resolve().then(() => work(tx))));
      tx.end();
      stage = "waiting for acknowledgements";
      await inTime(generation.producer.flush({ timeoutMs: this.#parts.timeoutMs }));
      tx.assertSent();
      stage = "adding its offsets";
      for (const { binding, offsets } of tx.offsets) {
        await inTime(calls.sendOffsets(offsets, binding, deadline.leftMs));
      }
      tx.assertOwned();
      if (deadline.passed) throw this.#timeout(stage, deadline);
    } catch (error) {
      tx.end();
      const cause = await this.#giveUp(generation, error, deadline);
      // A group in the middle of a rebalance refuses offsets; afterwards it takes them.
      throw stage === "adding its offsets" && requiresAbort(cause) ? this.#aborted(cause) : cause;
    } finally {
      this.#open = undefined;
    }
    await this.#commit(generation, deadline);
    return result;
  }

  async #commit(generation: Generation, deadline: Deadline): Promise<void> {
    try {
      await callsOf(generation).commit(deadline.leftMs);
    } catch (error) {
      const known = await this.#giveUp(generation, error, deadline);
      if (this.#fenced !== undefined) throw known as Error;
      const { transactionalId } = this.#parts;
      if (requiresAbort(error)) throw this.#aborted(error);
      const details = { transactionalId, reason: error };
      throw kafkaErrors.create("KAFKA_TRANSACTION_IN_DOUBT", details, error);
    }
  }

  /**
   * Throws the client away and aborts what it has open.
   *
   * @returns the error to throw: the given one, or that the producer was fenced.
   */
  async #giveUp(generation: Generation, error: unknown, deadline: Deadline): Promise<unknown> {
    this.#current = undefined;
    this.#noteFenced(error);
    const aborted = callsOf(generation)
      .abort(ABORT_TIMEOUT_MS)
      .catch((reason: unknown) => this.#noteFenced(reason));
    const retired = aborted.then(() => generation.producer.close({ timeoutMs: 0 }));
    this.#retiring = Promise.all([this.#retiring, retired.catch(() => undefined)]);
    await deadline.race(aborted);
    return this.#fenced ?? error;
  }

  /** The client for the next transaction, made anew when the last one was thrown away. */
  async #generation(deadline: Deadline): Promise<Generation> {
    const stage: Stage = "taking over the transactional id";
    if (this.#current === undefined) {
      // The abort of the old client says whether another producer has the id now.
      if ((await deadline.race(this.#retiring)) === TOO_LATE) throw this.#timeout(stage, deadline);
      this.#assertUsable();
      const made = this.#connect();
      this.#current = made;
      made.catch(() => {
        if (this.#current === made) this.#current = undefined;
      });
    }
    const generation = await deadline.race(this.#current);
    if (generation === TOO_LATE) throw this.#timeout(stage, deadline);
    return generation;
  }

  async #connect(): Promise<Generation> {
    const generation = await this.#parts.connect();
    try {
      await callsOf(generation).init(this.#parts.timeoutMs);
      return generation;
    } catch (error) {
      this.#noteFenced(error);
      await generation.producer.close({ timeoutMs: 0 }).catch(() => undefined);
      throw this.#fenced ?? error;
    }
  }

  #noteFenced(error: unknown): void {
    if (this.#fenced !== undefined || !isTypewireError(error, "RDKAFKA_FENCED")) return;
    const { transactionalId } = this.#parts;
    this.#fenced = kafkaErrors.create("KAFKA_PRODUCER_FENCED", { transactionalId }, error);
  }

  #aborted(reason: unknown): Error {
    const { transactionalId } = this.#parts;
    return kafkaErrors.create("KAFKA_TRANSACTION_ABORTED", { transactionalId, reason }, reason);
  }

  #timeout(stage: Stage, { totalMs: timeoutMs }: Deadline): Error {
    const { transactionalId } = this.#parts;
    return kafkaErrors.create("KAFKA_TRANSACTION_TIMEOUT", { transactionalId, timeoutMs, stage });
  }

  #assertUsable(): void {
    if (this.#closing) throw kafkaErrors.create("KAFKA_CLOSED", { client: "producer" });
    if (this.#fenced !== undefined) throw this.#fenced as Error;
  }
}

function callsOf({ binding }: Generation): TransactionCalls {
  if (binding.transactions === undefined) throw new TypeError("the binding has no transactions");
  return binding.transactions;
}

function tooLong(timeoutMs: number, limit: number): Error {
  const reason = `transactionTimeoutMs of the producer is ${limit}`;
  return kafkaErrors.create("KAFKA_OPTION_INVALID", {
    option: "timeoutMs",
    value: timeoutMs,
    reason,
  });
}
