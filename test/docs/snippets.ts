/**
 * The code that pages and doc comments show, as modules that can be compiled.
 *
 * Invariant: a module has the line numbers of the file that it was taken from, so an error of the
 * compiler names the line to mend.
 *
 * What a block needs and does not show stands in an HTML comment, which readers do not see:
 * `<!-- given: const id = 1; -->` is code of the page's module, and `<!-- file: producer.ts -->` makes
 * the block below it a file of its own.
 */

/** A fenced block of a page. */
export interface Snippet {
  readonly language: string;
  readonly text: string;
  /** The line of its first line of code, from 1. */
  readonly line: number;
  /** The name in the `file:` comment above it. */
  readonly file: string | undefined;
}

/** A file to compile. */
export interface Module {
  /** Its name, without a folder. */
  readonly name: string;
  readonly text: string;
}

const FENCE = /^( *)```([a-z]*)\n([\s\S]*?)^ *```$/gm;
const FILE_ABOVE = /<!-- file: (\S+) -->\n+$/;
const GIVEN = /<!-- given:\s([\s\S]*?)-->/g;
const EXAMPLE = /^ *\* @example.*\n *\* ```ts\n([\s\S]*?)^ *\* ```$/gm;

/** All fenced blocks of a page, in order. */
export function snippetsOf(page: string): Snippet[] {
  return [...page.matchAll(FENCE)].map((match) => {
    const [, indent = "", language = "", text = ""] = match;
    return {
      language,
      text: text.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
      line: lineAt(page, match.index) + 1,
      file: FILE_ABOVE.exec(page.slice(0, match.index))?.[1],
    };
  });
}

/** The modules of a page: one of all its blocks in TypeScript, and each that is a file of its own. */
export function modulesOf(path: string, page: string): Module[] {
  const blocks = snippetsOf(page).filter(({ language }) => language === "ts" || language === "js");
  const given = [...page.matchAll(GIVEN)].map((match) => ({
    text: match[1] ?? "",
    line: lineAt(page, match.index + match[0].indexOf(match[1] ?? "")),
    file: undefined,
  }));
  const names = new Set(blocks.map(({ file }) => file));
  return [...names].map((file) => ({
    name: file ?? `${path.replaceAll("/", "-").replace(/\.md$/, "")}.ts`,
    text: atLines([...(file === undefined ? given : []), ...blocks.filter((b) => b.file === file)]),
  }));
}

/** The `@example` blocks of a source file's doc comments, each a module of its own. */
export function examplesOf(path: string, source: string): Module[] {
  return [...source.matchAll(EXAMPLE)].map((match) => {
    const code = (match[1] ?? "").replaceAll(/^ *\* ?/gm, "");
    const line = lineAt(source, match.index) + 2;
    const name = `${path.replaceAll("/", "-").replace(/\.ts$/, "")}-${line}.ts`;
    return { name, text: atLines([{ text: code, line }]) };
  });
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

/** Pieces of code at their lines, empty lines between them; every piece makes the file a module. */
function atLines(pieces: readonly { readonly text: string; readonly line: number }[]): string {
  const lines: string[] = [];
  for (const { text, line } of pieces) {
    for (const [offset, code] of text.trimEnd().split("\n").entries()) {
      lines[line - 1 + offset] = code;
    }
  }
  return `${Array.from(lines, (line) => line ?? "").join("\n")}\nexport {};\n`;
}
