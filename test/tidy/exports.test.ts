import { expect, test } from "vitest";
import { packageEntries, readText } from "./source.ts";

/**
 * Every name that users can import, per entry of the package. A name that appears or disappears is
 * a decision: `npm run tidy` writes the list anew, and the difference is reviewed with the change.
 */
test("the entries of the package export the names of exports.json", async () => {
  const lists = [...packageEntries()].map(([entry, path]) => [entry, exportsOf(path)] as const);
  const text = `${JSON.stringify(Object.fromEntries(lists), undefined, 2)}\n`;
  await expect(text).toMatchFileSnapshot("exports.json");
});

test.each([...packageEntries()])("entry %s lists its names one by one", (_entry, path) => {
  expect(readText(path)).not.toMatch(/^export (?:\*|default)/m);
});

test("all ways to export are seen", () => {
  const text = [
    "export { a, type B, c as d } from './x.ts';",
    "export type { E } from './x.ts';",
    "export function f() {}",
    "export async function g() {}",
    "export const h = 1;",
    "export class I {}",
    "export interface J {}",
    "export type K = 1;",
  ].join("\n");
  expect(namesIn(text)).toEqual({
    values: ["a", "d", "f", "g", "h", "I"],
    types: ["B", "E", "J", "K"],
  });
});

interface Names {
  readonly values: readonly string[];
  readonly types: readonly string[];
}

/** Names declared or listed in a file; `export *` is banned, so one file is enough. */
function exportsOf(path: string): Names {
  const { values, types } = namesIn(readText(path));
  return { values: [...values].sort(), types: [...types].sort() };
}

function namesIn(text: string): Names {
  const values: string[] = [];
  const types: string[] = [];
  for (const [, onlyTypes, list = ""] of text.matchAll(/^export (type )?\{([^}]*)\}/gm)) {
    for (const item of list.split(",").map((part) => part.trim())) {
      const name = /(?:.* as )?(?:type )?(\w+)$/.exec(item)?.[1];
      if (name === undefined) continue;
      (onlyTypes !== undefined || item.startsWith("type ") ? types : values).push(name);
    }
  }
  for (const [, kind, name = ""] of text.matchAll(
    /^export (?:async |abstract |declare )*(function\*?|const|let|class|interface|type) (\w+)/gm,
  )) {
    (kind === "interface" || kind === "type" ? types : values).push(name);
  }
  return { values, types };
}
