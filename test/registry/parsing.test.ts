/** How often a schema is parsed. */
import { expect, test } from "vitest";
import { decideRegister } from "../../src/registry/commands/register.ts";
import { applyRecord } from "../../src/registry/state/apply.ts";
import { createSchemaTools } from "../../src/registry/state/schemas.ts";
import { createState } from "../../src/registry/state/state.ts";
import type { World } from "../../src/registry/state/world.ts";
import { DEFAULT_SETTINGS } from "../../src/registry/state/world.ts";

/** A registry that notes every text that is prepared or parsed. */
function noting(): { register: (schema: string) => number; parsed: string[] } {
  const parsed: string[] = [];
  const tools = createSchemaTools();
  const state = createState();
  const world: World = {
    state,
    settings: { ...DEFAULT_SETTINGS, level: "NONE" },
    schemas: {
      ...tools,
      prepare(state, source) {
        parsed.push(source.text);
        return tools.prepare(state, source);
      },
      parsed(state, content) {
        parsed.push(content.text);
        return tools.parsed(state, content);
      },
    },
  };
  let offset = 0;
  const register = (schema: string): number => {
    const command = { subject: "s", body: { schema }, normalize: false, force: false, now: 1 };
    const { records, result } = decideRegister(world, { ...command, ifMatch: undefined });
    for (const record of records) applyRecord(state, { ...record, offset: offset++, timestamp: 1 });
    return "version" in result ? result.version : 0;
  };
  return { register, parsed };
}

const fixed = (attributes: string): string => `{"type":"fixed","name":"F","size":1,${attributes}}`;

test("the text of a version is found again without being parsed", () => {
  const { register, parsed } = noting();
  const text = fixed('"p":1,"q":2');
  expect(register(text)).toBe(1);
  parsed.length = 0;
  expect(register(text)).toBe(1);
  expect(parsed).toEqual([]);
});

test("a new text is compared with no version that has other letters", () => {
  const { register, parsed } = noting();
  for (let n = 1; n <= 9; n++) {
    const text = fixed(`"p":${n},"q":0`);
    parsed.length = 0;
    expect(register(text)).toBe(n);
    expect(new Set(parsed)).toEqual(new Set([text]));
  }
  parsed.length = 0;
  const swapped = fixed('"q":0,"p":4');
  expect(register(swapped)).toBe(4);
  expect(parsed).toEqual([swapped, fixed('"p":4,"q":0')]);
});
