/**
 * Global set-up of the fast tests: when all of them have run, every row of every error table must have
 * been made by a test that names it. A run of some files or titles is not judged.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestProject } from "vitest/node";
import { readFiles } from "../tidy/source.ts";
import { readJudgedRows } from "./rows.ts";
import type { Note } from "./sightings.ts";
import { complaintsOf, textsOf } from "./sightings.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The file that collects one line for every code and test file. */
    witnessNotes: string;
  }
}

const root = path.resolve(import.meta.dirname, "../..");

/** Called by vitest once per run, before the first test file of the project. */
export function setup(project: TestProject): () => Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "typewire-witness-"));
  const notes = path.join(folder, "notes.txt");
  writeFileSync(notes, "");
  project.provide("witnessNotes", notes);
  return async () => {
    const complaints = (await isWhole(project)) ? await judge(readFileSync(notes, "utf8")) : [];
    rmSync(folder, { recursive: true });
    if (complaints.length === 0) return;
    // vitest prints errors of a tear-down and ends with 0.
    process.exitCode = 1;
    process.stderr.write(`\nErrors that no test makes:\n${complaints.join("\n")}\n`);
  };
}

async function judge(text: string): Promise<string[]> {
  const notes = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line): Note => {
      const [code = "", file = ""] = line.split("\t");
      return { code, file: path.relative(root, file).split(path.sep).join("/") };
    });
  return complaintsOf(
    await readJudgedRows(),
    notes,
    textsOf(readFiles(["test"], [".ts", ".table"])),
  );
}

/** Whether all files of the project were run, with all of their tests. */
async function isWhole(project: TestProject): Promise<boolean> {
  const { config, state } = project.vitest;
  const { testFiles } = await project.globTestFiles();
  const run = new Set(
    state.getFiles().flatMap((file) => (file.projectName === project.name ? [file.filepath] : [])),
  );
  return config.testNamePattern === undefined && testFiles.every((file) => run.has(file));
}
