import { defineErrors } from "../base/index.ts";

/** Errors of the Confluent frame. */
export const wireErrors = defineErrors({
  WIRE_TOO_SHORT: {
    message: "Payload of {bytes} bytes is too short for a schema id: a frame has at least 5",
    hint: "Check that the producer writes Confluent's frame (magic byte 0, schema id); an empty payload is not a tombstone.",
  },
  WIRE_WRONG_MAGIC: {
    message: "Payload begins with byte {magic}, a frame with a schema id begins with 0",
    hint: "The record was written without a schema registry, or by another serializer; the first bytes are {head}.",
  },
  WIRE_SCHEMA_ID_INVALID: {
    message: "Schema id {id} does not fit a frame",
    hint: "Schema ids are integers from 0 to 2147483647.",
  },
});
