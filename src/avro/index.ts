/** Avro as pure functions: schemas, compatibility, and the codec. */

export type {
  ArrayShape,
  Conversion,
  EnumShape,
  FixedShape,
  JsKind,
  MappingOptions,
  MapShape,
  RecordShape,
  ScalarShape,
  UnionBranchShape,
  UnionShape,
  ValueShape,
} from "./mapping.ts";
// Mapping and codec
export { branchTag, FRACTION_DIGITS, fieldShape, shapeOf, TAG_PROPERTY } from "./mapping.ts";
