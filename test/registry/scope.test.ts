import { expect, test } from "vitest";
import { planRegistration } from "../../src/registry/commands/plan.ts";
import { decideRegister } from "../../src/registry/commands/register.ts";
import { testCompatibility } from "../../src/registry/queries/compatibility-answers.ts";
import { lookup } from "../../src/registry/queries/lookup.ts";
import { applyRecord } from "../../src/registry/state/apply.ts";
import { createSchemaTools } from "../../src/registry/state/schemas.ts";
import { createState } from "../../src/registry/state/state.ts";
import type { World } from "../../src/registry/state/world.ts";
import { DEFAULT_SETTINGS } from "../../src/registry/state/world.ts";

const request = {
  subject: "s",
  normalize: false,
  force: false,
  ifMatch: undefined,
  now: 1,
};
const fields = (...names: readonly string[]) => ({
  schema: JSON.stringify({
    type: "record",
    name: "R",
    fields: names.map((name) => ({ name, type: "int" })),
  }),
});

/** Counts how often the entry of one key is read. */
class ReadCounter<Value> extends Map<string, Value> {
  reads = 0;

  override get(key: string): Value | undefined {
    if (key === "s") this.reads++;
    return super.get(key);
  }
}

/** A subject with a version and a config of its own. */
function counted() {
  const configs = new ReadCounter<{ compatibilityLevel: string }>([
    ["s", { compatibilityLevel: "FULL" }],
  ]);
  const modes = new ReadCounter<string>();
  const state = { ...createState(), configs, modes };
  const world: World = { state, settings: DEFAULT_SETTINGS, schemas: createSchemaTools() };
  const { records } = decideRegister(world, { ...request, body: fields("a", "b") });
  for (const [offset, record] of records.entries()) {
    applyRecord(state, { ...record, offset, timestamp: 1 });
  }
  configs.reads = 0;
  modes.reads = 0;
  return { world, configs, modes };
}

const body = fields("a");
const whatIsAsked: readonly (readonly [name: string, ask: (world: World) => unknown])[] = [
  ["a registration that is refused", (world) => decideRegister(world, { ...request, body })],
  [
    "a registration that writes",
    (world) => decideRegister(world, { ...request, body, force: true, normalize: true }),
  ],
  ["a plan", (world) => planRegistration(world, { ...request, body })],
  [
    "a compatibility test",
    (world) => testCompatibility(world, { ...request, body, version: undefined, verbose: true }),
  ],
  ["a look-up", (world) => lookup(world, { ...request, body, deleted: false })],
];

test.each(whatIsAsked)("%s works out once what is in force for its subject", (_name, ask) => {
  const { world, configs, modes } = counted();
  ask(world);
  expect({ configs: configs.reads, modes: modes.reads }).toEqual({ configs: 1, modes: 1 });
});
