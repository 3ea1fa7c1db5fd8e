import fc from "fast-check";
import { expect, test } from "vitest";
import { createRegistryServer } from "../../src/server/index.ts";
import { history, play } from "./import-history.ts";
import { answersOf } from "./registry-answers.ts";
import { runHere } from "./run-here.ts";

const RUNS = 100;

test("an import of what happened first, then of all of it, makes a registry that answers the same", async () => {
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(history, history, async (first, then) => {
      const from = await createRegistryServer({ store: "memory", port: 0, drainMs: 0 });
      const to = await createRegistryServer({ store: "memory", port: 0, drainMs: 0 });
      try {
        await play(from.url, first);
        const args = ["import", "--from", from.url, "--to", to.url];
        expect(await runHere(args)).toMatchObject({ status: 0 });
        expect(await answersOf(to.url)).toEqual(await answersOf(from.url));
        const isAddition = ([method, path]: readonly [string, string, unknown?]) =>
          method === "POST" || path.startsWith("/config") || path.startsWith("/mode");
        await play(from.url, then.filter(isAddition));
        const before = await answersOf(to.url);
        const ended = await runHere(args);
        // What was purged from the source since is in the target only: refused, untouched.
        if (ended.stderr.includes("CLI_IMPORT_CONFLICT")) {
          expect(ended.status).toBe(1);
          expect(await answersOf(to.url)).toEqual(before);
          return;
        }
        taken++;
        expect(ended).toMatchObject({ status: 0 });
        expect(await answersOf(to.url)).toEqual(await answersOf(from.url));
      } finally {
        await from.close();
        await to.close();
      }
    }),
    { numRuns: RUNS },
  );
  expect(taken).toBeGreaterThan(RUNS / 2);
});
