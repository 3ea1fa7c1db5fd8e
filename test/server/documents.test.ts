/** `docs/registry.md` has every route and every refusal. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { refusalRows } from "../../src/api/index.ts";
import { routeLines } from "./route-table.ts";

const registry = readFileSync(new URL("../../docs/registry.md", import.meta.url), "utf8");
const lines = registry.split("\n");

test("docs/registry.md has every route as the table has it, in order", () => {
  const documented = lines.filter((line) => /^\| (GET|POST|PUT|DELETE) `/.test(line));
  expect(documented).toEqual(routeLines());
});

test("docs/registry.md has every refusal with status, code, text and next step", () => {
  const documented = lines.filter((line) => /^\| \d{3} \| \d{3,5} \|/.test(line));
  expect(documented).toEqual(
    Object.values(refusalRows).map(
      ({ status, errorCode, message, hint }) =>
        `| ${status} | ${errorCode} | \`${message}\` | ${hint} |`,
    ),
  );
});
