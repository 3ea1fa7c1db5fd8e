/** What a value of unknown origin is. */

/** Whether a value is an object with members: not null and no list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
