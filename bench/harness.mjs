/**
 * Measuring by ratios. Machines are noisy and shared, so contenders take turns in short rounds, and
 * what counts is the median over the rounds of each contender's time relative to the base in the same
 * round. Absolute figures are the median too and only say how large the unit is.
 */

const ROUND_MS = 40;
const ROUNDS = 21;
const WARM_UP_MS = 250;

let sink = 0;

/** Keeps a result alive, so that the measured call cannot be left out. */
export function keep(value) {
  sink = (sink + (typeof value === "number" ? value : 1)) | 0;
}

function now() {
  return Number(process.hrtime.bigint());
}

function run(call, times) {
  const start = now();
  for (let i = 0; i < times; i++) keep(call(i));
  return (now() - start) / times;
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/**
 * Runs named calls in interleaved rounds.
 * @param {Record<string, (i: number) => unknown>} contenders
 * @param {string} base the one that ratios refer to
 * @returns {Record<string, { nanos: number, ratio: number }>} ratio > 1: faster than the base
 */
export function compare(contenders, base) {
  const names = Object.keys(contenders);
  const times = {};
  for (const name of names) {
    const call = contenders[name];
    const until = now() + WARM_UP_MS * 1e6;
    let nanos = run(call, 100);
    while (now() < until) nanos = run(call, 2000);
    times[name] = Math.max(20, Math.round((ROUND_MS * 1e6) / nanos));
  }
  const seen = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of names) seen[name].push(run(contenders[name], times[name]));
  }
  return summary(names, seen, base);
}

/** As {@link compare}, for contenders of which some give promises; each call is awaited. */
export async function compareAsync(contenders, base) {
  const names = Object.keys(contenders);
  const seen = Object.fromEntries(names.map((name) => [name, []]));
  const runAsync = async (call, times) => {
    const start = now();
    for (let i = 0; i < times; i++) keep(await call(i));
    return (now() - start) / times;
  };
  const times = {};
  for (const name of names) {
    const until = now() + WARM_UP_MS * 1e6;
    let nanos = await runAsync(contenders[name], 100);
    while (now() < until) nanos = await runAsync(contenders[name], 500);
    times[name] = Math.max(20, Math.round((ROUND_MS * 1e6) / nanos));
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of names) seen[name].push(await runAsync(contenders[name], times[name]));
  }
  return summary(names, seen, base);
}

function summary(names, seen, base) {
  return Object.fromEntries(
    names.map((name) => [
      name,
      {
        nanos: median(seen[name]),
        ratio: median(seen[name].map((nanos, round) => seen[base][round] / nanos)),
      },
    ]),
  );
}

/** Prints one comparison as lines of a table. */
export function print(report, title, results, base) {
  report(`  ${title}`);
  for (const [name, { nanos, ratio }] of Object.entries(results)) {
    const rate = nanos < 1e4 ? `${nanos.toFixed(0)} ns` : `${(nanos / 1000).toFixed(1)} µs`;
    const times = name === base ? "base" : `${ratio.toFixed(2)}×`;
    report(`    ${name.padEnd(34)} ${rate.padStart(9)}  ${times.padStart(7)}`);
  }
}
