import type { AnySchema } from "ajv";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import type { RouteRow } from "../../src/api/index.ts";
import { answerSchemas, refusalRows, routes } from "../../src/api/index.ts";

const rows = Object.values<RouteRow>(routes);
const duplicates = (names: readonly string[]) =>
  names.filter((name, index) => names.indexOf(name) !== index);

test("no two routes share a method and a path", () => {
  expect(duplicates(rows.map(({ method, path }) => `${method} ${path}`))).toEqual([]);
});

test("operations have dotted names, which label metrics and name OpenAPI operations", () => {
  const names = Object.keys(routes);
  expect(names.filter((name) => !/^[a-z]+(?:\.[a-z-]+)+$/.test(name))).toEqual([]);
});

test("only POST and PUT carry a body", () => {
  const others = rows.filter(({ method }) => method === "GET" || method === "DELETE");
  expect(others.filter(({ body }) => body !== undefined)).toEqual([]);
});

test("every refusal is one of some route", () => {
  const listed = new Set(rows.flatMap(({ refusals }) => refusals ?? []));
  const unlisted = Object.keys(refusalRows).filter(
    (name) => !listed.has(name as keyof typeof refusalRows),
  );
  expect(unlisted).toEqual([]);
});

test("every body and answer is defined by a valid JSON Schema, as the server does not check it", () => {
  const ajv = new Ajv({ strict: false, validateFormats: false });
  const schemas = [
    ...rows.flatMap(({ body }) => (body === undefined ? [] : [body])),
    ...Object.values(answerSchemas),
  ];
  expect(schemas.filter((schema) => ajv.validateSchema(schema as AnySchema) !== true)).toEqual([]);
  expect(schemas.length).toBeGreaterThan(20);
});
