/** What a process holds stays flat while clients and members of its group come and go. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { describeKafka } from "../brokers/describe-kafka.ts";
import type { Held, SoakReport } from "./soak.mjs";

const TURNS = 14;
/** In the first turns code is compiled and caches fill. */
const WARM_UP = 6;
/** What the heap may differ by from turn to turn: less than what one client holds, times the turns. */
const HEAP_SLACK_BYTES = 1_500_000;

describeKafka("soak", (brokers) => {
  test("memory, handles, threads and files are flat; nothing is handled twice or lost", async () => {
    const program = fileURLToPath(new URL("soak.mjs", import.meta.url));
    const args = ["--expose-gc", program, brokers.join(","), String(TURNS)];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 280_000 });
    const report = JSON.parse(stdout) as SoakReport;
    expect(report.handled).toBe(report.sent);
    for (const held of [report.clients, report.storm]) {
      expect(held).toHaveLength(TURNS);
      const [early, late] = [held.slice(WARM_UP, WARM_UP + 4), held.slice(-4)];
      const story = JSON.stringify(held);
      // The least of several turns: what is on its way at the moment of measuring is no leak.
      for (const name of ["resources", "threads", "files"] as const) {
        expect(least(late, name), `${name}: ${story}`).toBeLessThanOrEqual(least(early, name));
      }
      const grown = least(late, "heapBytes") - least(early, "heapBytes");
      expect(grown, `heapBytes: ${story}`).toBeLessThan(HEAP_SLACK_BYTES);
    }
  }, 300_000);
});

function least(held: readonly Held[], name: keyof Held): number {
  return Math.min(...held.map((turn) => turn[name]));
}
