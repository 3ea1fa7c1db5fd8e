import { expect, test } from "vitest";
import { routes } from "../../src/api/index.ts";
import type { TSchema } from "../../src/base/index.ts";
import { bodyChecks } from "./body-checks.ts";

const bodies = new Map(
  Object.entries(routes).flatMap(([operation, row]) =>
    "body" in row ? [[operation, row.body as TSchema] as const] : [],
  ),
);

/** `npm run tidy` writes them, and `npm run build` takes them along like any other source. */
test("the checks of bodies are those that ajv makes of the API's schemas today", async () => {
  expect(bodies.size).toBeGreaterThan(5);
  await expect(bodyChecks(bodies)).toMatchFileSnapshot("../../src/server/generated/body-checks.js");
});

test("a check needs no package", () => {
  expect(bodyChecks(bodies)).not.toMatch(/\brequire\(|\bimport\b/);
});
