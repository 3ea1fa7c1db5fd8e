/**
 * Who may import whom. The rules are the table "Directions" of ARCHITECTURE.md; the checker is a
 * function from table and files to faults, so that tests can give it seeded faults.
 *
 * A module may have rooms: rows of its own for folders inside it. A file belongs to the most specific
 * row. Rooms are walls inside the module: from outside, everyone goes through the module's own door.
 */

import type { SourceFile } from "./source.ts";
import { importsOf, resolveImport, tableBelow, withoutComments } from "./source.ts";

/** One row of the table. */
export interface ModuleRow {
  readonly name: string;
  /** `src/avro/` or `src/base/`. */
  readonly path: string;
  readonly mayImport: (module: string) => boolean;
}

/** A foreign package is met in few modules, through an interface that we wrote. */
const HOMES: Readonly<Record<string, string>> = {
  fastify: "server",
  "prom-client": "server, kafka/observe",
  "better-sqlite3": "store",
  "node-rdkafka": "rdkafka",
  avsc: "(tests only)",
};

/** Modules of pure functions, with the only Node modules that they may import. */
const PURE: Readonly<Record<string, readonly string[]>> = {
  base: [],
  avro: ["node:crypto", "node:zlib"],
  confluent: ["node:crypto"],
  schema: [],
  wire: [],
  api: [],
  registry: [],
};

/** What makes a function of values depend on when and where it runs. */
const IMPURE_CALLS =
  /\b(?:Date\.now|new Date\(\s*\)|Math\.random|performance\.now|process\.(?!env\b)\w+|setTimeout|setInterval|setImmediate|fetch)\b|\bnew Date\(\)/;

/** Reads the table "Directions". */
export function readDirections(architecture: string): ModuleRow[] {
  return tableBelow(architecture, "## Directions").map(([module = "", allowed = ""]) => {
    const path = module.replaceAll("`", "");
    return { name: moduleName(path), path, mayImport: readAllowed(allowed) };
  });
}

/** Every fault of the given files against the table, as `path: sentence`. */
export function findFaults(rows: readonly ModuleRow[], files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const module = moduleOf(rows, file.path);
    if (module === undefined) return [`${file.path}: belongs to no row of the table`];
    const faults = importsOf(file.text).map((specifier) => {
      const target = resolveImport(file.path, specifier);
      return target === undefined
        ? faultOfPackage(module, specifier)
        : faultOfImport(rows, module, target);
    });
    faults.push(faultOfCalls(module, file.text));
    return faults.filter((fault) => fault !== undefined).map((fault) => `${file.path}: ${fault}`);
  });
}

function faultOfImport(
  rows: readonly ModuleRow[],
  module: ModuleRow,
  target: string,
): string | undefined {
  const other = moduleOf(rows, target);
  if (other === undefined) return `imports ${target}, which belongs to no row of the table`;
  if (other === module) {
    const barrel = `${module.path}index.ts`;
    return target === barrel ? `imports its own module's ${barrel}` : undefined;
  }
  const house = rows.find((row) => row !== other && isInside(other.path, row.path));
  if (house !== undefined && !isInside(module.path, house.path)) {
    return `imports ${target}, a room of ${house.name}, not ${house.path}index.ts`;
  }
  if (!module.mayImport(other.name)) return `imports ${other.name}, its row does not allow that`;
  const door = other.path.endsWith("/") ? `${other.path}index.ts` : other.path;
  return target === door ? undefined : `imports ${target}, not ${door}`;
}

function faultOfPackage(module: ModuleRow, specifier: string): string | undefined {
  const allowedNode = pureOf(module);
  if (specifier.startsWith("node:")) {
    const banned = allowedNode !== undefined && !allowedNode.includes(specifier);
    return banned ? `imports ${specifier}, but the module is pure` : undefined;
  }
  const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  const home = Object.hasOwn(HOMES, name) ? HOMES[name] : undefined;
  return home === undefined || home.split(", ").includes(module.name)
    ? undefined
    : `imports ${name}, whose only place is ${home}`;
}

function faultOfCalls(module: ModuleRow, text: string): string | undefined {
  if (pureOf(module) === undefined) return undefined;
  const call = IMPURE_CALLS.exec(withoutComments(text));
  return call === null ? undefined : `uses ${call[0]}, but the module is pure`;
}

function moduleOf(rows: readonly ModuleRow[], path: string): ModuleRow | undefined {
  return rows
    .filter((row) => isInside(path, row.path))
    .reduce<ModuleRow | undefined>(
      (best, row) => (best !== undefined && best.path.length >= row.path.length ? best : row),
      undefined,
    );
}

/** Whether a path is a row's file, or inside a row's folder. */
function isInside(path: string, rowPath: string): boolean {
  return rowPath.endsWith("/") ? path.startsWith(rowPath) : path === rowPath;
}

/** What a pure module may import of Node; a room is as pure as its module. */
function pureOf({ name }: ModuleRow): readonly string[] | undefined {
  const [top = ""] = name.split("/");
  return Object.hasOwn(PURE, top) ? PURE[top] : undefined;
}

function moduleName(path: string): string {
  return path
    .replace(/^src\//, "")
    .replace(/\/$/, "")
    .replace(/\.ts$/, "");
}

function readAllowed(cell: string): (module: string) => boolean {
  if (cell === "–") return () => false;
  if (cell === "anything") return () => true;
  const except = /^anything but (.+)$/.exec(cell)?.[1];
  const names = new Set((except ?? cell).split(/,\s*/));
  return except === undefined ? (module) => names.has(module) : (module) => !names.has(module);
}
