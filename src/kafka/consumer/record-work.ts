/** From a handler to what the consumer's loop calls for records or batches. */
import type { AnyTopic } from "../../schema/index.ts";
import type { AnyMessage } from "../codec/index.ts";
import type { BatchHandler, MessageHandler } from "../contract/index.ts";
import { BatchPipeline } from "./batch-pipeline.ts";
import type { WorkParts } from "./pipeline.ts";
import { Pipeline } from "./pipeline.ts";
import type { Work } from "./work.ts";

/**
 * Calls a handler for each message. The work throws KAFKA_HANDLER_FAILED, KAFKA_UNDECODABLE_RECORD,
 * KAFKA_SCHEMA_UNAVAILABLE, KAFKA_FORWARD_FAILED.
 */
export function messageWork(parts: WorkParts, handler: MessageHandler<AnyTopic>): Work {
  const pipeline = new Pipeline(parts, (messages, context) =>
    handler(messages[0] as AnyMessage, context),
  );
  return { each: (batch, i, lane) => pipeline.each(batch, i, lane) };
}

/** Calls a handler for each run of messages. The work's errors are those of {@link messageWork}. */
export function batchWork(parts: WorkParts, handler: BatchHandler<AnyTopic>): Work {
  const pipeline = new Pipeline(parts, (messages, context) => {
    const { topic, partition } = messages[0] as AnyMessage;
    return handler({ topic, partition, messages }, context);
  });
  const answer = parts.rules?.handler ?? "stop";
  const batches = new BatchPipeline(pipeline, answer !== "stop");
  return { together: (batch, indexes, lane) => batches.together(batch, indexes, lane) };
}
