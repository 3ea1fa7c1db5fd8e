/** The Confluent frame: magic byte and schema id in front of a body. */

export { wireErrors } from "./errors.ts";
export { FRAME_HEADER_BYTES, readSchemaId, SCHEMA_ID_MAX, writeFrameHeader } from "./frame.ts";
