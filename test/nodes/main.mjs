// @ts-check
/**
 * `npm run test:nodes`: installs, builds and tests this checkout on several releases of Node, and prints a
 * table. `npm run test:nodes -- 24 26` takes these; `--without-kafka` compiles no Kafka client and leaves out
 * the tests that need one, which saves four minutes a release.
 *
 * Invariants:
 * - Each release has a folder of its own below the system's temporary one, with its own `node_modules`.
 * - What is tested is what git knows of this checkout, as it is on disk.
 * - It ends with 0 only when every test of every release passed.
 */
import { execFile, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));
const RELEASES = ["20.19", "22", "24", "26"];
/** What needs no Kafka client: the registry, code generation, the registry client, Avro. */
const WITHOUT_KAFKA = [
  "api",
  "avro",
  "base",
  "client",
  "codegen",
  "registry",
  "server",
  "store",
  "wire",
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { "without-kafka": { type: "boolean", default: false } },
});
const withKafka = !values["without-kafka"];

/** Which Node it is, and whether it has SQLite. */
const ASK =
  "let own = true; try { require('node:sqlite'); } catch { own = false; } " +
  "console.log(JSON.stringify({ version: process.version, own }));";

/** @param {string} line */
function print(line) {
  process.stdout.write(`${line}\n`);
}

/** @typedef {{ version: string, sqlite: string, passed: number, failed: number, skipped: number, broken?: string }} Row */

/**
 * Runs a command there, with its output shown.
 *
 * @param {string} cwd
 * @param {NodeJS.ProcessEnv} env
 * @param {string[]} command
 */
async function step(cwd, env, [program = "", ...args]) {
  print(`   ${program} ${args.join(" ")}`);
  const child = spawn(program, args, { cwd, env, stdio: ["ignore", "inherit", "inherit"] });
  /** @type {unknown} */
  const status = await new Promise((resolve, reject) => {
    child.once("error", reject).once("exit", resolve);
  });
  if (status !== 0)
    throw new Error(`${program} ${args.slice(0, 2).join(" ")} ended with ${String(status)}`);
}

/**
 * The folder with the program of a release of Node.
 *
 * @param {string} folder
 * @param {string} release
 */
async function installNode(folder, release) {
  const name = `node-${process.platform}-${process.arch}`;
  mkdirSync(folder);
  const args = [
    "install",
    "--no-package-lock",
    "--no-save",
    "--prefix",
    folder,
    `${name}@${release}`,
  ];
  await step(folder, process.env, ["npm", ...args]);
  return join(folder, "node_modules", name, "bin");
}

/** @param {string} folder */
async function copyCheckout(folder) {
  const { stdout } = await promisify(execFile)(
    "git",
    ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    { cwd: root, maxBuffer: 1 << 26 },
  );
  for (const file of stdout.split("\0").filter((name) => name !== "")) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file));
  }
}

/**
 * @param {string} work
 * @param {string} release
 * @returns {Promise<Row>}
 */
async function testOn(work, release) {
  const bin = await installNode(join(work, "node"), release);
  const env = {
    ...process.env,
    PATH: `${bin}${delimiter}${process.env["PATH"]}`,
    CI: "1",
    NO_COLOR: "1",
  };
  const { stdout } = await promisify(execFile)(join(bin, "node"), ["-e", ASK]);
  const { version, own } = /** @type {{ version: string, own: boolean }} */ (JSON.parse(stdout));
  // Nothing is compiled that is not tested.
  const sqlite = withKafka || !own ? "better-sqlite3" : "node:sqlite";
  const checkout = join(work, "checkout");
  await copyCheckout(checkout);
  const results = join(work, "tests.json");
  /** @type {Row} */
  const row = { version, sqlite, passed: 0, failed: 0, skipped: 0 };
  try {
    if (withKafka) {
      print("   node-rdkafka compiles librdkafka now: four to five minutes on one core");
      await step(checkout, env, ["npm", "ci", "--foreground-scripts"]);
    } else {
      await step(checkout, env, ["npm", "ci", "--ignore-scripts"]);
      if (sqlite === "better-sqlite3") await step(checkout, env, ["npm", "rebuild", sqlite]);
    }
    await step(checkout, env, ["npm", "run", "build"]);
    const tests = withKafka
      ? ["--project", "fast", "--project", "kafka"]
      : ["--project", "fast", ...WITHOUT_KAFKA.map((name) => `test/${name}/`)];
    const reporters = ["--reporter=dot", "--reporter=json", `--outputFile.json=${results}`];
    await step(
      checkout,
      sqlite === "node:sqlite" ? { ...env, TYPEWIRE_TEST_SQLITE: sqlite } : env,
      ["node", "node_modules/vitest/vitest.mjs", "run", ...tests, ...reporters],
    );
  } catch (error) {
    row.broken = error instanceof Error ? error.message : String(error);
  }
  return { ...row, ...countsIn(results) };
}

/** @param {string} file */
function countsIn(file) {
  try {
    const { numPassedTests, numFailedTests, numPendingTests } =
      /** @type {{ numPassedTests: number, numFailedTests: number, numPendingTests: number }} */ (
        JSON.parse(readFileSync(file, "utf8"))
      );
    return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests };
  } catch {
    return {};
  }
}

/** @type {Row[]} */
const rows = [];
for (const release of positionals.length > 0 ? positionals : RELEASES) {
  print(`== Node ${release}`);
  const work = mkdtempSync(join(tmpdir(), `typewire-node-${release}-`));
  try {
    rows.push(await testOn(work, release));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
print(`\n| Node | SQLite | Kafka | passed | failed | skipped |\n|---|---|---|---|---|---|`);
for (const { version, sqlite, passed, failed, skipped, broken } of rows) {
  const kafka = withKafka ? "node-rdkafka" : "left out";
  print(`| ${version} | ${sqlite} | ${kafka} | ${passed} | ${failed} | ${skipped} |`);
  if (broken !== undefined) {
    print(`Node ${version}: ${broken}`);
    process.exitCode = 1;
  }
}
