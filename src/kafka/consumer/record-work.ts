/**
 * What is done with one record, or with one batch: read it, call the handler. The consumer owns order,
 * concurrency and offsets; what is here owns a record from its bytes to the end of its handling.
 *
 * Invariants: a record that is not done is never reported as done; the path of a record that is read
 * and handled without waiting makes no promise.
 */
import type { RecordBatch } from "../../rdkafka/index.ts";
import type { AnyTopic } from "../../schema/index.ts";
import type { AnyMessage, RecordReader } from "../codec/index.ts";
import type { BatchHandler, HandlerContext, MessageHandler } from "../contract/index.ts";
import { kafkaErrors } from "../contract/index.ts";

/** What the work on a record sees of the partition that it belongs to. */
export interface LaneView {
  readonly topic: string;
  readonly partition: number;
  /** Aborted when nothing new may start: no record, and no further attempt at this one. */
  readonly closing: AbortSignal;
  /** Aborted when the work has to be given up; whatever it still does does not count. */
  readonly signal: AbortSignal;
  /** Says that the work waits before it tries again, or that this wait is over. */
  paused(until: "retry" | "outage", on: boolean): void;
}

/**
 * Does everything there is to do with record `i`. `undefined` or a fulfilled promise: the record is
 * done, and its offset may be committed. A throw or a rejection: it is not done, and the consumer
 * stops with that error; {@link LaneClosed} says that it is not done and that nothing is wrong.
 */
export type RecordWork = (
  batch: RecordBatch,
  i: number,
  lane: LaneView,
) => Promise<void> | undefined;

/** How far the work on a batch came. */
export interface BatchOutcome {
  /** So many records, counted from the first, are done. */
  readonly done: number;
  /** Why the consumer stops after them; absent when what is left, if anything, comes again. */
  readonly error?: unknown;
}

/** Does with the records of `indexes` together what {@link RecordWork} does with one. */
export type BatchWork = (
  batch: RecordBatch,
  indexes: readonly number[],
  lane: LaneView,
) => Promise<BatchOutcome>;

/** How a run handles what it is given. */
export type Work =
  | { readonly each: RecordWork; readonly together?: undefined }
  | { readonly together: BatchWork; readonly each?: undefined };

/** Thrown by work that stops because its partition is closing: not done, and no failure. */
export class LaneClosed extends Error {}

/** Readers by topic. */
export type Readers = ReadonlyMap<string, RecordReader>;

/**
 * Calls a handler for each message. The work throws KAFKA_HANDLER_FAILED, KAFKA_UNDECODABLE_RECORD,
 * KAFKA_SCHEMA_UNAVAILABLE.
 */
export function messageWork(readers: Readers, handler: MessageHandler<AnyTopic>): Work {
  let current: { lane: LaneView; reader: RecordReader; context: HandlerContext } | undefined;
  const each: RecordWork = (batch, i, lane) => {
    if (current?.lane !== lane) {
      const reader = readers.get(lane.topic) as RecordReader;
      current = { lane, reader, context: { signal: lane.signal } };
    }
    const { reader, context } = current;
    const message = reader.read(batch, i);
    if (message !== undefined) return handle(handler, message, context);
    return readLater(reader, batch, i, lane).then((late) => handle(handler, late, context));
  };
  return { each };
}

/** Calls a handler for each run of messages. The work's errors are those of {@link messageWork}. */
export function batchWork(readers: Readers, handler: BatchHandler<AnyTopic>): Work {
  const together: BatchWork = async (batch, indexes, lane) => {
    const reader = readers.get(lane.topic) as RecordReader;
    const { messages, fault } = await readAll(reader, batch, indexes, lane);
    const first = messages[0];
    if (lane.closing.aborted) throw new LaneClosed();
    if (first !== undefined) {
      const { topic, partition } = lane;
      try {
        await handler({ topic, partition, messages }, { signal: lane.signal });
      } catch (error) {
        if (lane.signal.aborted) throw new LaneClosed();
        throw handlerFault(first, error);
      }
    }
    return { done: messages.length, ...(fault !== undefined && { error: fault }) };
  };
  return { together };
}

/** The messages of a batch up to the first that can't be read. */
async function readAll(
  reader: RecordReader,
  batch: RecordBatch,
  indexes: readonly number[],
  lane: LaneView,
): Promise<{ messages: AnyMessage[]; fault?: unknown }> {
  const messages: AnyMessage[] = [];
  for (const i of indexes) {
    try {
      messages.push(reader.read(batch, i) ?? (await readLater(reader, batch, i, lane)));
    } catch (fault) {
      if (fault instanceof LaneClosed) throw fault;
      return { messages, fault };
    }
  }
  return { messages };
}

/** Fetches what is missing, then reads. @throws LaneClosed when the partition closed meanwhile */
async function readLater(
  reader: RecordReader,
  batch: RecordBatch,
  i: number,
  lane: LaneView,
): Promise<AnyMessage> {
  await reader.load(batch, i, lane.closing);
  const message = lane.closing.aborted ? undefined : reader.read(batch, i);
  if (message === undefined) throw new LaneClosed();
  return message;
}

function handle(
  handler: MessageHandler<AnyTopic>,
  message: AnyMessage,
  context: HandlerContext,
): Promise<void> | undefined {
  try {
    const handling = handler(message, context);
    return handling === undefined ? undefined : settle(handling, message, context);
  } catch (error) {
    throw notDone(message, context, error);
  }
}

async function settle(
  handling: Promise<void>,
  message: AnyMessage,
  context: HandlerContext,
): Promise<void> {
  try {
    await handling;
  } catch (error) {
    throw notDone(message, context, error);
  }
}

function notDone(message: AnyMessage, { signal }: HandlerContext, error: unknown): Error {
  // Told to give up, it did: the record belongs to somebody else now.
  return signal.aborted ? new LaneClosed() : handlerFault(message, error);
}

function handlerFault(message: AnyMessage, error: unknown): Error {
  const { topic, partition, offset } = message;
  const schemaId = message.schemaId ?? "none";
  const reason = error instanceof Error ? error.message : String(error);
  const details = { topic, partition, offset, schemaId, reason };
  return kafkaErrors.create("KAFKA_HANDLER_FAILED", details, error);
}
