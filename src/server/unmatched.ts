/** Requests that no route takes: 404, 405 with the allowed methods, and `OPTIONS`. */

import type { RouteRow } from "../api/index.ts";
import { routes } from "../api/index.ts";
import { byUnits } from "../base/index.ts";

interface PathRow {
  readonly segments: readonly string[];
  readonly method: string;
}

/** Methods of the routes at a path, sorted; empty when there is no such path. */
export type MethodsAt = (path: string) => readonly string[];

export function createMethodsAt(extraPaths: readonly string[]): MethodsAt {
  const rows: PathRow[] = [
    ...Object.values(routes).map((row: RouteRow) => toRow(row.path, row.method)),
    ...extraPaths.map((path) => toRow(path, "GET")),
  ];
  return (path) => {
    const segments = segmentsOf(path);
    const methods = new Set(rows.filter((row) => covers(row, segments)).map((row) => row.method));
    if (methods.size === 0) return [];
    if (methods.has("GET")) methods.add("HEAD");
    return [...methods.add("OPTIONS")].sort(byUnits);
  };
}

function toRow(path: string, method: string): PathRow {
  return { segments: segmentsOf(path), method };
}

function segmentsOf(path: string): readonly string[] {
  return path.split("?", 1).join("").split("/").slice(1).filter(isNotTrailing);
}

/** A slash at the end does not count. */
function isNotTrailing(segment: string, index: number, all: readonly string[]): boolean {
  return segment !== "" || index < all.length - 1;
}

function covers(row: PathRow, segments: readonly string[]): boolean {
  return (
    row.segments.length === segments.length &&
    row.segments.every((name, n) =>
      name.startsWith("{") ? segments[n] !== "" : name === segments[n],
    )
  );
}
