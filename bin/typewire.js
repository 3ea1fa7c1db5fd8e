#!/usr/bin/env node
// The command's entry. Plain JavaScript, so that a checkout that is not built says so in a sentence.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const main = new URL("../dist/src/cli/main.js", import.meta.url);
if (existsSync(fileURLToPath(main))) {
  const { run } = await import(main.href);
  await run(process.argv.slice(2));
} else {
  process.stderr.write(
    "typewire is not built: dist/src/cli/main.js is missing. Run `npm run build`, then try again.\n",
  );
  process.exitCode = 1;
}
