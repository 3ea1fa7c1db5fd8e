/**
 * A problem with one value or one datum whose place is not known yet. Readers and writers throw it
 * without a path; the interpreter, which knows the place, turns it into an error of the table.
 * Compiled code never makes errors: it hands the call over to the interpreter.
 */
export class CodecFault extends Error {
  readonly code: CodecFaultCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: CodecFaultCode, details: Readonly<Record<string, unknown>> = {}) {
    super(code);
    this.code = code;
    this.details = details;
  }
}

/** The rows that one value or datum can end in. */
export type CodecFaultCode =
  | "AVRO_VALUE_INVALID"
  | "AVRO_DATA_TRUNCATED"
  | "AVRO_DATA_TRAILING"
  | "AVRO_DATA_INVALID"
  | "AVRO_DATA_UNREADABLE"
  | "AVRO_DEFAULT_UNUSABLE"
  | "AVRO_RESOLUTION_TOO_LARGE"
  | "AVRO_LIMIT_EXCEEDED";

/** The value does not fit the schema. */
export function misfit(expected: string, value: unknown): CodecFault {
  return new CodecFault("AVRO_VALUE_INVALID", { expected, actual: describe(value) });
}

/** The bytes end before the value does. */
export function truncated(): CodecFault {
  return new CodecFault("AVRO_DATA_TRUNCATED");
}

/** The bytes are no encoding of the writer's schema, or of no value that JavaScript can hold. */
export function malformed(problem: string): CodecFault {
  return new CodecFault("AVRO_DATA_INVALID", { problem });
}

/** The datum is sound, but the reader's schema has no place for it. */
export function unreadable(problem: string): CodecFault {
  return new CodecFault("AVRO_DATA_UNREADABLE", { problem });
}

/** One of the limits is exceeded. */
export function overLimit(limit: string, max: number): CodecFault {
  return new CodecFault("AVRO_LIMIT_EXCEEDED", { limit, max });
}

/** A value for a message: scalars themselves (strings keep their quotes), the rest by kind. */
function describe(value: unknown): unknown {
  if (typeof value === "string") return Object(value);
  if (value === undefined) return "nothing";
  if (value === null || typeof value === "boolean" || typeof value === "bigint") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (Array.isArray(value)) return "an array";
  if (value instanceof Uint8Array && ArrayBuffer.isView(value)) return `${value.length} bytes`;
  if (value instanceof Date) return "a Date";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
