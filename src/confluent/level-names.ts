/** The names of the compatibility levels. */

/** The seven compatibility levels, from the weakest. */
export const LEVELS = [
  "NONE",
  "BACKWARD",
  "BACKWARD_TRANSITIVE",
  "FORWARD",
  "FORWARD_TRANSITIVE",
  "FULL",
  "FULL_TRANSITIVE",
] as const;

/** A compatibility level, as Confluent spells it. */
export type Level = (typeof LEVELS)[number];
