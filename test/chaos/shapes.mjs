// @ts-check
/** The topics of the chaos: what is in them, and how they are configured. */
import { avroType, bytesType, stringType, topic } from "../../dist/src/schema/index.js";

/** @import { AvroType, Topic } from "../../dist/src/schema/index.js" */
/**
 * What the handler is to make of a record. A third kind, `poison`, has a value that can't be read.
 * @typedef {{ n: number, kind: "good" | "fail" }} Step
 */
/** @typedef {{ partition: number, offset: number }} Source */

/** @type {AvroType<Step, Step>} */
const step = avroType({
  subject: "chaos-step",
  name: "chaos.Step",
  schema: JSON.stringify({
    type: "record",
    name: "chaos.Step",
    fields: [
      { name: "n", type: "int" },
      { name: "kind", type: { type: "enum", name: "Kind", symbols: ["good", "fail"] } },
    ],
  }),
  fingerprint: "0000000000000001",
});

/** @type {AvroType<Source, Source>} */
const source = avroType({
  subject: "chaos-source",
  name: "chaos.Source",
  schema: JSON.stringify({
    type: "record",
    name: "chaos.Source",
    fields: [
      { name: "partition", type: "int" },
      { name: "offset", type: "long" },
    ],
  }),
  fingerprint: "0000000000000002",
  mapping: { long: "number" },
});

export const types = [step, source];
/** What the consumers read. */
export const input = topic({ name: "chaos-input", key: stringType, value: step });
/** The same topic for values that are no Avro. */
export const poison = topic({ name: "chaos-input", key: stringType, value: bytesType });
/** Where the consumers send what they can't handle. */
export const DEAD = "chaos-dead";
/** What the pipelines read, and what they make of it: where each record was. */
export const pipelineInput = topic({ name: "chaos-in", key: stringType, value: step });
export const pipelineOutput = topic({ name: "chaos-out", key: stringType, value: source });

export const GROUP = "chaos";
export const PIPELINE_GROUP = "chaos-pipeline";

export const partitions = new Map([
  [input.name, 6],
  [DEAD, 2],
  [pipelineInput.name, 3],
  [pipelineOutput.name, 2],
]);
