/**
 * Headers of produced records. The binding turns every value into a C string and reads only the
 * first property of each header object, so: text without NUL, one key per object.
 */
import { rdkafkaErrors } from "./errors.ts";

/** NUL would cut the value, a lone surrogate would become U+FFFD: neither arrives as it was. */
const UNSENDABLE = /[\0\p{Surrogate}]/u;

/**
 * Headers as the binding takes them.
 *
 * @throws RDKAFKA_HEADER_INVALID
 */
export function nativeHeaders(
  headers: readonly (readonly [name: string, value: string])[],
): Record<string, string>[] {
  return headers.map(([name, value]) => {
    if (typeof value !== "string") throw invalid(name, "its value is not text");
    if (UNSENDABLE.test(name)) throw invalid(name, "its name has a NUL or half a surrogate pair");
    if (UNSENDABLE.test(value)) throw invalid(name, "its value has a NUL or half a surrogate pair");
    return { [name]: value };
  });
}

function invalid(name: string, reason: string): Error {
  return rdkafkaErrors.create("RDKAFKA_HEADER_INVALID", { name, reason });
}
