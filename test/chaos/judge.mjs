// @ts-check
/**
 * What became of the records: a pure function from what processes and brokers say to the promises that
 * were broken.
 */

/** @typedef {{ partition: number, offset: number }} Place */
/** @typedef {Place & { topic: string, key: string, n: number }} Acked a record that a producer was told of */
/** @typedef {Place & { key: string, n: number, kind: "good" | "fail" | "poison" }} Stored a record in the topic */
/** @typedef {Place & { key: string, life: string, from: bigint, to: bigint }} Handled one call of a handler */
/**
 * A dead letter, by the place it came from, and when it was sent by the clock of the handlers.
 * @typedef {Place & { stage: string, at: bigint }} Dead
 */
/**
 * @typedef {object} Evidence
 * @property {readonly Acked[]} acked
 * @property {ReadonlyMap<string, readonly Stored[]>} stored by topic
 * @property {string} input the topic that the consumers read
 * @property {string} pipelineInput the one that the pipelines read
 * @property {readonly Handled[]} handled
 * @property {bigint} gracefulUntil until then processes were stopped gracefully only
 * @property {"partition" | "key"} order what the consumers keep in order
 * @property {readonly Dead[]} dead
 * @property {readonly Place[]} piped for each record of the pipelines' output, where its input was
 */
/** @typedef {Readonly<Record<string, readonly string[]>>} Verdict by promise, what broke it */

/**
 * @param {Evidence} evidence
 * @returns {Verdict}
 */
export function judge(evidence) {
  const input = evidence.stored.get(evidence.input) ?? [];
  const pipelineInput = evidence.stored.get(evidence.pipelineInput) ?? [];
  const good = input.filter(({ kind }) => kind === "good");
  const failing = input.filter(({ kind }) => kind !== "good");
  return {
    "an acknowledgement has an offset": evidence.acked
      .filter(({ offset }) => offset < 0)
      .map(textOf),
    "an acknowledged record is in its topic": missingAcked(evidence),
    "records of a key are stored in the order they were sent, once": [
      ...evidence.stored.values(),
    ].flatMap(unsorted),
    "each record is handled": without(good, evidence.handled),
    "only what can be handled is handled": without(evidence.handled, good),
    "order is kept": outOfOrder(good, evidence),
    "one at a time": overlapping(evidence),
    "a graceful stop hands nothing out twice": handledTwice(evidence),
    "what fails is a dead letter": without(failing, evidence.dead),
    "nothing else is a dead letter": without(evidence.dead, failing),
    "a dead letter names its stage": wrongStages(failing, evidence.dead),
    "each input has a result": without(pipelineInput, evidence.piped),
    "each result has an input": without(evidence.piped, pipelineInput),
    "no input has two results": twice(evidence.piped),
  };
}

/**
 * The promises that were broken, with the first few pieces of evidence.
 *
 * @param {Verdict} verdict
 */
export function brokenPromises(verdict) {
  return Object.entries(verdict)
    .filter(([, found]) => found.length > 0)
    .map(
      ([promise, found]) =>
        `${promise}: ${found.length} times not: ${found.slice(0, 5).join("; ")}`,
    );
}

/** @param {Evidence} evidence */
function missingAcked({ acked, stored }) {
  const known = new Map(
    [...stored].map(([topic, records]) => [topic, new Map(records.map((r) => [keyOf(r), r]))]),
  );
  return acked
    .filter((ack) => {
      const record = known.get(ack.topic)?.get(keyOf(ack));
      return record === undefined || record.key !== ack.key || record.n !== ack.n;
    })
    .map((ack) => `${ack.topic} ${textOf(ack)} ${ack.key} ${ack.n}`);
}

/** @param {readonly Stored[]} records */
function unsorted(records) {
  /** @type {Map<string, number>} */
  const last = new Map();
  return inOrder(records)
    .filter(({ key, n }) => {
      const before = last.get(key) ?? -1;
      last.set(key, n);
      return n <= before;
    })
    .map((record) => `${textOf(record)} ${record.key} ${record.n}`);
}

/**
 * The first time that a record is handled, everything before it in its lane was. What was handled may be
 * handled again.
 *
 * @param {readonly Stored[]} good
 * @param {Evidence} evidence
 */
function outOfOrder(good, { handled, order }) {
  /** @type {Map<string, number[]>} */
  const lanes = new Map();
  for (const record of inOrder(good)) {
    const lane = laneOf(record, order);
    const offsets = lanes.get(lane) ?? [];
    lanes.set(lane, offsets);
    offsets.push(record.offset);
  }
  /** @type {Map<string, number>} */
  const done = new Map();
  return [...handled]
    .sort((a, b) => compare(a.to, b.to))
    .filter((row) => {
      const lane = laneOf(row, order);
      const next = done.get(lane) ?? 0;
      const expected = lanes.get(lane)?.[next];
      if (row.offset === expected) done.set(lane, next + 1);
      return expected !== undefined && row.offset > expected;
    })
    .map((row) => `${textOf(row)} ${row.key} by ${row.life}`);
}

/** @param {Evidence} evidence */
function overlapping({ handled, order }) {
  /** @type {Map<string, Handled>} */
  const last = new Map();
  return [...handled]
    .sort((a, b) => compare(a.from, b.from))
    .filter((row) => {
      const lane = `${row.life} ${laneOf(row, order)}`;
      const before = last.get(lane);
      last.set(lane, row);
      return before !== undefined && row.from < before.to;
    })
    .map((row) => `${textOf(row)} ${row.key} by ${row.life}`);
}

/**
 * @param {readonly Stored[]} failing
 * @param {readonly Dead[]} dead
 */
function wrongStages(failing, dead) {
  const kinds = new Map(failing.map((record) => [keyOf(record), record.kind]));
  return dead
    .filter((letter) => {
      const kind = kinds.get(keyOf(letter));
      return kind !== undefined && (kind === "fail") !== (letter.stage === "handler");
    })
    .map((letter) => `${textOf(letter)} ${letter.stage}`);
}

/**
 * Those of the first that are not among the others.
 *
 * @param {readonly Place[]} places
 * @param {readonly Place[]} others
 */
function without(places, others) {
  const known = new Set(others.map(keyOf));
  return [...new Set(places.filter((place) => !known.has(keyOf(place))).map(textOf))];
}

/**
 * With order by key a group goes on with the first record that was not done, and those behind it come
 * again: here, records that were handled before a failing one of their partition was a dead letter.
 *
 * @param {Evidence} evidence
 */
function handledTwice({ handled, gracefulUntil, order, dead }) {
  /** @param {Handled} row */
  const isBehindOpen = (row) =>
    order === "key" &&
    dead.some(
      ({ partition, offset, at }) =>
        partition === row.partition && offset < row.offset && at >= row.to,
    );
  /** @type {Map<string, Handled>} */
  const first = new Map();
  return handled
    .filter(({ to }) => to < gracefulUntil)
    .sort((a, b) => compare(a.to, b.to))
    .flatMap((row) => {
      const before = first.get(keyOf(row));
      if (before === undefined) first.set(keyOf(row), row);
      const ago = (/** @type {Handled} */ { to }) =>
        `${(gracefulUntil - to) / 1_000_000n} ms before`;
      return before === undefined || isBehindOpen(before)
        ? []
        : `${textOf(row)} by ${before.life} (${ago(before)}) and ${row.life} (${ago(row)})`;
    });
}

/** @param {readonly Place[]} places */
function twice(places) {
  /** @type {Set<string>} */
  const seen = new Set();
  return places
    .filter((place) => {
      const key = keyOf(place);
      const isSeen = seen.has(key);
      seen.add(key);
      return isSeen;
    })
    .map(textOf);
}

/**
 * @template {Place} P
 * @param {readonly P[]} places
 */
function inOrder(places) {
  return [...places].sort((a, b) => a.partition - b.partition || a.offset - b.offset);
}

/**
 * @param {Place & { key: string }} record
 * @param {"partition" | "key"} order
 */
function laneOf({ partition, key }, order) {
  return order === "key" ? `${partition} ${key}` : String(partition);
}

/** @param {Place} place */
function keyOf({ partition, offset }) {
  return `${partition}/${offset}`;
}

/** @param {Place} place */
function textOf(place) {
  return `${place.partition}@${place.offset}`;
}

/**
 * @param {bigint} a
 * @param {bigint} b
 */
function compare(a, b) {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
