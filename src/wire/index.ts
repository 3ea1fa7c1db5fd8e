export { wireErrors } from "./errors.ts";
export {
  FRAME_HEADER_BYTES,
  MAGIC_SCHEMA_ID,
  readSchemaId,
  SCHEMA_ID_MAX,
  writeFrameHeader,
} from "./frame.ts";
