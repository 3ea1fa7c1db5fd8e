/** The Confluent frame: how a record says which schema it was written with. */

export { wireErrors } from "./errors.ts";
export type { SchemaRef } from "./frame.ts";
export {
  FRAME_HEADER_BYTES,
  frameBytes,
  readSchemaHeader,
  readSchemaRef,
  SCHEMA_HEADERS,
  SCHEMA_ID_MAX,
  writeFrameHeader,
} from "./frame.ts";
