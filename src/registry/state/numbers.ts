/**
 * Ids and versions are numbers from 1 to 2^31 − 1: the frame of a message carries an id as a signed
 * 32-bit integer, and Confluent's registry and its clients keep both in a Java `int`.
 */

/** The last id of a context and the last version of a subject. */
export const NUMBER_MAX = 2 ** 31 - 1;

/** Whether a value can be an id or a version. */
export function isSchemaNumber(value: unknown): value is number {
  return isInt32(value) && value >= 1;
}

/** Whether a value is an integer that a Java `int` holds. */
export function isInt32(value: unknown): value is number {
  return typeof value === "number" && (value | 0) === value;
}
