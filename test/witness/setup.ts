/**
 * Set-up of every fast test file: notes which errors and refusals are really made while its tests run.
 * `judge.ts` reads the notes when the run is over.
 */
import { appendFileSync } from "node:fs";
import { expect, inject } from "vitest";
import { WITNESS } from "../../src/base/index.ts";

const notes = inject("witnessNotes");
const seen = new Set<string>();

Object.assign(globalThis, {
  [WITNESS]: (code: string) => {
    const line = `${code}\t${expect.getState().testPath ?? ""}\n`;
    if (seen.has(line)) return;
    seen.add(line);
    appendFileSync(notes, line);
  },
});
