/** Schedules of crashes: which are tried, and how one is told. */
import type { CrashPoint } from "./crash-world.ts";
import { integerIn, randomOf } from "./random.ts";

/** Crashes, each counted in the places of the life that it ends. */
export interface Schedule {
  readonly crashes: readonly number[];
  /** Whether the offset of each handled message was committed at once, or none before the end. */
  readonly commits: "each" | "none";
}

/** A crash, and what would have come next. */
export interface Crash {
  readonly at: CrashPoint;
  readonly next: CrashPoint | undefined;
}

const CRASHES_MAX = 3;

/** Each place alone. What comes before the second message is the same whatever was committed. */
export function singles(points: readonly CrashPoint[]): Schedule[] {
  const places = points.map((_, i) => i);
  const late = places.filter((i) => (points[i]?.message ?? 0) > 1);
  return [
    ...places.map((i): Schedule => ({ crashes: [i], commits: "each" })),
    ...late.map((i): Schedule => ({ crashes: [i], commits: "none" })),
  ];
}

/** Several crashes, the shorter schedules first. */
export function several(places: number, seed: number, count: number): Schedule[] {
  if (places === 0) return [];
  const random = randomOf(seed);
  const schedules = Array.from({ length: count }, (): Schedule => {
    const crashes = Array.from({ length: integerIn(random, 2, CRASHES_MAX) }, () =>
      integerIn(random, 0, places - 1),
    );
    return { crashes, commits: random() < 0.5 ? "each" : "none" };
  });
  return schedules.sort((a, b) => a.crashes.length - b.crashes.length);
}

/** Crashes in words. */
export function crashesText(crashes: readonly Crash[], commits: Schedule["commits"]): string {
  const text = crashes.map(({ at, next }) => `crash ${placeText(at, next)}`).join(", then ");
  return commits === "each" ? text : `${text}, with no offset committed before`;
}

function placeText({ call, when, message }: CrashPoint, next: CrashPoint | undefined): string {
  if (call === undefined) return `after the handler, before the offset of message ${message}`;
  if (when === "before" || next === undefined || next.message !== message) {
    return `${when} \`${call}\` of message ${message}`;
  }
  const following = next.call === undefined ? "the offset" : `\`${next.call}\``;
  return `after \`${call}\`, ${next.when} ${following} of message ${message}`;
}
