// @ts-check
/**
 * Prints the closing line of `.ci/run` from vitest's JSON report, and exits with 1 unless all is well:
 * no failure, and every test on real Kafka was executed.
 *
 * Usage: summary.mjs <report> <passed|failed: how vitest ended> <number of other steps that failed>
 */
import { existsSync, readFileSync } from "node:fs";

/**
 * The parts of vitest's report that count.
 * @typedef {object} Report
 * @property {{ name: string, status: string, message: string, assertionResults: { status: string, fullName: string }[] }[]} testResults
 */

const [path = "", ended = "failed", broken = "0"] = process.argv.slice(2);
const text = existsSync(path) ? readFileSync(path, "utf8") : '{ "testResults": [] }';
const report = /** @type {Report} */ (JSON.parse(text));
const tests = report.testResults.flatMap((file) => file.assertionResults);
const count = (/** @type {string} */ status) =>
  tests.filter((test) => test.status === status).length;

const passed = count("passed");
let skipped = tests.length - passed - count("failed");
let failed = count("failed") + Number(broken);
for (const file of report.testResults) {
  const ownFailures = file.assertionResults.some((test) => test.status === "failed");
  if (file.status === "failed" && !ownFailures) failed += complain(`${file.name}: ${file.message}`);
}
const problems = kafkaProblems();
failed += problems;
skipped = Math.max(0, skipped - problems);
if (ended !== "passed" && failed === Number(broken)) {
  failed += complain("vitest failed outside of tests (see above).");
}
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
process.exitCode = failed === 0 ? 0 : 1;

function kafkaProblems() {
  const files = report.testResults.filter((file) => file.name.endsWith(".kafka.test.ts"));
  if (files.length === 0) return complain("No test on real Kafka was found.");
  const skips = files
    .flatMap((file) => file.assertionResults)
    .filter((test) => test.status !== "passed" && test.status !== "failed");
  for (const test of skips) complain(`Not executed on real Kafka: ${test.fullName}`);
  return skips.length;
}

/** @param {string} sentence */
function complain(sentence) {
  process.stdout.write(`${sentence}\n`);
  return 1;
}
