/** Numbers of things in sentences. */

/** A number with its thing, in the plural unless it is one: `1 byte`, `2 bytes`. */
export function counted(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}
