/** Large and deep requests: each is answered, and memory stays bounded. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hostileCases } from "../../bench/hostile-cases.mjs";
import { play, startHostileServer } from "../../bench/hostile-play.mjs";

/** Of an answer: twice what was sent (a refusal quotes the request), and what findings may take. */
const ANSWER_CHARS = 2_500_000;
/** Of the whole process, with all that the cases registered in it. */
const PEAK_BYTES = 900 * 2 ** 20;
const SIZE = 150_000;
const START = Number(process.env["TYPEWIRE_HOSTILE_SEED"] ?? 20261128);

let registry: Awaited<ReturnType<typeof startHostileServer>>;
beforeEach(async () => {
  registry = await startHostileServer();
});
afterEach(() => registry.stop());

describe("requests that look for what costs too much", () => {
  test.each(Array.from({ length: 3 }, (_, n) => START + n))(
    "of seed %i get an answer that is no longer than it should be, and the process lives",
    async (seed) => {
      for (const one of hostileCases(seed, SIZE)) {
        const { status, sent, got, what, peakBytes } = await play(registry, one);
        const told = `${one.name} ${what}`;
        expect(status, told).toBeLessThan(500);
        expect(got, told).toBeLessThan(2 * sent + ANSWER_CHARS);
        expect(peakBytes, told).toBeLessThan(PEAK_BYTES);
      }
    },
  );
});
