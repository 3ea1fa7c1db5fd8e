/**
 * Generating code for 1,000 subjects and topics in memory, against what can't be done without:
 * reading the same texts.
 *
 * Settings: 1,000 different records of seven fields with a nested record, an enum, a union, an array,
 * a map and two logical types; each is the value of a topic of its own. No files are read or written.
 */
import { generate } from "../dist/codegen/index.js";
import { parseSchema } from "../dist/src/avro/index.js";

const SCHEMAS = 1000;
const ROUNDS = 15;
const WARM_UP = 3;

const item = {
  type: "record",
  name: "Item",
  fields: [
    { name: "sku", type: "string" },
    { name: "count", type: "int" },
    { name: "price", type: { type: "bytes", logicalType: "decimal", precision: 10, scale: 2 } },
  ],
};

function order(index) {
  return {
    type: "record",
    name: `Order${index}`,
    namespace: `shop.n${index % 20}`,
    doc: `Order number ${index}.`,
    fields: [
      { name: "id", type: "string" },
      { name: "total", type: "long" },
      { name: "at", type: { type: "long", logicalType: "timestamp-millis" } },
      { name: "note", type: ["null", "string"], default: null, doc: "A note." },
      { name: "state", type: { type: "enum", name: "State", symbols: ["NEW", "PAID", "SENT"] } },
      { name: "items", type: { type: "array", items: item } },
      { name: "tags", type: { type: "map", values: "string" } },
    ],
  };
}

const subjectOf = (index) => `orders-${index}-value`;
const indexes = Array.from({ length: SCHEMAS }, (_, index) => index);
const texts = indexes.map((index) => JSON.stringify(order(index)));
const input = {
  schemas: texts.map((text, i) => ({
    subject: subjectOf(i),
    id: i + 1,
    version: 1,
    text,
    references: [],
  })),
  topics: indexes.map((index) => ({
    name: `orders-${index}`,
    key: { kind: "string" },
    value: { kind: "subject", subject: subjectOf(index) },
    compact: false,
  })),
};

const CONTENDERS = {
  "JSON.parse and parseSchema": () =>
    texts.map((text) => [JSON.parse(text), parseSchema(text, { mode: "stored" })]).length,
  "generate: modules of all of them": () => generate(input).files.size,
};

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** Runs the scenario; `report` takes one line. */
export async function run(report) {
  report(`codegen: ${SCHEMAS} schemas and topics in memory, ${ROUNDS} rounds in turns`);
  const names = Object.keys(CONTENDERS);
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    for (const name of names) {
      const start = performance.now();
      CONTENDERS[name]();
      if (round >= 0) times[name].push(performance.now() - start);
    }
  }
  const [base] = names;
  for (const name of names) {
    const ratio = median(times[name].map((ms, round) => ms / times[base][round]));
    const against = name === base ? "base" : `${ratio.toFixed(1)} × its time`;
    report(`    ${name.padEnd(34)} ${median(times[name]).toFixed(1).padStart(7)} ms  ${against}`);
  }
}
