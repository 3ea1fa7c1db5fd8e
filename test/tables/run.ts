import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { TableAnswer, TableDriver } from "./driver.ts";
import type { Expected, Scenario, TableRow } from "./parse.ts";
import { parseTable } from "./parse.ts";

/** Names of the tables. */
export const tableNames = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith(".table"))
  .sort();

/** The scenarios of a table. */
export function readTable(name: string): Scenario[] {
  return parseTable(readFileSync(new URL(name, import.meta.url), "utf8"));
}

/** Plays every scenario of a table on a registry of its own. */
export function runTable(name: string, driver: TableDriver): void {
  describe(`${name} on ${driver.name}`, () => {
    for (const scenario of readTable(name)) {
      test(scenario.title, async () => {
        const registry = await driver.start();
        try {
          for (const row of scenario.rows) {
            if (row.request === undefined) await registry.restart();
            else check(name, row, await registry.call(row.request));
          }
        } finally {
          await registry.stop();
        }
      });
    }
  });
}

/** Plays every table. */
export function runTables(driver: TableDriver): void {
  for (const name of tableNames) runTable(name, driver);
}

function check(name: string, row: TableRow, answer: TableAnswer): void {
  const where = `${name}:${row.line}: ${row.text}`;
  const seen = "value" in answer ? answer.value : `${answer.errorCode} ${answer.message}`;
  expectAnswer(where, seen, "value" in answer, row.expected);
}

function expectAnswer(where: string, seen: unknown, isValue: boolean, expected: Expected): void {
  if (expected.kind === "error") {
    const { code, message } = expected;
    const rest = message.endsWith("…") ? message.slice(0, -1) : undefined;
    const shown = rest === undefined ? seen : String(seen).slice(0, `${code} ${rest}`.length);
    expect(shown, where).toBe(`${code} ${rest ?? message}`);
    return;
  }
  expect(isValue || seen, where).toBe(true);
  if (expected.kind === "ok") return;
  const { value } = expected;
  if (typeof value !== "object" || value === null) expect(seen, where).toBe(value);
  else if (Array.isArray(value) && value.every((item) => typeof item !== "object")) {
    expect(seen, where).toEqual(value);
  } else expect(seen, where).toMatchObject(value);
}
