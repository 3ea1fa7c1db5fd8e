/** `typewire/schema`: the types that generated code carries. Loads no package. */
export type {
  AnyAvroType,
  AnyTopic,
  AvroType,
  Boxed,
  InputOf,
  Mapping,
  OutputOf,
  PlainType,
  SchemaReference,
  Tagged,
  Topic,
  UnionInputOf,
  UnionOutputOf,
  UnionType,
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
  unionType,
} from "../schema/index.ts";
