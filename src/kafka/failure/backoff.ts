/** Pauses between attempts: exponential, capped, with jitter so that many do not come back at once. */

/** How pauses grow, in milliseconds. */
export interface Backoff {
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
}

const JITTER = 0.2;
/** Beyond this power of two every pause is the longest one. */
const DOUBLINGS_MAX = 40;

/**
 * The pause before attempt `n` + 1, after `n` failures in a row; shorter by up to a fifth.
 *
 * @param random from 0 to below 1
 */
export function delayOf({ firstDelayMs, maxDelayMs }: Backoff, n: number, random: number): number {
  const grown = firstDelayMs * 2 ** Math.min(n - 1, DOUBLINGS_MAX);
  return Math.min(maxDelayMs, grown) * (1 - JITTER * random);
}
