/**
 * Emitted declarations (`.d.ts`) as far as tests need them: which names a file declares, imports and
 * exports, and which types a declaration mentions. TypeScript's printer puts every top-level
 * statement at the start of a line, which is all that is relied on here.
 *
 * A type that its file does not export is a building block (a base of interfaces, a helper of
 * aliases): it counts as a part of what mentions it. So do the functions from JSON Schemas to types.
 */
import { posix } from "node:path";
import { importsOf, withoutComments } from "./source.ts";

/** A declared name: the file that declares it, and its name there. */
export interface Declared {
  readonly file: string;
  readonly name: string;
}

/** Reads a file by its path; undefined when there is none. */
export type Reader = (path: string) => string | undefined;

interface File {
  /** Text of each declaration, by name; overloads are joined. */
  readonly declarations: ReadonlyMap<string, string>;
  /** Names that can be mentioned as types: interfaces, aliases, classes, enums. */
  readonly types: ReadonlySet<string>;
  readonly imports: ReadonlyMap<string, Declared>;
  readonly exports: ReadonlyMap<string, Declared>;
}

/** One type under two declarations; `test/types` holds them equal. */
const SAME: Readonly<Record<string, string>> = {
  "dist/src/api/entities.d.ts SchemaReference": "dist/src/schema/index.d.ts SchemaReference",
};
const TYPE_FUNCTIONS = /\/base\/json-schema\.d\.ts$/;
const STATEMENT = /^(?=(?:export|import|declare|interface|type|class|abstract)\b)/m;
const DECLARATION =
  /^(?:export )?(?:default )?(?:declare )?(?:abstract )?(function|const|let|class|interface|type|enum) (\w+)/;

/** The public types that an entry mentions and does not export, each with the name that mentions it. */
export function unnamedTypes(entry: string, read: Reader): string[] {
  const files = new Map<string, File>();
  const fileAt = (path: string): File => {
    const known = files.get(path) ?? parse(path, read(path) ?? "");
    files.set(path, known);
    return known;
  };
  /** Follows imports and re-exports to the declaration. */
  const resolve = ({ file, name }: Declared): Declared => {
    if (!file.endsWith(".d.ts")) return { file, name };
    const { declarations, imports, exports } = fileAt(file);
    if (declarations.has(name)) return { file, name };
    const next = exports.get(name) ?? imports.get(name);
    return next === undefined ? { file, name } : resolve(next);
  };
  const names = [...fileAt(entry).exports.keys()];
  const exported = names.map((name) => resolve({ file: entry, name }));
  const isExported = new Set(exported.map(keyOf));
  const partsOf = ({ file, name }: Declared, seen = new Set<string>()): Declared[] => {
    const here = fileAt(file);
    const text = here.declarations.get(name) ?? "";
    return mentions(file, text, here).flatMap((mention) => {
      const type = resolve(mention);
      if (seen.has(keyOf(type))) return [];
      seen.add(keyOf(type));
      const isBlock = type.file.endsWith(".d.ts") && !fileAt(type.file).exports.has(type.name);
      return isBlock || TYPE_FUNCTIONS.test(type.file) ? partsOf(type, seen) : [type];
    });
  };
  const faults = exported.flatMap((name) =>
    partsOf(name)
      .filter((type) => !isExported.has(keyOf(type)) && !isExported.has(SAME[keyOf(type)] ?? ""))
      .filter((type) => isType(type, fileAt))
      .map((type) => `${name.name} mentions ${type.name} of ${type.file}`),
  );
  return [...new Set(faults)].sort();
}

/** Packages whose declarations an entry needs, with the file that does; Node's own aside. */
export function foreignPackages(entry: string, read: Reader): string[] {
  const found = new Set<string>();
  const seen = new Set([entry]);
  for (const path of seen) {
    for (const specifier of importsOf(withoutComments(read(path) ?? ""))) {
      if (specifier.startsWith(".")) seen.add(target(path, specifier));
      else if (!specifier.startsWith("node:")) found.add(`${path} imports ${specifier}`);
    }
  }
  return [...found].sort();
}

function isType({ file, name }: Declared, fileAt: (path: string) => File): boolean {
  if (file.startsWith("node:")) return false;
  // The types of another package can't be named without importing that package.
  return file.endsWith(".d.ts") ? fileAt(file).types.has(name) : true;
}

function keyOf({ file, name }: Declared): string {
  return `${file} ${name}`;
}

/** Names of the file's scope that a declaration mentions, and what it imports inline. */
function mentions(path: string, text: string, file: File): Declared[] {
  const inline = [...text.matchAll(/import\("([^"]+)"\)\.(\w+)/g)].map(
    ([, from = "", name = ""]) => ({ file: target(path, from), name }),
  );
  const words = new Set(text.replace(/"(?:[^"\\]|\\.)*"/g, '""').match(/(?<![.\w$#])\w+/g) ?? []);
  const local = [...words]
    .filter((word) => file.types.has(word) || file.imports.has(word))
    .map((name) => ({ file: path, name }));
  return [...inline, ...local];
}

function parse(path: string, source: string): File {
  const declarations = new Map<string, string>();
  const types = new Set<string>();
  const imports = new Map<string, Declared>();
  const exports = new Map<string, Declared>();
  for (const statement of withoutComments(source).split(STATEMENT)) {
    const [, kind = "", name = ""] = DECLARATION.exec(statement) ?? [];
    if (name !== "") {
      declarations.set(name, `${declarations.get(name) ?? ""}${statement}`);
      if (!/^(?:function|const|let)$/.test(kind)) types.add(name);
      if (statement.startsWith("export")) exports.set(name, { file: path, name });
      continue;
    }
    const [, verb, list = "", from] =
      /^(import|export)(?: type)? \{([^}]*)\}(?: from "([^"]+)")?/.exec(statement) ?? [];
    const file = from === undefined ? path : target(path, from);
    for (const item of list.split(",")) {
      const [, original, alias] = /^(?:type )?(\w+)(?: as (\w+))?$/.exec(item.trim()) ?? [];
      if (original === undefined) continue;
      const into = verb === "import" ? imports : exports;
      const imported = from === undefined ? imports.get(original) : undefined;
      into.set(alias ?? original, imported ?? { file, name: original });
    }
  }
  return { declarations, types, imports, exports };
}

function target(from: string, specifier: string): string {
  if (!specifier.startsWith(".")) return specifier;
  return posix.join(posix.dirname(from), specifier).replace(/\.[jt]s$/, ".d.ts");
}
