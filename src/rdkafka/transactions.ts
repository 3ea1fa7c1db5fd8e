/**
 * Transactions of node-rdkafka's producer.
 *
 * Invariants:
 * - Every call ends by our own clock, whatever the client does with its time-out; what librdkafka calls
 *   retriable is called again until then, because the call goes on where it was.
 * - The binding takes no lock in these calls: neither the producer nor a consumer whose offsets are
 *   sent may be torn down before {@link NativeTransactions.ended} or {@link offsetsSent}.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { KafkaConsumer, LibrdKafkaError, Producer } from "node-rdkafka";
import type { ConsumerBinding, TopicPartitionOffset, TransactionCalls } from "./binding.ts";
import { rdkafkaErrors } from "./errors.ts";
import { KAFKA_CODES, kafkaCodeOf, kafkaError } from "./native.ts";
import { TIMEOUT_MS_MAX, within } from "./within.ts";

/** Codes that say that another client has the transactional id now. */
const FENCED_CODES: ReadonlySet<number> = new Set<number>([
  KAFKA_CODES.fenced,
  KAFKA_CODES.invalidProducerEpoch,
  KAFKA_CODES.producerFenced,
]);
const RETRY_MS = 50;
/** `begin` asks no broker. */
const BEGIN_MS = 10_000;

interface TransactionError extends LibrdKafkaError {
  readonly isTxnRequiresAbort?: boolean;
}

type Call = (
  timeoutMs: number,
  callback: (error: TransactionError | null | undefined) => void,
) => void;

const clients = new WeakMap<ConsumerBinding, KafkaConsumer>();
const sending = new WeakMap<ConsumerBinding, Promise<unknown>>();

/** Lets transactions find the client of a consumer: its group's generation is in there. */
export function registerConsumer(binding: ConsumerBinding, client: KafkaConsumer): void {
  clients.set(binding, client);
}

/** Resolves when no transaction reads the client of a consumer; before that it must not be closed. */
export async function offsetsSent(binding: ConsumerBinding): Promise<void> {
  await sending.get(binding);
}

/** The steps of transactions of a producer. */
export class NativeTransactions implements TransactionCalls {
  readonly #client: Producer;
  #running: Promise<unknown> = Promise.resolve();

  constructor(client: Producer) {
    this.#client = client;
  }

  init(timeoutMs: number): Promise<void> {
    return this.#attempt("taking over the transactional id", timeoutMs, (ms, done) =>
      this.#client.initTransactions(ms, done as never),
    );
  }

  begin(): Promise<void> {
    return this.#attempt("beginning a transaction", BEGIN_MS, (_ms, done) =>
      this.#client.beginTransaction(done as never),
    );
  }

  sendOffsets(
    offsets: readonly TopicPartitionOffset[],
    consumer: ConsumerBinding,
    timeoutMs: number,
  ): Promise<void> {
    const client = clients.get(consumer);
    if (client === undefined) throw new TypeError("the binding is no consumer's");
    const sent = this.#attempt("adding offsets to the transaction", timeoutMs, (ms, done) => {
      this.#client.sendOffsetsToTransaction([...offsets], client, ms, done as never);
      sending.set(consumer, this.#running);
    });
    return sent;
  }

  commit(timeoutMs: number): Promise<void> {
    return this.#attempt("committing the transaction", timeoutMs, (ms, done) =>
      this.#client.commitTransaction(ms, done as never),
    );
  }

  abort(timeoutMs: number): Promise<void> {
    return this.#attempt("aborting the transaction", timeoutMs, (ms, done) =>
      this.#client.abortTransaction(ms, done as never),
    );
  }

  /** Resolves when no call runs, also none that we stopped waiting for. */
  async ended(): Promise<void> {
    await this.#running;
  }

  async #attempt(action: string, timeoutMs: number, call: Call): Promise<void> {
    const endsAt = performance.now() + timeoutMs;
    // The client takes one call at a time, and one that we gave up on may still run.
    await within(this.#running, timeoutMs, action);
    for (;;) {
      const leftMs = Math.max(endsAt - performance.now(), 0);
      const error = await within(this.#once(call, leftMs), leftMs, action);
      if (!error) return;
      const again = error.isRetriable === true && error.isTxnRequiresAbort !== true;
      if (!again || performance.now() + RETRY_MS >= endsAt) throw transactionError(action, error);
      await sleep(RETRY_MS);
    }
  }

  #once(call: Call, timeoutMs: number): Promise<TransactionError | null | undefined> {
    let done: () => void = () => {};
    this.#running = new Promise<void>((resolve) => {
      done = resolve;
    });
    return new Promise((resolve, reject) => {
      try {
        call(Math.min(Math.ceil(timeoutMs), TIMEOUT_MS_MAX), (error) => {
          done();
          resolve(error);
        });
      } catch (error) {
        done();
        reject(kafkaError("a transaction", error));
      }
    });
  }
}

function transactionError(action: string, error: TransactionError): Error {
  const kafkaCode = kafkaCodeOf(error);
  if (!FENCED_CODES.has(kafkaCode)) return kafkaError(action, error);
  const details = { action, reason: error.message, kafkaCode };
  return rdkafkaErrors.create("RDKAFKA_FENCED", details, error);
}
