/** The grammar of subjects and contexts, and that every part of the package reads names by it. */
import { test as prop } from "@fast-check/vitest";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { referencedSubject } from "../../codegen/subjects.ts";
import { contextScope } from "../../src/cli/import-names.ts";
import type { RegistryClient } from "../../src/client/index.ts";
import { contextAt, createRegistryClient } from "../../src/client/index.ts";
import {
  contextKey,
  contextNamed,
  contextPrefix,
  isContextKey,
  isValidScope,
  isValidSubject,
  joinSubject,
  prefixSubject,
  qualifiedForm,
  qualifySubject,
  SUBJECT_CHARS_MAX,
  scopeKey,
  splitSubject,
} from "../../src/confluent/index.ts";
import { createRegistryServer } from "../../src/server/index.ts";

/** A name, its context and the subject in it, its one spelling, and what it says of its context. */
const NAMES = [
  ["orders-value", ".", "orders-value", "orders-value", ""],
  ["", ".", "", "", ""],
  [".", ".", ".", ".", ""],
  ["..", ".", "..", "..", ""],
  [".x", ".", ".x", ".x", ""],
  [":", ".", ":", ":", ""],
  ["::", ".", "::", "::", ""],
  [":odd", ".", ":odd", ":odd", ""],
  [":odd:s", ".", ":odd:s", ":odd:s", ""],
  [":*:s", ".", ":*:s", ":*:s", ""],
  [" :.x:s", ".", " :.x:s", " :.x:s", ""],
  ["a:.x:s", ".", "a:.x:s", "a:.x:s", ""],
  [":.:", ".", "", "", ":.:"],
  [":.:s", ".", "s", "s", ":.:"],
  [":.::.x:s", ".", ":.x:s", ":.x:s", ":.:"],
  [":.", ".", "", "", ":.:"],
  [":.x", ".x", "", ":.x:", ":.x:"],
  [":.x:", ".x", "", ":.x:", ":.x:"],
  [":.x:s", ".x", "s", ":.x:s", ":.x:"],
  [":.x:s:t", ".x", "s:t", ":.x:s:t", ":.x:"],
  [":.x::odd", ".x", ":odd", ":.x::odd", ":.x:"],
  [":.x::.y:s", ".x", ":.y:s", ":.x::.y:s", ":.x:"],
  [":..:s", "..", "s", ":..:s", ":..:"],
  [":.a b:ü", ".a b", "ü", ":.a b:ü", ":.a b:"],
  [":.a\nb:s", ".a\nb", "s", ":.a\nb:s", ":.a\nb:"],
] as const;

describe.each(NAMES)("%j", (name, context, subject, spelling, prefix) => {
  test(`is ${JSON.stringify(subject)} in the context ${JSON.stringify(context)}`, () => {
    expect(splitSubject(name)).toEqual({ context, subject });
    // As in Confluent's registry, `:.:` before a name that itself looks like one is taken off once.
    if (!subject.startsWith(":.")) expect(joinSubject({ context, subject })).toBe(spelling);
    expect(contextPrefix(name)).toBe(prefix);
    expect(qualifiedForm(".", name)).toBe(`:${context}:${subject}`);
    expect(scopeKey(name)).toBe(spelling === "" ? ":.:" : spelling);
  });

  test("means the same in a reference, for registry, client and generated code", () => {
    const inside = prefix === "" ? `:.home:${name}` : spelling;
    expect(qualifySubject(".home", name)).toBe(inside);
    expect(referencedSubject({ subject: ":.home:order" }, name)).toBe(inside);
    expect(qualifySubject(".", prefixSubject(":.home:", name))).toBe(inside);
    expect(referencedSubject({ subject: "order" }, name)).toBe(spelling);
  });

  test("is in the same context for client and import", () => {
    expect(contextScope(name)).toBe(contextKey(context));
    expect(contextAt("http://r", name)).toBe(contextKey(context));
    const inUrl = prefix === "" ? ":.home:" : prefix;
    expect(contextAt("http://r/contexts/home", name)).toBe(inUrl);
  });
});

test.each([
  ["team", ".team"],
  [".team", ".team"],
  [":.team:", ".team"],
  [":team", ".team"],
  ["team:", ".team"],
  ["", "."],
  [".", "."],
  [":", "."],
  ["::", "."],
  [":.:", "."],
  ["..", ".."],
  ["a:b", undefined],
  ["::team::", undefined],
  [":.a:b:", undefined],
])("the context that is written %j is %j", (written, name) => {
  expect(contextNamed(written)).toBe(name);
  // A URL with a name that is none is answered with a status 400, whatever is asked.
  const url = `http://r/contexts/${encodeURIComponent(written)}`;
  expect(contextAt(url, "s")).toBe(written === "" ? ":.:" : contextKey(name ?? "."));
});

test("a URL whose context is not well encoded names none", () => {
  expect(contextAt("http://r/contexts/%zz", "s")).toBe(":.:");
});

test.each([
  ["orders-value", true, true],
  [":.x:orders", true, true],
  ["", true, true],
  ["*", true, true],
  ["__GLOBAL", false, false],
  [":.x:__EMPTY", false, false],
  [":.__GLOBAL:", true, false],
  [":.__GLOBAL:s", true, false],
  ["a\u0000b", false, false],
  [":.a\u0085b:s", false, false],
  ["s".repeat(SUBJECT_CHARS_MAX), true, true],
  ["s".repeat(SUBJECT_CHARS_MAX + 1), false, false],
])("%j may have settings: %j, schemas: %j", (name, settings, schemas) => {
  expect(isValidScope(name)).toBe(settings);
  expect(isValidSubject(name, false)).toBe(schemas);
});

const anyName = fc.oneof(
  fc.string({ unit: fc.constantFrom(":", ".", "*", "a", "x", "/"), maxLength: 9 }),
  fc.string({ maxLength: 9 }),
);

prop.prop([anyName])("spelling a name twice changes nothing more", (name) => {
  const { context, subject } = splitSubject(name);
  fc.pre(context !== "." || !subject.startsWith(":."));
  const spelling = qualifySubject(".", name);
  expect(splitSubject(spelling)).toEqual({ context, subject });
  expect(qualifySubject(".", spelling)).toBe(spelling);
  expect(isContextKey(contextKey(context))).toBe(true);
});

prop.prop([anyName, anyName])(
  "code generation and client look where the registry does",
  (home, name) => {
    const { context } = splitSubject(home);
    fc.pre(contextPrefix(home) !== ":.:");
    const meant = qualifySubject(context, name);
    expect(referencedSubject({ subject: home }, name)).toBe(meant);
    expect(qualifySubject(".", prefixSubject(contextPrefix(home), name))).toBe(meant);
  },
);

test.each([
  ["", ":.x:"],
  [".", ":.x:."],
  ["..", ":.x:.."],
  ["a", "a"],
  [":.y:a", ":.y:a"],
])("a client of the context x asks for %j as %j", async (subject, asked) => {
  const paths: string[] = [];
  const client = createRegistryClient({
    url: "http://r/contexts/x",
    retries: 0,
    fetch: async (address) => {
      paths.push(new URL(String(address)).pathname);
      return Response.json([1]);
    },
  });
  await client.versions(subject);
  const segment = encodeURIComponent(asked);
  expect(paths).toEqual([`/contexts/x/subjects/${segment}/versions`]);
});

describe("a registry with odd names", () => {
  const closing: (() => Promise<void>)[] = [];
  let client: RegistryClient;
  beforeAll(async () => {
    const server = await createRegistryServer({ store: "memory", port: 0, drainMs: 0 });
    closing.push(server.close);
    client = createRegistryClient({ url: server.url });
  });
  afterAll(async () => {
    await Promise.all(closing.map((close) => close()));
  });

  test.each([":odd", ":*:odd", "::", "a:.x:b"])(
    "resolves the reference %j as the client does",
    async (name) => {
      const money = (field: string) =>
        `{"type":"record","name":"Money","fields":[{"name":"${field}","type":"int"}]}`;
      await client.register(name, { schema: money("outside") });
      await client.register(`:.x:${name}`, { schema: money("inside") });
      const order = '{"type":"record","name":"Order","fields":[{"name":"m","type":"Money"}]}';
      const references = [{ name: "Money", subject: name, version: 1 }];
      const subject = `:.x:order of ${name}`;
      await client.register(subject, { schema: order, references });
      expect(await client.closedSchema(subject, 1)).toContain('"inside"');
      const versions = await client.referencedBy(`:.x:${name}`, 1);
      expect(versions).toHaveLength(1);
      expect(await client.referencedBy(name, 1)).toEqual([]);
    },
  );
});
