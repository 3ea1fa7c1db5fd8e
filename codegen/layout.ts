/**
 * Pieces of code, and how they are laid out in 100 columns.
 *
 * Invariant: a group stands on one line when it fits together with what follows it on that line, and
 * is broken otherwise, which is what the formatter of this repository would do.
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

/** Documents with a separator between each two. */
export function join(separator: Doc, docs: readonly Doc[]): Doc {
  const joined: Doc[] = [];
  for (const doc of docs) {
    if (joined.length > 0) joined.push(separator);
    joined.push(doc);
  }
  return joined;
}

/** What is still to be printed: pieces with the depth and the mode that they are printed in. */
class Pending {
  readonly #docs: Doc[] = [];
  readonly #depths: number[] = [];
  readonly #modes: boolean[] = [];

  get size(): number {
    return this.#docs.length;
  }

  docAt(index: number): Doc {
    return this.#docs[index] ?? "";
  }

  depthAt(index: number): number {
    return this.#depths[index] ?? 0;
  }

  isBrokenAt(index: number): boolean {
    return this.#modes[index] ?? false;
  }

  push(doc: Doc, depth: number, broken: boolean): void {
    if (doc === "") return;
    this.#docs.push(doc);
    this.#depths.push(depth);
    this.#modes.push(broken);
  }

  /** Pushes the parts of a list so that the first is on top. */
  pushAll(docs: readonly Doc[], depth: number, broken: boolean): void {
    for (let index = docs.length - 1; index >= 0; index--) {
      this.push(docs[index] ?? "", depth, broken);
    }
  }

  clear(): void {
    this.#docs.length = 0;
    this.#depths.length = 0;
    this.#modes.length = 0;
  }

  drop(): void {
    this.#docs.pop();
    this.#depths.pop();
    this.#modes.pop();
  }
}

/**
 * Lays a piece of code out.
 *
 * @param nameOf - The name under which an imported name is known in this module.
 */
export function layOut(doc: Doc, nameOf: (symbol: ImportedName) => string): string {
  const pending = new Pending();
  // One for all groups, instead of three lists for each.
  const inside = new Pending();
  pending.push(doc, 0, true);
  let out = "";
  let column = 0;
  while (pending.size > 0) {
    const top = pending.size - 1;
    const current = pending.docAt(top);
    const depth = pending.depthAt(top);
    const broken = pending.isBrokenAt(top);
    pending.drop();
    if (isKind(current, "line") && (broken || current.flat === undefined)) {
      out += `\n${" ".repeat(depth * INDENT)}`;
      column = depth * INDENT;
    } else if (isKind(current, "group")) {
      const fitting = fits(current.content, inside, pending, WIDTH - column, nameOf);
      pending.push(current.content, depth, !fitting);
    } else {
      const text = step(current, depth, broken, pending, nameOf);
      out += text;
      column += text.length;
    }
  }
  return out;
}

/** Whether the content, and what follows it up to the next possible break, fits on the line. */
function fits(
  content: Doc,
  inside: Pending,
  rest: Pending,
  width: number,
  nameOf: (symbol: ImportedName) => string,
): boolean {
  inside.clear();
  inside.push(content, 0, false);
  let next = rest.size;
  for (let left = width; left >= 0; ) {
    const isInside = inside.size > 0;
    const from = isInside ? inside : rest;
    const index = isInside ? inside.size - 1 : --next;
    if (index < 0) return true;
    const doc = from.docAt(index);
    const broken = from.isBrokenAt(index);
    if (isInside) inside.drop();
    if (isKind(doc, "line")) {
      if (doc.flat === undefined) return broken || next < rest.size;
      if (broken) return true;
    }
    left -= step(doc, 0, broken, inside, nameOf).length;
  }
  return false;
}

/** Prints a leaf, or pushes the parts of a document; groups inside keep the mode they are met in. */
function step(
  doc: Doc,
  depth: number,
  broken: boolean,
  pending: Pending,
  nameOf: (symbol: ImportedName) => string,
): string {
  if (typeof doc === "string") return doc;
  if (isList(doc)) {
    pending.pushAll(doc, depth, broken);
    return "";
  }
  switch (doc.kind) {
    case "import":
      return nameOf(doc);
    case "line":
      return doc.flat ?? "";
    case "if-broken":
      return broken ? doc.content : "";
    case "group":
      pending.push(doc.content, depth, false);
      return "";
    case "indent":
      pending.push(doc.content, depth + 1, broken);
      return "";
  }
}

/** Calls back for every imported name in a piece of code. */
export function forEachImport(doc: Doc, visit: (symbol: ImportedName) => void): void {
  if (typeof doc === "string") return;
  if (isList(doc)) {
    for (const part of doc) forEachImport(part, visit);
  } else if (doc.kind === "import") {
    visit(doc);
  } else if (doc.kind === "group" || doc.kind === "indent") {
    forEachImport(doc.content, visit);
  }
}

function isKind<Kind extends "line" | "group">(
  doc: Doc,
  kind: Kind,
): doc is Extract<Doc, { kind: Kind }> {
  return typeof doc !== "string" && !isList(doc) && doc.kind === kind;
}

function isList(doc: Doc): doc is readonly Doc[] {
  return Array.isArray(doc);
}
