/** A short turn of the chaos on three brokers; `npm run chaos` takes longer ones. */
import { describe, expect, test } from "vitest";
import { whyNoKafka } from "../brokers/install.mjs";
import { brokenPromises } from "./judge.mjs";
import { runChaos } from "./run.mjs";

const missing = await whyNoKafka();
const why = missing === undefined ? "" : ` (skipped: ${missing})`;

/** Everything that the deck of the chaos holds. */
const ACTS = [
  "graceful stop of a consumer",
  "SIGKILL of a consumer",
  "SIGTERM of a consumer",
  "freeze of a consumer",
  "SIGKILL of a pipeline",
  "SIGTERM of a pipeline",
  "freeze of a pipeline",
  "SIGKILL of a producer",
  "SIGTERM of a producer",
  "freeze of a producer",
  "registry down",
  "registry slow",
];

describe.skipIf(missing !== undefined)(`chaos${why}`, () => {
  test("no promise is broken, whatever is killed, frozen, stopped, or away", async () => {
    const said: string[] = [];
    const report = await runChaos({
      seconds: 15,
      seed: 20_261_129,
      order: "partition",
      brokers: 3,
      ratePerS: 150,
      crew: { producer: 1, consumer: 3, pipeline: 2 },
      say: (line) => said.push(line),
    });
    const story = [...said, ...report.errors.slice(0, 20), JSON.stringify(report.counts)].join(
      "\n",
    );
    expect(brokenPromises(report.verdict), story).toEqual([]);
    expect(report.caughtUp, story).toBe(true);
    // A chaos in which nothing happens, or nothing is sent, would prove nothing.
    expect(Object.keys(report.acts), story).toEqual(expect.arrayContaining(ACTS));
    expect(Object.keys(report.acts).join(), story).toMatch(/of a broker/);
    expect(report.counts["acknowledged"]).toBeGreaterThan(500);
    expect(report.counts["handled"]).toBeGreaterThan(300);
    expect(report.counts["dead letters"]).toBeGreaterThan(10);
    expect(report.counts["results of pipelines"]).toBeGreaterThan(100);
  }, 300_000);
});
