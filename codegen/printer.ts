/**
 * The vocabulary that generated code is printed with.
 *
 * Invariants:
 * - Imports are values in the text, never text themselves; the module collects them and settles
 *   every clash of names in one place.
 * - What the formatter of this repository (100 columns, two spaces) would do is decided here, by
 *   groups that are printed on one line when they fit and broken otherwise.
 * - Untrusted text enters only through {@link literal}, {@link propertyName} and {@link docComment}.
 */

/** A piece of generated code. */
export type Doc = string | ImportedName | Group | Indent | Line | IfBroken | readonly Doc[];

/** A name from another module; the import statement is derived from its uses. */
export interface ImportedName {
  readonly kind: "import";
  readonly name: string;
  readonly from: string;
  /** Whether `import type` is enough for this use. */
  readonly typeOnly: boolean;
}

interface Group {
  readonly kind: "group";
  readonly content: Doc;
}

interface Indent {
  readonly kind: "indent";
  readonly content: Doc;
}

interface Line {
  readonly kind: "line";
  /** What stands in its place when the group fits on one line; undefined: it always breaks. */
  readonly flat: string | undefined;
}

interface IfBroken {
  readonly kind: "if-broken";
  readonly content: string;
}

const WIDTH = 100;
const INDENT = 2;

/** A space, or a line break when the group around it does not fit. */
export const line: Doc = { kind: "line", flat: " " };
/** Nothing, or a line break when the group around it does not fit. */
export const softline: Doc = { kind: "line", flat: "" };
/** A line break. */
export const hardline: Doc = { kind: "line", flat: undefined };

/** Content that is printed on one line when it fits. */
export function group(...content: readonly Doc[]): Doc {
  return { kind: "group", content };
}

/** Content whose line breaks are indented by one step. */
export function indent(...content: readonly Doc[]): Doc {
  return { kind: "indent", content };
}

/** Text that stands only when the group around it is broken. */
export function ifBroken(content: string): Doc {
  return { kind: "if-broken", content };
}

/** A type imported from another module. */
export function importedType(name: string, from: string): ImportedName {
  return { kind: "import", name, from, typeOnly: true };
}

/** A value imported from another module. */
export function importedValue(name: string, from: string): ImportedName {
  return { kind: "import", name, from, typeOnly: false };
}

/** Documents with a separator between each two. */
export function join(separator: Doc, docs: readonly Doc[]): Doc {
  const joined: Doc[] = [];
  for (const doc of docs) {
    if (joined.length > 0) joined.push(separator);
    joined.push(doc);
  }
  return joined;
}

/**
 * Text as a string literal that cannot end early: JSON's escapes, and also for line separators,
 * control and direction characters. Takes the quotes that need fewer escapes, as formatters do.
 */
export function literal(text: string): string {
  const inside = escapeInvisible(JSON.stringify(text).slice(1, -1));
  const singles = count(text, "'");
  if (inside.length === text.length || count(text, '"') <= singles) return `"${inside}"`;
  // A quote always follows an odd number of backslashes here, of which the last is its own.
  const unescaped = inside.replaceAll('\\"', '"');
  return `'${singles === 0 ? unescaped : unescaped.replaceAll("'", "\\'")}'`;
}

function count(text: string, character: string): number {
  let found = 0;
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) found++;
  return found;
}

/** A property name: as it is when it is an identifier, else as a string literal. */
export function propertyName(name: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? name : literal(name);
}

/** A property of an object literal; `__proto__` is computed, so that it becomes a property. */
export function literalPropertyName(name: string): string {
  return name === "__proto__" ? '["__proto__"]' : propertyName(name);
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
 * Untrusted text as the inside of a comment, split into lines: it cannot end the comment, hide in
 * it by direction characters, or give orders to the compiler.
 */
export function commentLines(text: string): string[] {
  if (/^[\x20-\x7e]*$/.test(text) && !/\*\/|@ts-/i.test(text)) return [text.trim()];
  const safe = text
    .replace(/\r\n?|[\u2028\u2029\u0085\v\f]/g, "\n")
    .replace(/\t/g, "  ")
    .replace(/\*\//g, "*\\/")
    .replace(/@(?=ts-)/gi, "\\@");
  return safe
    .trim()
    .split("\n")
    .map((part) => escapeInvisible(part).trimEnd());
}

function escapeInvisible(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be printed
    /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
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
  const statements = importStatements(imports, locals);
  const parts = [
    header.join("\n"),
    ...(statements.length === 0 ? [] : [statements.map((doc) => render(doc, locals)).join("\n")]),
    render(body, locals).trimEnd(),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

type Imports = ReadonlyMap<string, ImportedName>;
type Locals = ReadonlyMap<string, string>;

function importKey({ name, from }: ImportedName): string {
  return `${from}\n${name}`;
}

function collectImports(doc: Doc, into = new Map<string, ImportedName>()): Imports {
  if (typeof doc === "string") return into;
  if (isList(doc)) {
    for (const part of doc) collectImports(part, into);
  } else if (doc.kind === "import") {
    const known = into.get(importKey(doc));
    if (known === undefined || known.typeOnly) into.set(importKey(doc), doc);
  } else if (doc.kind === "group" || doc.kind === "indent") {
    collectImports(doc.content, into);
  }
  return into;
}

function localNames(imports: Imports, taken: ReadonlySet<string>): Locals {
  const used = new Set(taken);
  const locals = new Map<string, string>();
  for (const [key, { name }] of [...imports].sort(([a], [b]) => compareText(a, b))) {
    let local = name;
    while (used.has(local)) local += "$";
    used.add(local);
    locals.set(key, local);
  }
  return locals;
}

function importStatements(imports: Imports, locals: Locals): Doc[] {
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
        .sort((a, b) => compareText(a.name, b.name))
        .map((symbol) => specifier(symbol, locals));
      return bracedNames(`${keyword} `, names, ` from ${literal(from)};`);
    });
}

/** `{ a, b }` between two texts, as in import and export statements. */
export function bracedNames(before: string, names: readonly Doc[], after: string): Doc {
  const list = indent(line, join([",", line], names), ifBroken(","));
  return group(before, "{", list, line, "}", after);
}

function specifier(symbol: ImportedName, locals: Locals): string {
  const local = locals.get(importKey(symbol)) ?? symbol.name;
  return local === symbol.name ? local : `${symbol.name} as ${local}`;
}

/** Packages come before relative modules; types come before values of the same module. */
function compareModules(a: string, b: string): number {
  const rank = (key: string): number => (key.startsWith("../") ? 1 : key.startsWith("./") ? 2 : 0);
  const [moduleA = "", moduleB = ""] = [a.split("\n")[0], b.split("\n")[0]];
  return rank(a) - rank(b) || compareText(moduleA, moduleB) || b.length - a.length;
}

/** The order of code units: the same on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

interface Command {
  readonly doc: Doc;
  readonly depth: number;
  readonly broken: boolean;
}

function render(doc: Doc, locals: Locals): string {
  const out: string[] = [];
  const stack: Command[] = [{ doc, depth: 0, broken: true }];
  let column = 0;
  for (let command = stack.pop(); command !== undefined; command = stack.pop()) {
    const { doc: current, depth, broken } = command;
    if (typeof current !== "string" && !isList(current) && current.kind === "line") {
      if (broken || current.flat === undefined) {
        out.push(`\n${" ".repeat(depth * INDENT)}`);
        column = depth * INDENT;
        continue;
      }
    }
    if (typeof current !== "string" && !isList(current) && current.kind === "group") {
      const flat = { doc: current.content, depth, broken: false };
      const fitting = fits(flat, stack, WIDTH - column, locals);
      stack.push({ ...flat, broken: !fitting });
      continue;
    }
    const text = step(command, stack, locals);
    out.push(text);
    column += text.length;
  }
  return out.join("");
}

/** Whether the content, and what follows it up to the next possible break, fits on the line. */
function fits(first: Command, rest: readonly Command[], width: number, locals: Locals): boolean {
  const stack = [first];
  let left = width;
  let next = rest.length;
  while (left >= 0) {
    const command = stack.pop() ?? rest[--next];
    if (command === undefined) return true;
    const { doc } = command;
    if (typeof doc !== "string" && !isList(doc) && doc.kind === "line") {
      if (doc.flat === undefined) return command.broken || next < rest.length;
      if (command.broken) return true;
    }
    left -= step(command, stack, locals).length;
  }
  return false;
}

/** Prints a leaf, or pushes the parts of a document; groups inside keep the mode they are met in. */
function step({ doc, depth, broken }: Command, stack: Command[], locals: Locals): string {
  if (typeof doc === "string") return doc;
  if (isList(doc)) {
    for (let index = doc.length - 1; index >= 0; index--) {
      stack.push({ doc: doc[index] ?? "", depth, broken });
    }
    return "";
  }
  switch (doc.kind) {
    case "import":
      return locals.get(importKey(doc)) ?? doc.name;
    case "line":
      return doc.flat ?? "";
    case "if-broken":
      return broken ? doc.content : "";
    case "group":
      stack.push({ doc: doc.content, depth, broken: false });
      return "";
    case "indent":
      stack.push({ doc: doc.content, depth: depth + 1, broken });
      return "";
  }
}

function isList(doc: Doc): doc is readonly Doc[] {
  return Array.isArray(doc);
}
