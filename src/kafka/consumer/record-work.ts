/** Handles the records of a lane: reads them, calls the handler, counts them as handled. */
import { reasonOf } from "../../base/index.ts";
import type { RecordBatch } from "../../rdkafka/index.ts";
import type { AnyTopic } from "../../schema/index.ts";
import type { AnyMessage, RecordReader } from "../codec/index.ts";
import type { BatchHandler, HandlerContext, MessageHandler } from "../contract/index.ts";
import { kafkaErrors } from "../contract/index.ts";

import type { Lane, Segment } from "./lane.ts";

/**
 * Handles the oldest segment of a lane, up to the lane's closing.
 *
 * @throws KAFKA_HANDLER_FAILED, KAFKA_UNDECODABLE_RECORD, KAFKA_SCHEMA_UNAVAILABLE: the record they
 *   name is not handled, everything before it is.
 */
export type LaneWork = (lane: Lane, segment: Segment) => Promise<void>;

/** Readers by topic. */
export type Readers = ReadonlyMap<string, RecordReader>;

/** Calls a handler for each message. */
export function messageWork(readers: Readers, handler: MessageHandler<AnyTopic>): LaneWork {
  return async (lane, { shared: { batch }, indexes }) => {
    const reader = readers.get(lane.topic) as RecordReader;
    const context: HandlerContext = { signal: lane.signal };
    for (const i of indexes) {
      if (lane.closed) return;
      let message = reader.read(batch, i);
      if (message === undefined) {
        message = await readLater(reader, batch, i, lane);
        if (message === undefined) return;
      }
      try {
        const handling = handler(message, context);
        if (handling !== undefined) await handling;
      } catch (error) {
        // Told to give up, it did: the record belongs to somebody else now.
        if (lane.signal.aborted) return;
        throw handlerFault(message, error);
      }
      lane.handled(message.offset);
    }
  };
}

/** Calls a handler for each run of messages. */
export function batchWork(readers: Readers, handler: BatchHandler<AnyTopic>): LaneWork {
  return async (lane, segment) => {
    const reader = readers.get(lane.topic) as RecordReader;
    const { messages, fault } = await readAll(reader, lane, segment);
    const first = messages[0];
    if (lane.closed) return;
    if (first !== undefined) {
      const { topic, partition } = lane;
      try {
        await handler({ topic, partition, messages }, { signal: lane.signal });
      } catch (error) {
        if (lane.signal.aborted) return;
        throw handlerFault(first, error);
      }
      for (const { offset } of messages) lane.handled(offset);
    }
    if (fault !== undefined) throw fault;
  };
}

/** The messages of a segment up to the first that can't be read. */
async function readAll(
  reader: RecordReader,
  lane: Lane,
  { shared: { batch }, indexes }: Segment,
): Promise<{ messages: AnyMessage[]; fault?: Error }> {
  const messages: AnyMessage[] = [];
  for (const i of indexes) {
    try {
      const message = reader.read(batch, i) ?? (await readLater(reader, batch, i, lane));
      if (message === undefined || lane.closed) return { messages: [] };
      messages.push(message);
    } catch (fault) {
      return { messages, fault: fault as Error };
    }
  }
  return { messages };
}

/** Fetches what is missing, then reads; undefined when the lane was closed meanwhile. */
async function readLater(
  reader: RecordReader,
  batch: RecordBatch,
  i: number,
  lane: Lane,
): Promise<AnyMessage | undefined> {
  await reader.load(batch, i, lane.closing);
  return lane.closed ? undefined : reader.read(batch, i);
}

function handlerFault(message: AnyMessage, error: unknown): Error {
  const { topic, partition, offset } = message;
  const schemaId = message.schemaId ?? "none";
  const reason = reasonOf(error);
  const details = { topic, partition, offset, schemaId, reason };
  return kafkaErrors.create("KAFKA_HANDLER_FAILED", details, error);
}
