/** The error tables and their page. That each row is made by a test is judged in `test/witness`. */
import { describe, expect, test } from "vitest";
import { refusalRows } from "../../src/api/index.ts";
import type { ErrorRow } from "../../src/base/index.ts";
import { readModuleTables } from "../witness/rows.ts";
import { readText, sectionOf } from "./source.ts";

const modules = await readModuleTables();

test("no two rows have the same code", () => {
  const codes = modules.flatMap(({ rows }) => Object.keys(rows));
  expect(codes.filter((code, i) => codes.indexOf(code) !== i)).toEqual([]);
});

describe.each(modules)("$path", ({ module, rows }) => {
  test("begins every code with the module's name", () => {
    const prefix = `${module.toUpperCase()}_`;
    expect(Object.keys(rows).filter((code) => !code.startsWith(prefix))).toEqual([]);
  });

  test("says what to do next, in a sentence", () => {
    const hints = Object.values(rows).map((row) => row.hint);
    expect(hints.filter((hint) => !/^(?:[A-Z`{]|docs\/|typewire ).+\.$/s.test(hint))).toEqual([]);
  });
});

/**
 * The tables of the page are written from the rows: `npm run tidy`.
 * What stands around the tables is written by hand and stays.
 */
test("docs/errors.md lists exactly the rows of the tables, with the same text", async () => {
  const page = readText("docs/errors.md");
  await expect(pageWithTables(page)).toMatchFileSnapshot("../../docs/errors.md");
});

test("a row that is missing, added or changed in the page is seen", () => {
  const page = readText("docs/errors.md");
  const row = page.split("\n").find((line) => line.startsWith("| `WIRE_TOO_SHORT`")) ?? "";
  expect(row).not.toBe("");
  for (const changed of ["", `${row}\n${row}`, row.replace("too short", "to short")]) {
    expect(pageWithTables(page.replace(row, changed))).toBe(pageWithTables(page));
    expect(page.replace(row, changed)).not.toBe(page);
  }
});

function pageWithTables(page: string): string {
  const sections = modules.map(({ module, rows }) => [module, moduleTable(rows)] as const);
  sections.push(["api", refusalTable()]);
  const names = sections.map(([name]) => name);
  const titles = [...page.matchAll(/^## (.+)$/gm)].map((match) => match[1] ?? "");
  const [intro = ""] = page.split(/^## /m, 1);
  const order = [...titles.filter((title) => !names.includes(title)), ...names.sort()];
  const written = order.map((title) => {
    const table = sections.find(([name]) => name === title)?.[1] ?? "";
    const prose = withoutTable(sectionOf(page, `## ${title}`));
    return `## ${title}\n\n${[prose, table].filter((part) => part !== "").join("\n\n")}\n`;
  });
  return `${[intro.trim(), ...written.map((part) => part.trim())].join("\n\n")}\n`;
}

function withoutTable(section: string): string {
  const lines = section.split("\n").filter((line) => !line.startsWith("|"));
  return lines
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

function moduleTable(rows: Readonly<Record<string, ErrorRow>>): string {
  const lines = Object.entries(rows)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, { message, hint, retriable }]) =>
      tableLine([`\`${code}\``, message, hint, retriable === true ? "yes" : "no"]),
    );
  return [
    tableLine(["code", "message", "what to do", "retriable"]),
    "|---|---|---|---|",
    ...lines,
  ].join("\n");
}

function refusalTable(): string {
  const lines = Object.entries(refusalRows)
    .sort(([, a], [, b]) => a.status - b.status || a.errorCode - b.errorCode)
    .map(([name, { status, errorCode, message, hint }]) =>
      tableLine([String(errorCode), String(status), `\`${name}\``, message, hint]),
    );
  const head = tableLine(["error_code", "HTTP status", "name", "message", "what to do"]);
  return [head, "|---|---|---|---|---|", ...lines].join("\n");
}

function tableLine(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
}
