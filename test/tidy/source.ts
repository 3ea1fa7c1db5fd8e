/** What the tidy tests read: the repository's own files as text, and the imports inside them. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { posix, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** One file: its path from the repository's root, with `/`, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Folders that tools and programs write. */
const WRITTEN = new Set([
  "node_modules",
  "dist",
  "coverage",
  ".git",
  ".kafka",
  "generated",
  "target",
]);
/** Folders that are no part of the package's own code: they have their own tools. */
const FOREIGN = new Set(["bench/peers", "test/clients", "test/package/project"]);

/** All files below the given folders (or single files) that end as asked, sorted by path. */
export function readFiles(starts: readonly string[], endings: readonly string[]): SourceFile[] {
  return starts
    .flatMap((start) => (start.includes(".") && existsSync(root + start) ? [start] : walk(start)))
    .filter((path) => endings.some((ending) => path.endsWith(ending)))
    .sort()
    .map((path) => ({ path, text: readFileSync(root + path, "utf8") }));
}

/** The text of one file. */
export function readText(path: string): string {
  return readFileSync(root + path, "utf8");
}

/** Whether a path from the root is there. */
export function isThere(path: string): boolean {
  return existsSync(root + path);
}

/** The address to import a file by. */
export function urlOf(path: string): string {
  return new URL(path, new URL("../../", import.meta.url)).href;
}

function walk(start: string): string[] {
  const folder = root + start;
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = relative(root, `${folder}/${entry.name}`).split(sep).join("/");
    if (!entry.isDirectory()) return entry.isFile() ? [path] : [];
    return WRITTEN.has(entry.name) || FOREIGN.has(path) ? [] : walk(path);
  });
}

/** The parts of `package.json` that tests compare with. */
export interface PackageFile {
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** Reads `package.json`. */
export function readPackage(): PackageFile {
  return JSON.parse(readText("package.json")) as PackageFile;
}

/** Entry name (`.`, `./kafka`, …) to the TypeScript file that it is built from. */
export function packageEntries(): Map<string, string> {
  const entries = new Map<string, string>();
  for (const [name, target] of Object.entries(readPackage().exports)) {
    if (typeof target === "string") continue;
    entries.set(name, target.default.replace(/^\.\/dist\//, "").replace(/\.js$/, ".ts"));
  }
  return entries;
}

/**
 * What a file imports, types included: static imports and re-exports (biome keeps them at the start
 * of a line), `import("…")`, and `new URL("….ts", import.meta.url)` of workers.
 */
export function importsOf(text: string): string[] {
  const patterns = [
    /^(?:import|export)\b[^;"'`]*?\bfrom\s*"([^"]+)"/gm,
    /^import\s*"([^"]+)"/gm,
    /\bimport\(\s*"([^"]+)"/g,
    /\bnew URL\(\s*"([^"]+\.ts)",\s*import\.meta\.url/g,
  ];
  const found = patterns.flatMap((pattern) => [...text.matchAll(pattern)].map((m) => m[1] ?? ""));
  return [...new Set(found)];
}

/** The path from the root that a relative import of a file means; undefined for packages. */
export function resolveImport(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  return posix.join(posix.dirname(from), specifier);
}

/** Cuts comments out, so that a word in a sentence is not taken for code. */
export function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");
}

/** A Markdown table below a heading: its rows as cells, without the header. */
export function tableBelow(markdown: string, heading: string): string[][] {
  const section = sectionOf(markdown, heading);
  const lines = section.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map(cellsOf);
}

/** The text between a heading and the next one of the same or a higher level. */
export function sectionOf(markdown: string, heading: string): string {
  const start = markdown.indexOf(`\n${heading}\n`);
  if (start < 0) return "";
  const rest = markdown.slice(start + heading.length + 2);
  const level = heading.indexOf(" ");
  const end = rest.search(new RegExp(`^#{1,${level}} `, "m"));
  return end < 0 ? rest : rest.slice(0, end);
}

function cellsOf(line: string): string[] {
  return line
    .slice(1, line.lastIndexOf("|"))
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());
}
