/** What a command loads before it does anything. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { readPackage } from "../tidy/source.ts";
import { runHere } from "./run-here.ts";

const MAIN = resolve(import.meta.dirname, "../../src/cli/main.ts");
const STATIC_IMPORT = /^(?:import|export) (?!type )(?:[^;"]*? from )?"([^"]+)";/gm;

/** Packages that a module loads as soon as it is loaded itself. */
function packagesOf(file: string, seen: Set<string>): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  return [...readFileSync(file, "utf8").matchAll(STATIC_IMPORT)].flatMap(([, target = ""]) =>
    target.startsWith(".") ? packagesOf(resolve(dirname(file), target), seen) : [target],
  );
}

/** The files of the commands, which `main.ts` loads on demand: all of them for `--help`. */
function commandFiles(): string[] {
  const imports = readFileSync(MAIN, "utf8").matchAll(/await import\("([^"]+)"\)/g);
  return [...imports].map(([, target = ""]) => resolve(dirname(MAIN), target));
}

test("serving loads no other command", () => {
  const seen = new Set<string>();
  packagesOf(MAIN, seen);
  packagesOf(resolve(dirname(MAIN), "serve.ts"), seen);
  expect(
    [...seen].filter((file) => /\/(?:import|codegen|backup|repair|doctor)\.ts$/.test(file)),
  ).toEqual([]);
});

test("--help and wrong usage load the parser of the command line and nothing else", () => {
  const seen = new Set<string>();
  const files = [MAIN, ...commandFiles()];
  const packages = files
    .flatMap((file) => packagesOf(file, seen))
    .filter((name) => !name.startsWith("node:"));
  expect([...new Set(packages)]).toEqual(["commander"]);
  expect(seen.size).toBeGreaterThan(5);
  expect([...seen].filter((file) => !/\/src\/(?:cli|base)\/[\w-]+\.ts$/.test(file))).toEqual([]);
});

test.each([["--version"], ["-v"]])("%s prints the version", async (option) => {
  expect(await runHere([option])).toEqual({ status: 0, stdout: "0.0.0-test\n", stderr: "" });
});

test.each(["18.20.4", "20.18.3"])("Node %s gets two lines and status 1", async (version) => {
  const older = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } })`;
  const program = resolve(import.meta.dirname, "../../bin/typewire.js");
  const args = ["--import", `data:text/javascript,${encodeURIComponent(older)}`, program, "serve"];
  const { engines, version: own } = readPackage();
  const ended = promisify(execFile)(process.execPath, args);
  await expect(ended).rejects.toMatchObject({
    code: 1,
    stderr:
      `typewire ${own} needs Node ${engines.node}; this is Node ${version}.\n` +
      "Install a newer Node.js (`nvm install 22`, for example), then run the command again.\n",
  });
});
