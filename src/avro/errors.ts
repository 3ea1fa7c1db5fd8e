import { defineErrors } from "../errors.ts";

/** Every error that `typewire/avro` throws. */
export const avroErrors = defineErrors({
  AVRO_ALIAS_AMBIGUOUS: {
    message: "Reader field {field} matches several fields of writer record {record}: {matches}",
    hint: "Keep at most one of these names among the reader field's name and aliases.",
  },
  AVRO_DEFAULT_INVALID: {
    message: "Default {found} of field {field} at {pointer} is not a value of its type {type}",
    hint: "Write {expected}.",
  },
  AVRO_JSON_INVALID: {
    message: "JSON is invalid at line {line}, column {column}: {problem}, found {found}",
    hint: "Write {expected} there.",
  },
  AVRO_JSON_TOO_DEEP: {
    message: "JSON is nested deeper than {limit} levels",
    hint: "Flatten the document, or define named types one beside the other.",
  },
  AVRO_NAME_INVALID: {
    message: "Name {found} at {pointer} is not a valid {role}",
    hint: "Write {expected}.",
  },
  AVRO_NAME_REDEFINED: {
    message: "Type {name} at {pointer} is defined a second time",
    hint: "Define it once and refer to it by its name, or choose another name.",
  },
  AVRO_NAME_UNKNOWN: {
    message: "Type {name} at {pointer} is not defined",
    hint: "Define {name} in this schema, add a reference to the schema that defines it, or mend the name.",
  },
  AVRO_SCHEMA_INVALID: {
    message: "Schema is invalid at {pointer}: {problem}, found {found}",
    hint: "Write {expected}.",
  },
  AVRO_SCHEMA_TOO_DEEP: {
    message: "Schema is nested deeper than {limit} levels",
    hint: "Flatten the chain of types that contain each other.",
  },
});
