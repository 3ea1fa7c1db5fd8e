/**
 * `npm run bench`: every scenario, or those named (`npm run bench -- avro`). Each prints ratios of
 * contenders that took turns in one run; nothing here passes or fails. `--against URL` names another
 * registry, which the registry scenario plays its requests on as well.
 */
import { readFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import process from "node:process";
import { parseArgs } from "node:util";

/** A scenario is loaded only when it runs: each brings contenders of its own. */
const SCENARIOS = ["start", "avro", "codegen", "registry", "kafka"];
const PACKAGES = ["avsc", "node-rdkafka", "fastify", "better-sqlite3"];

function version(name) {
  const file = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return `${name} ${JSON.parse(readFileSync(file, "utf8")).version}`;
}

/** What was asked for, or a sentence that says why it can't be done. */
function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { against: { type: "string" } },
    });
    const unknown = positionals.filter((name) => !SCENARIOS.includes(name));
    if (unknown.length > 0) {
      return `No scenario is called ${unknown.join(", ")}. There are: ${SCENARIOS.join(", ")}.`;
    }
    if (values.against !== undefined && !URL.canParse(values.against)) {
      return `--against takes the URL of a registry, not ${values.against}.`;
    }
    return { named: positionals.length > 0 ? positionals : SCENARIOS, against: values.against };
  } catch (error) {
    return error.message;
  }
}

const asked = readArguments();
if (typeof asked === "string") {
  console.error(asked);
  process.exitCode = 2;
} else {
  const [cpu] = cpus();
  console.log(
    `${cpus().length} × ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, ${PACKAGES.map(version).join(", ")}`,
  );
  for (const name of asked.named) {
    console.log("");
    const { run } = await import(`./${name}.mjs`);
    await run((line) => console.log(line), { against: asked.against });
  }
}
