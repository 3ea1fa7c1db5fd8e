import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

/** Prints the address of each module that is resolved by `import`. */
const HOOK = `
  import { writeSync } from "node:fs";
  export async function resolve(specifier, context, next) {
    const found = await next(specifier, context);
    writeSync(1, found.url + "\\n");
    return found;
  }`;
const dataUrl = (code: string): string => `data:text/javascript,${encodeURIComponent(code)}`;
const REGISTER = `import { register } from "node:module"; register(${JSON.stringify(dataUrl(HOOK))});`;

/** What a process loads, by `import` and by `require`, for importing an entry of the package. */
async function loadedBy(entry: string): Promise<string[]> {
  const code = `
    await import(${JSON.stringify(entry)});
    const { createRequire } = await import("node:module");
    const { cache } = createRequire(process.cwd() + "/x.js");
    console.log(Object.keys(cache).join("\\n"));`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--import", dataUrl(REGISTER), "--input-type=module", "--eval", code],
    { cwd: fileURLToPath(new URL("../../", import.meta.url)) },
  );
  return stdout.split("\n").filter((line) => line !== "");
}

const ofPackages = (urls: readonly string[]): string[] =>
  urls.filter((url) => url.includes("/node_modules/"));

test.each(["typewire", "typewire/schema", "typewire/avro", "typewire/kafka"])(
  "%s loads no package",
  async (entry) => {
    const loaded = await loadedBy(entry);
    expect(loaded.some((url) => url.includes("/dist/src/entries/"))).toBe(true);
    expect(ofPackages(loaded)).toEqual([]);
  },
);

test("a package that is loaded is seen", async () => {
  expect(ofPackages(await loadedBy("commander")).length).toBeGreaterThan(0);
});
