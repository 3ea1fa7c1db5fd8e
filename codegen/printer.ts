/**
 * Modules of generated code.
 *
 * Invariants:
 * - Imports are values in the text, never text themselves; the module collects them and settles
 *   every clash of names in one place.
 * - Untrusted text enters only through `text.ts`.
 */
import { byUnits } from "../src/base/index.ts";
import type { Doc, ImportedName } from "./layout.ts";
import { forEachImport, group, hardline, ifBroken, indent, join, layOut, line } from "./layout.ts";
import { commentLines, literal } from "./text.ts";

/** A type imported from another module. */
export function importedType(name: string, from: string): ImportedName {
  return { kind: "import", name, from, typeOnly: true };
}

/** A value imported from another module. */
export function importedValue(name: string, from: string): ImportedName {
  return { kind: "import", name, from, typeOnly: false };
}

/** A doc comment of the given paragraphs; nothing when there are none. */
export function docComment(paragraphs: readonly string[]): Doc {
  const lines: string[] = [];
  for (const paragraph of paragraphs) {
    if (paragraph.trim() === "") continue;
    if (lines.length > 0) lines.push("");
    lines.push(...commentLines(paragraph));
  }
  if (lines.length === 0) return [];
  if (lines.length === 1) return [`/** ${lines[0]} */`, hardline];
  const printed = lines.map((text) => (text === "" ? " *" : ` * ${text}`));
  return ["/**", hardline, join(hardline, printed), hardline, " */", hardline];
}

/**
 * Prints a module: header, imports, body.
 *
 * @param taken - Names that the body declares or uses from the global scope; an imported name that
 *   is among them gets a `$` at its end, which no Avro name can have.
 */
export function printModule(
  header: readonly string[],
  body: Doc,
  taken: ReadonlySet<string>,
): string {
  const imports = collectImports(body);
  const locals = localNames(imports, taken);
  const nameOf = (symbol: ImportedName): string => locals.get(importKey(symbol)) ?? symbol.name;
  const statements = importStatements(imports, nameOf).map((doc) => layOut(doc, nameOf));
  const parts = [
    header.join("\n"),
    ...(statements.length === 0 ? [] : [statements.join("\n")]),
    layOut(body, nameOf).trimEnd(),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

type Imports = ReadonlyMap<string, ImportedName>;
type Locals = ReadonlyMap<string, string>;

function importKey({ name, from }: ImportedName): string {
  return `${from}\n${name}`;
}

function collectImports(doc: Doc): Imports {
  const imports = new Map<string, ImportedName>();
  forEachImport(doc, (symbol) => {
    const key = importKey(symbol);
    if (imports.get(key)?.typeOnly !== false) imports.set(key, symbol);
  });
  return imports;
}

function localNames(imports: Imports, taken: ReadonlySet<string>): Locals {
  const used = new Set<string>();
  const locals = new Map<string, string>();
  for (const [key, { name }] of [...imports].sort(([a], [b]) => byUnits(a, b))) {
    let local = name;
    while (used.has(local) || taken.has(local)) local += "$";
    used.add(local);
    locals.set(key, local);
  }
  return locals;
}

function importStatements(imports: Imports, nameOf: (symbol: ImportedName) => string): Doc[] {
  const statements = new Map<string, ImportedName[]>();
  for (const symbol of imports.values()) {
    const key = `${symbol.from}\n${symbol.typeOnly ? "import type" : "import"}`;
    statements.set(key, [...(statements.get(key) ?? []), symbol]);
  }
  return [...statements]
    .sort(([a], [b]) => compareModules(a, b))
    .map(([key, symbols]) => {
      const [from = "", keyword = ""] = key.split("\n");
      const names = symbols
        .sort((a, b) => byUnits(a.name, b.name))
        .map((symbol) => specifier(symbol, nameOf(symbol)));
      return bracedNames(`${keyword} `, names, ` from ${literal(from)};`);
    });
}

/** `{ a, b }` between two texts, as in import and export statements. */
export function bracedNames(before: string, names: readonly Doc[], after: string): Doc {
  const list = indent(line, join([",", line], names), ifBroken(","));
  return group(before, "{", list, line, "}", after);
}

function specifier({ name }: ImportedName, local: string): string {
  return local === name ? local : `${name} as ${local}`;
}

/** Packages come before relative modules; types come before values of the same module. */
function compareModules(a: string, b: string): number {
  const rank = (key: string): number => (key.startsWith("../") ? 1 : key.startsWith("./") ? 2 : 0);
  const [moduleA = "", moduleB = ""] = [a.split("\n")[0], b.split("\n")[0]];
  return rank(a) - rank(b) || byUnits(moduleA, moduleB) || b.length - a.length;
}
