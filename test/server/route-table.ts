import type { RouteRow } from "../../src/api/index.ts";
import { refusalRows, routes } from "../../src/api/index.ts";

/** The rows of the table of routes in `docs/registry.md`, one a route. */
export function routeLines(): string[] {
  return Object.values<RouteRow>(routes).map((row) => {
    const query = Object.keys(row.query ?? {}).map((name) => `\`${name}\``);
    const codes = (row.refusals ?? []).map((name) => refusalRows[name].errorCode);
    const refusals = [...new Set(codes)].sort((a, b) => a - b).join(", ");
    return `| ${row.method} \`${row.path}\` | ${row.summary} | ${query.join(", ")} | ${refusals} |`;
  });
}
