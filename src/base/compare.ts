/** The order of names: by UTF-16 code units, which is that of Java's `String.compareTo`. */

/** Compares two texts by their UTF-16 code units, for `sort`. */
export function byUnits(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
