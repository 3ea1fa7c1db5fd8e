#!/usr/bin/env node
// The command's entry. Plain JavaScript that any Node with modules reads, so that a checkout that is not
// built, and a Node that is too old, get a sentence instead of a SyntaxError.
import { existsSync, readFileSync } from "node:fs";
import * as nodeModule from "node:module";
import { fileURLToPath } from "node:url";

const { version, engines } = JSON.parse(
  readFileSync(fileURLToPath(new URL("../package.json", import.meta.url)), "utf8"),
);
const main = new URL("../dist/src/cli/main.js", import.meta.url);

/** Whether this Node is at least the one that package.json asks for. */
function isNewEnough() {
  const numbers = (text) => text.match(/\d+/g).map(Number);
  const [major, minor] = numbers(process.versions.node);
  const [majorMin, minorMin] = numbers(engines.node);
  return major > majorMin || (major === majorMin && minor >= minorMin);
}

if (!isNewEnough()) {
  process.stderr.write(
    `typewire ${version} needs Node ${engines.node}; this is Node ${process.versions.node}.\n` +
      "Install a newer Node.js (`nvm install 22`, for example), then run the command again.\n",
  );
  process.exitCode = 1;
} else if (existsSync(fileURLToPath(main))) {
  // Node 22 and newer keep compiled code between runs.
  nodeModule.enableCompileCache?.();
  const { run } = await import(main.href);
  await run(process.argv.slice(2), version);
} else {
  process.stderr.write(
    "typewire is not built: dist/src/cli/main.js is missing. Run `npm run build`, then try again.\n",
  );
  process.exitCode = 1;
}
