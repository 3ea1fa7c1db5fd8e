// @ts-check
/**
 * `npm run chaos [-- <seconds> [<seed>]]`: turns of the chaos, with order by partition and by key, until
 * the time is over (60 s by default). Ends with 1 when a promise was broken.
 */
import { brokenPromises } from "./judge.mjs";
import { runChaos } from "./run.mjs";

const [seconds = 60, given] = process.argv.slice(2).map(Number);
if (!(seconds >= 10) || !(seconds <= 86_400)) {
  process.stderr.write("usage: npm run chaos -- [seconds, from 10 to 86400] [seed]\n");
  process.exit(2);
}
const TURN_S = 120;
const turns = Math.ceil(seconds / TURN_S);
const first = given ?? Math.floor(Math.random() * 1_000_000);
for (let turn = 0; turn < turns; turn++) {
  const seed = first + turn;
  const order = turn % 2 === 0 ? "partition" : "key";
  say(`turn ${turn + 1} of ${turns}: seed ${seed}, order by ${order}`);
  const { verdict, acts, counts, errors, caughtUp } = await runChaos({
    seconds: seconds / turns,
    seed,
    order,
    brokers: 3,
    ratePerS: 200,
    crew: { producer: 2, consumer: 3, pipeline: 2 },
    say,
  });
  for (const [what, count] of Object.entries({ ...acts, ...counts })) say(`  ${what}: ${count}`);
  for (const error of errors.slice(0, 20)) say(`  ${error}`);
  const broken = brokenPromises(verdict);
  if (!caughtUp) broken.push("the groups did not come to the end of their topics");
  for (const promise of broken) say(`  BROKEN ${promise}`);
  say(broken.length === 0 ? "  every promise was kept" : "  see above");
  if (broken.length > 0) process.exitCode = 1;
}

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`);
}
