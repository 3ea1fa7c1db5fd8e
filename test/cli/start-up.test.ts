import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { expect, test } from "vitest";

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

test("--help and wrong usage load the parser of the command line and nothing else", () => {
  const seen = new Set<string>();
  const packages = packagesOf(MAIN, seen).filter((name) => !name.startsWith("node:"));
  expect([...new Set(packages)]).toEqual(["commander"]);
  expect(seen.size).toBeGreaterThan(5);
  expect([...seen].filter((file) => !/\/src\/(?:cli\/[\w-]+|errors)\.ts$/.test(file))).toEqual([]);
});
