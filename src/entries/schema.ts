/** `typewire/schema`: the types that generated code carries. Loads no package. */
export type {
  AnyTopic,
  AvroType,
  Boxed,
  InputOf,
  Mapping,
  OutputOf,
  PlainType,
  Prefixed,
  SchemaReference,
  Tagged,
  Topic,
  WireType,
} from "../schema/index.ts";
export {
  avroType,
  bytesType,
  noKey,
  prefixed,
  rawType,
  renamed,
  stringType,
  topic,
} from "../schema/index.ts";
