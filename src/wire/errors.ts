import { defineErrors } from "../base/index.ts";

/** Errors of the Confluent frame. */
export const wireErrors = defineErrors({
  WIRE_HEADER_INVALID: {
    message: "Header {header} names no schema: it has {bytes} bytes, beginning with {head}",
    hint: "It holds byte 0 and a schema id (5 bytes), or byte 1 and a GUID (17 bytes); look at what the producer's serializer writes.",
  },
  WIRE_TOO_SHORT: {
    message: "Payload of {bytes} bytes is too short: a frame that begins as it does has {needed}",
    hint: "Check that the producer writes Confluent's frame (byte 0 and a schema id, or byte 1 and a GUID); an empty payload is not a tombstone.",
  },
  WIRE_WRONG_MAGIC: {
    message: "Payload begins with byte {magic}, a frame begins with 0 (schema id) or 1 (GUID)",
    hint: "The record was written without a schema registry, or by another serializer; the first bytes are {head}.",
  },
  WIRE_SCHEMA_ID_INVALID: {
    message: "Schema id {id} does not fit a frame",
    hint: "Schema ids are integers from 0 to 2147483647.",
  },
});
