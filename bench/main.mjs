/**
 * `npm run bench`: every scenario, or those named (`npm run bench -- avro`). Each prints ratios of
 * contenders that took turns in one run; nothing here passes or fails.
 */
import { readFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import process from "node:process";

/** A scenario is loaded only when it runs: each brings contenders of its own. */
const SCENARIOS = ["avro", "registry", "kafka"];
const PACKAGES = ["avsc", "node-rdkafka", "fastify", "better-sqlite3"];

function version(name) {
  const file = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return `${name} ${JSON.parse(readFileSync(file, "utf8")).version}`;
}

const named = process.argv.slice(2);
const unknown = named.filter((name) => !SCENARIOS.includes(name));
if (unknown.length > 0) {
  console.error(`No scenario is called ${unknown.join(", ")}. There are: ${SCENARIOS.join(", ")}.`);
  process.exitCode = 2;
} else {
  const [cpu] = cpus();
  console.log(
    `${cpus().length} × ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, ${PACKAGES.map(version).join(", ")}`,
  );
  for (const name of named.length > 0 ? named : SCENARIOS) {
    console.log("");
    const { run } = await import(`./${name}.mjs`);
    await run((line) => console.log(line));
  }
}
