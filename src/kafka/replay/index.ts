/** Dead letters on their way back. */
export type { DeadLetter, ReplayedAs, ReplayOptions, ReplayReport } from "./replay.ts";
export { replayDeadLetters } from "./replay.ts";
