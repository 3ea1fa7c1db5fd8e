import { expect, test } from "vitest";
import { foreignPackages, unnamedTypes } from "./declarations.ts";
import { isThere, packageEntries, readText } from "./source.ts";

const read = (path: string): string | undefined => (isThere(path) ? readText(path) : undefined);

test.each([...packageEntries().values()])(
  "every type that %s mentions can be imported from it",
  (source) => {
    const path = `dist/${source.replace(/\.ts$/, ".d.ts")}`;
    expect(read(path)).toMatch(/^export /m);
    expect(unnamedTypes(path, read)).toEqual([]);
  },
);

test.each([
  ["an interface", 'export { f } from "./b.js";', "export declare function f(x: Deep): void;"],
  ["in an alias", 'export type { F } from "./b.js";', "export type F = readonly Deep[];"],
  [
    "through an inline import",
    'export { f } from "./b.js";',
    'export declare const f: import("./b.js").Deep;',
  ],
])("a type that is missing is found: %s", (_title, entry, declaration) => {
  const files: Readonly<Record<string, string>> = {
    "a.d.ts": entry,
    "b.d.ts": `/** Other. */\nimport type { Deep } from "./c.js";\n${declaration}\nexport type { Deep };`,
    "c.d.ts": "export interface Deep {\n    readonly x: number;\n}",
  };
  const seen = (text: string) =>
    unnamedTypes("a.d.ts", (path) => (path === "a.d.ts" ? text : files[path]));
  expect(seen(entry)).toEqual([`${/\{ (\w)/.exec(entry)?.[1]} mentions Deep of c.d.ts`]);
  expect(seen(`${entry}\nexport type { Deep } from "./b.js";`)).toEqual([]);
});

test("what no one can name because it belongs to another package is found", () => {
  const text = 'import type { Client } from "other";\nexport declare function f(x: Client): void;';
  expect(unnamedTypes("a.d.ts", () => text)).toEqual(["f mentions Client of other"]);
});

test.each([...packageEntries().values()].map((source) => source.replace(/\.ts$/, ".d.ts")))(
  "%s compiles for users that have none of the optional packages",
  (entry) => {
    expect(foreignPackages(`dist/${entry}`, read)).toEqual([]);
  },
);
