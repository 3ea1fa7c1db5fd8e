import { defineErrors } from "../base/index.ts";

/** Every error that `typewire/avro` throws. */
export const avroErrors = defineErrors({
  AVRO_OPTION_INVALID: {
    message: "{option} {value} is not valid: {reason}",
    hint: "Correct the argument; its documentation names what it may be.",
  },
  AVRO_ALIAS_AMBIGUOUS: {
    message: "Reader field {field} matches several fields of writer record {record}: {matches}",
    hint: "Keep at most one of these names among the reader field's name and aliases.",
  },
  AVRO_COMPARISON_TOO_LARGE: {
    message: "Comparing the schemas takes more than {limit} steps",
    hint: "Make the unions or the recursion of the schemas smaller, or raise the number of steps.",
  },
  AVRO_DEFAULT_INVALID: {
    message: "Default {found} of field {field} at {pointer} is not a value of its type {type}",
    hint: "Write {expected}.",
  },
  AVRO_DEFAULTS_TOO_LARGE: {
    message: "Checking the defaults of the schema takes more than {limit} steps",
    hint: "Make the defaults smaller, or the unions of records that they are values of.",
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
    message: "Can't redefine: {name}, defined differently at {pointer}",
    hint: "Define it once and refer to it by its name, or choose another name; all that a schema refers to has one meaning for each name.",
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
  AVRO_TYPE_INLINE: {
    message:
      "Type {kind} at {pointer} is not defined: {kind} is a kind of type, not the name of one",
    hint: 'Write the definition inside of the type: "type": { "type": "{kind}", … }; a union is an array of types.',
  },
  // Codec
  AVRO_CLOSURE_TOO_LARGE: {
    message: "All that the schema refers to has more than {limit} {what} together",
    hint: "Refer to fewer schemas, or put types that belong together into one schema.",
  },
  AVRO_CONTAINER_CODEC_UNSUPPORTED: {
    message: "Container file is compressed with {codec}, which is not supported",
    hint: "Write the file with the codec null or deflate.",
  },
  AVRO_CONTAINER_INVALID: {
    message: "Container file is invalid at byte {offset}: {problem}",
    hint: "Check that the file is an Avro object container file and was copied completely.",
  },
  AVRO_DATA_INVALID: {
    message: "{path}: the data has {problem} (value starts at byte {offset})",
    hint: "Check that the data was written with this writer's schema; a wrong schema id looks like this.",
  },
  AVRO_DATA_TRAILING: {
    message: "{count} bytes follow the value, from byte {offset}",
    hint: "Check that the data was written with this writer's schema; a wrong schema id looks like this.",
  },
  AVRO_DATA_TRUNCATED: {
    message: "{path}: the data ends inside the value that starts at byte {offset}",
    hint: "Check that the data is complete and was written with this writer's schema.",
  },
  AVRO_DATA_UNREADABLE: {
    message: "{path}: this datum does not fit the reader's schema: {problem}",
    hint: "Give the reader's schema a place for it (a default, a symbol, a branch), or mend the writer.",
  },
  AVRO_DECIMAL_TOO_LARGE: {
    message:
      "The decimal at {place} is too large: precision {precision}, fixed size {size} (0 for bytes), of at most {digitsMax} digits and {bytesMax} bytes",
    hint: 'Map {place} to "raw" in the fields of the mapping to have its bytes, or lower the precision.',
  },
  AVRO_DEFAULT_UNUSABLE: {
    message: "{path}: the default {default} of field {field} can't be used: {problem}",
    hint: "Correct the default of {field} in the schema; until then give the field a value.",
  },
  AVRO_FIELD_UNKNOWN: {
    message: "The mapping names the field {field}, which the schema does not have",
    hint: "Name a field by the full name of its record, a dot and its own name: com.example.Order.total.",
  },
  AVRO_FINGERPRINT_UNKNOWN: {
    message: "No schema is known for the fingerprint {fingerprint}",
    hint: "Add the schema that the message was written with to the schemas of the reader.",
  },
  AVRO_LIMIT_EXCEEDED: {
    message: "{path}: the limit {limit} of {max} is exceeded",
    hint: "Raise the limit in the codec's options if the data is to be trusted.",
  },
  AVRO_MESSAGE_INVALID: {
    message: "Message is not in the single-object encoding: it starts with {found}",
    hint: "Check that the message starts with the bytes c3 01 and an 8-byte fingerprint.",
  },
  AVRO_RESOLUTION_TOO_LARGE: {
    message: "{path}: fitting the writer's schema to the reader's takes more than {max} steps",
    hint: "Use smaller unions of records, or raise resolutionStepsMax in the limits of the codec.",
  },
  AVRO_VALUE_INVALID: {
    message: "{path}: expected {expected}, got {actual}",
    hint: "Give the field a value of its type, or change the schema.",
  },
});
