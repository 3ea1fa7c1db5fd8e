/** One row for each way in which registries differ, and what an import makes of it. */
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { createRegistryServer } from "../../src/server/index.ts";
import type { Asked, Foreign, Quirk, Reply } from "./foreign-registry.ts";
import { foreignRegistry, SAMPLE } from "./foreign-registry.ts";
import { get } from "./registry-answers.ts";
import { codeIn, runHere } from "./run-here.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

const WHOLE = ["base 1 1", "order -1 2", "order 3 5"];

/** Versions of a registry as `subject version id`, soft-deleted ones with a minus. */
async function versionsIn(url: string): Promise<string[]> {
  const found: string[] = [];
  for (const subject of (await get(url, "/subjects?deleted=true")) as string[]) {
    const path = `/subjects/${encodeURIComponent(subject)}/versions`;
    const live = await get(url, path);
    for (const version of (await get(url, `${path}?deleted=true`)) as number[]) {
      const { id } = (await get(url, `${path}/${version}?deleted=true`)) as { id: number };
      const isLive = Array.isArray(live) && live.includes(version);
      found.push(`${subject} ${isLive ? version : -version} ${id}`);
    }
  }
  return found;
}

async function levelsIn(url: string): Promise<Record<string, unknown>> {
  const level = async (path: string) =>
    ((await get(url, path)) as { compatibilityLevel?: string }).compatibilityLevel;
  return {
    all: await level("/config"),
    base: await level("/config/base"),
    order: await level("/config/order"),
  };
}

interface Row {
  readonly quirk: Quirk;
  readonly held?: Foreign;
  /** What is there afterwards. Default: everything. */
  readonly versions?: readonly string[];
  /** Default: 0. */
  readonly status?: number;
  /** Pieces of the output. */
  readonly says?: readonly (string | RegExp)[];
  /** Levels afterwards. Default: those of the source. */
  readonly levels?: Readonly<Record<string, unknown>>;
}

const none: Reply = [404, { error_code: 404, message: "HTTP 404 Not Found" }];
const html: Reply = [404, "<html>not here</html>", { "content-type": "text/html" }];
const noBulk = ({ path }: Asked): Reply | undefined => (path === "/schemas" ? none : undefined);
const bulkOf =
  (edit: (entry: Record<string, unknown>) => unknown): Quirk =>
  ({ path, usual: [status, body] }) =>
    path === "/schemas" ? [status, (body as Record<string, unknown>[]).map(edit)] : undefined;
const oneOf =
  (path: string, reply: Reply | "cut"): Quirk =>
  (asked) =>
    asked.path === path ? reply : noBulk(asked);
const without =
  (...names: string[]) =>
  (entry: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(entry).filter(([name]) => !names.includes(name)));

const OLD = "/subjects/order/versions/1";
const withoutOld = ["base 1 1", "order 3 5"];
const notOld = {
  status: 1,
  versions: withoutOld,
  says: [/^not read: subject "order" version 1: /m, "; incomplete: 1 not read"],
};

const LISTS: Readonly<Record<string, Row>> = {
  "nothing strange": { quirk: () => undefined },
  "no GET /schemas": { quirk: noBulk },
  "GET /schemas is a page of HTML": {
    quirk: ({ path }) => (path === "/schemas" ? [200, "<html>"] : undefined),
  },
  "GET /schemas is an error": {
    quirk: ({ path }) =>
      path === "/schemas" ? [400, { error_code: 400, message: "x" }] : undefined,
  },
  "entries of GET /schemas without subject, version, id": {
    quirk: bulkOf(without("subject", "version", "id")),
  },
  "entries of GET /schemas without ids": { quirk: bulkOf(without("id")) },
  "entries of GET /schemas without references": { quirk: bulkOf(without("references")) },
  "entries of GET /schemas without schemas": { quirk: bulkOf(without("schema")) },
  "some entries of GET /schemas without members": {
    quirk: bulkOf((entry) => (entry["id"] === 2 ? { schema: entry["schema"] } : entry)),
  },
  "GET /schemas knows no pages": {
    quirk: ({ path, query, usual }) => {
      if (path !== "/schemas") return undefined;
      const all = query.get("offset") === "0" ? (usual[1] as unknown[]) : undefined;
      return all === undefined ? [200, [{ subject: "base", version: 1 }]] : [200, all.slice(0, 2)];
    },
  },
  "GET /schemas fails after the first page": {
    quirk: ({ path, query, usual }) => {
      if (path !== "/schemas") return undefined;
      return query.get("offset") === "0" ? [200, (usual[1] as unknown[]).slice(0, 2)] : none;
    },
  },
  "GET /schemas has deleted=true the wrong way round": {
    quirk: ({ path, query, usual: [status, body] }) => {
      if (path !== "/schemas") return undefined;
      const all = body as { id: number }[];
      if (query.get("deleted") === "true") return [status, all.filter(({ id }) => id !== 2)];
      const start = Number(query.get("offset"));
      const old = { subject: "order", version: 1, id: 2, schema: '"int"' };
      return [status, [...all, old].slice(start)];
    },
  },
  "GET /schemas always has the deleted ones": {
    quirk: ({ path, query, usual }) => {
      if (path !== "/schemas") return undefined;
      const old = { ...SAMPLE.subjects["order"]?.[0], subject: "order" };
      if (query.get("deleted") === "true") return usual;
      return [200, Number(query.get("offset")) > 0 ? [] : [...(usual[1] as unknown[]), old]];
    },
  },
  "lists come in pages": {
    quirk: (asked) => {
      const [status, body] = asked.usual;
      const isList = /^\/subjects(\/[^/]+\/versions)?$/.test(asked.path);
      return isList && Array.isArray(body) ? [status, body.slice(0, 1)] : noBulk(asked);
    },
  },
  "pages of subjects only": {
    quirk: (asked) => {
      const [status, body] = asked.usual;
      return asked.path === "/subjects" ? [status, (body as string[]).slice(0, 1)] : noBulk(asked);
    },
  },
  "offset is no parameter": {
    quirk: (asked) =>
      asked.query.has("offset") ? [400, { error_code: 400, message: "unknown" }] : noBulk(asked),
  },
  "numbers are text": {
    quirk: (asked) => {
      const [status, body] = asked.usual;
      if (/versions$/.test(asked.path)) return [status, (body as number[]).map(String)];
      const texts = (_: string, value: unknown) => (typeof value === "number" ? `${value}` : value);
      const isOne = /versions\/\d+$/.test(asked.path);
      return isOne
        ? [status, JSON.stringify(body, texts).replace(/"status":.*/, "")]
        : noBulk(asked);
    },
  },
  "null where there is nothing": {
    quirk: bulkOf((entry) => ({
      references: null,
      schemaType: null,
      metadata: null,
      ruleSet: null,
      ...entry,
    })),
  },
  "the default context is spelt out in names": {
    quirk: (asked) =>
      /versions\/\d+$/.test(asked.path)
        ? [200, { ...(asked.usual[1] as object), subject: `:.:${asked.path.split("/")[2]}` }]
        : noBulk(asked),
  },
  "answers are compressed": {
    quirk: ({ usual: [status, body] }) => [
      status,
      gzipSync(JSON.stringify(body)),
      { "content-encoding": "gzip" },
    ],
  },
  "it wants to be asked later, each time": {
    quirk: ({ times }) => (times === 1 ? [429, "", { "retry-after": "0" }] : undefined),
  },
  "paths end with a slash": {
    quirk: ({ path, request }) => {
      const [, query = ""] = (request.url ?? "").split("?");
      if (path.endsWith("/")) return undefined;
      return [301, "", { location: `${path}/?${query}` }];
    },
  },
};

const CONTEXTS: Readonly<Record<string, Row>> = {
  "no contexts": { quirk: ({ path }) => (path === "/contexts" ? html : undefined) },
  "contexts are :.:": { quirk: ({ path }) => (path === "/contexts" ? [200, [":.:"]] : undefined) },
  "contexts are no list": {
    quirk: ({ path }) => (path === "/contexts" ? [200, { contexts: [] }] : undefined),
    says: ["note: contexts were not looked for (GET /contexts: it is no list)"],
  },
  "contexts are forbidden": {
    quirk: ({ path }) =>
      path === "/contexts" ? [403, { error_code: 40301, message: "Denied" }] : undefined,
    says: ["note: contexts were not looked for", "Denied"],
  },
  "the list of contexts has strange things": {
    quirk: ({ path }) =>
      path === "/contexts" ? [200, [".", "", 7, null, "..", "a:b"]] : undefined,
    says: ["the list of contexts has 7", "has null", "has ..", "has a:b"],
  },
  "a context that has no routes": {
    quirk: ({ path }) => (path === "/contexts" ? [200, [".", ".x"]] : undefined),
    status: 1,
    says: ['not read: the context ":.x:": GET /contexts/.x/subjects: status 404'],
  },
  "a context without routes whose subjects are listed with it": {
    held: {
      ...SAMPLE,
      subjects: { ...SAMPLE.subjects, ":.x:s": [{ version: 1, id: 1, schema: '"int"' }] },
    },
    quirk: (asked) => (asked.path === "/contexts" ? [200, ["x"]] : noBulk(asked)),
    versions: [":.x:s 1 1", ...WHOLE],
  },
};

const BROKEN: Readonly<Record<string, Row>> = {
  "a soft-deleted version is 500": {
    quirk: oneOf(OLD, [500, { error_code: 500, message: "x" }]),
    ...notOld,
  },
  "a soft-deleted version is 404": {
    quirk: oneOf(OLD, [404, { error_code: 40402, message: "x" }]),
    ...notOld,
  },
  "a soft-deleted version is HTML": { quirk: oneOf(OLD, [200, "<html>"]), ...notOld },
  "a soft-deleted version is another entity": { quirk: oneOf(OLD, [200, ["a"]]), ...notOld },
  "a soft-deleted version cuts the connection": { quirk: oneOf(OLD, "cut"), ...notOld },
  "a version is forbidden": {
    quirk: oneOf(OLD, [403, { error_code: 40301, message: "Denied" }]),
    ...notOld,
  },
  "an id beyond 32 bits": {
    quirk: oneOf(OLD, [200, { subject: "order", version: 1, id: 2 ** 31, schema: '"int"' }]),
    ...notOld,
  },
  "a version that is answered as another one": {
    quirk: oneOf(OLD, [200, { subject: "order", version: 3, id: 2, schema: '"int"' }]),
    ...notOld,
  },
  "a reference that is none": {
    quirk: oneOf(OLD, [
      200,
      { subject: "order", version: 1, id: 2, schema: '"int"', references: [{ name: "x" }] },
    ]),
    ...notOld,
  },
  "metadata without an end": {
    quirk: oneOf(OLD, [
      200,
      `{"subject":"order","version":1,"id":2,"schema":"\\"int\\"","metadata":${'{"a":'.repeat(1e5)}1${"}".repeat(1e5)}}`,
    ]),
    ...notOld,
  },
  "a live version is 500": {
    quirk: oneOf("/subjects/base/versions/1", [500, ""]),
    status: 1,
    versions: ["order -1 2"],
    says: [/^not read: subject "base" version 1: /m, /^refused: subject "order" version 3: /m],
  },
  "the versions of a subject are 404": {
    quirk: oneOf("/subjects/order/versions", none),
    status: 1,
    versions: ["base 1 1"],
    says: [/^not read: subject "order": /m],
  },
  "the versions of a subject are an object": {
    quirk: oneOf("/subjects/order/versions", [200, {}]),
    status: 1,
    versions: ["base 1 1"],
    says: [/^not read: subject "order": its versions are no list/m],
  },
  "what follows in a list is an error": {
    quirk: (asked) => {
      const { path, query, usual } = asked;
      if (path !== "/subjects") return noBulk(asked);
      return query.has("offset") ? [500, ""] : [200, (usual[1] as string[]).slice(0, 1)];
    },
    status: 1,
    versions: ["base 1 1"],
    says: ["not read: what follows in the list of /subjects: GET /subjects: status 500"],
  },
  "a version that is no number": {
    quirk: (asked) =>
      asked.path === "/subjects/order/versions"
        ? [200, [1, "x", {}, -3, 2 ** 31, 3]]
        : noBulk(asked),
    status: 1,
    versions: ["base 1 1", "order 1 2", "order 3 5"],
    says: ['not read: subject "order": a version is no number'],
  },
  "a subject that is no name": {
    quirk: (asked) =>
      asked.path === "/subjects" && !asked.query.has("offset")
        ? [200, ["base", 1, null, "\ud800", "order"]]
        : noBulk(asked),
    status: 1,
    says: [/not read: \d entries of GET \/subjects are no names of subjects/],
  },
  "the config of a subject is broken": {
    quirk: ({ path }) =>
      path === "/config/base" ? [200, { compatibilityLevel: "LOOSE" }] : undefined,
    status: 1,
    says: ['not read: the config of "base": its level is LOOSE'],
  },
};

const all = { compatibilityLevel: "FORWARD" };
const asNone = { compatibilityLevel: "NONE" };
const isSubject = (path: string) => path === "/config/base" || path === "/config/order";
const notTold = (level: string, ...names: string[]) =>
  `note: the source answers the level ${level} for ${names.map((name) => `"${name}"`).join(", ")}, and does not tell`;

const SETTINGS: Readonly<Record<string, Row>> = {
  "every subject has the level of all (unknown ones too)": {
    quirk: ({ path }) => (path.startsWith("/config") ? [200, all] : undefined),
    levels: { all: "FORWARD" },
    says: [notTold("FORWARD", "base", "order")],
  },
  "every subject has a default that nobody set (Apicurio)": {
    quirk: ({ path, usual }) => {
      if (isSubject(path)) return [200, asNone];
      return path === "/config" || !path.startsWith("/config")
        ? usual
        : [404, { error_code: 40401, message: "No artifact" }];
    },
    levels: { all: "FORWARD" },
    says: [notTold("NONE", "base", "order"), "PUT /config/{subject}"],
  },
  "the same, but what is in force tells": {
    quirk: ({ path, query, usual }) => {
      if (!isSubject(path)) return path.startsWith("/config/") ? none : usual;
      const isOwn = path === "/config/order";
      return [200, query.has("defaultToGlobal") && !isOwn ? all : asNone];
    },
    levels: { all: "FORWARD", order: "NONE" },
  },
  "a registry that knows 40408 is believed": {
    quirk: ({ path, usual }) =>
      path === "/config/base" ? [200, asNone] : path === "/config/order" ? usual : undefined,
    levels: { all: "FORWARD", base: "NONE", order: "FULL" },
  },
  "no subject is known to have none, one has another level": {
    quirk: ({ path, usual }) => {
      if (path === "/config/base") return [200, asNone];
      return isSubject(path) || !path.startsWith("/config/") ? usual : none;
    },
    levels: { all: "FORWARD", order: "FULL" },
    says: [notTold("NONE", "base")],
  },
  "40401 for a subject without a level (Confluent 5)": {
    quirk: ({ path, usual }) => {
      if (path === "/config" || path === "/config/order") return usual;
      return path.startsWith("/config") ? [404, { error_code: 40401, message: "x" }] : undefined;
    },
  },
  "an empty level for a subject without one": {
    quirk: ({ path }) =>
      path === "/config/base" ? [200, { compatibilityLevel: null }] : undefined,
  },
  "the level is called compatibility": {
    quirk: ({ usual: [status, body] }) => {
      const level = (body as Record<string, unknown>)["compatibilityLevel"];
      return level === undefined ? undefined : [status, { compatibility: level }];
    },
  },
  "no modes": { quirk: ({ path }) => (path.startsWith("/mode") ? none : undefined) },
  "every subject has the mode of all": {
    quirk: ({ path }) => (path.startsWith("/mode") ? [200, { mode: "READONLY" }] : undefined),
    says: [
      "note: the source is in mode READONLY",
      'note: the source answers the mode READONLY for "base", "order", and does not tell',
    ],
  },
};

describe.each(Object.entries({ LISTS, CONTEXTS, BROKEN, SETTINGS }))("import: %s", (_, rows) => {
  test.each(Object.entries(rows))("%s", async (__, row) => {
    const from = await foreignRegistry(row.quirk, closing, row.held);
    const { url: to, close } = await createRegistryServer({ store: "memory", port: 0, drainMs: 0 });
    closing.push(close);
    const imported = await runHere(["import", "--from", from, "--to", to]);
    expect(imported.stderr.split("\n").length).toBe(2);
    expect(imported.status).toBe(row.status ?? 0);
    for (const piece of row.says ?? []) {
      if (typeof piece === "string") expect(imported.stdout).toContain(piece);
      else expect(imported.stdout).toMatch(piece);
    }
    if (row.says === undefined) expect(imported.stdout).not.toMatch(/^(note|not read|refused)/m);
    expect(await versionsIn(to)).toEqual(row.versions ?? WHOLE);
    if (row.status === undefined || row.levels !== undefined) {
      expect(await levelsIn(to)).toEqual({
        base: undefined,
        order: undefined,
        ...(row.levels ?? { all: "FORWARD", order: "FULL" }),
      });
    }
    // A second run finds everything as it is, and says the same of the source.
    const again = await runHere(["import", "--from", from, "--to", to]);
    expect(again.status).toBe(row.status ?? 0);
    const said = ({ stdout }: { stdout: string }) =>
      stdout.split("\n").filter((line) => /^not/.test(line));
    expect(said(again)).toEqual(said(imported));
    expect(await versionsIn(to)).toEqual(row.versions ?? WHOLE);
    if (imported.stdout.includes("refused: ")) return;
    expect(again.stdout).toMatch(
      /^0 versions registered, \d+ there already, 0 soft-deleted, 0 configurations and 0 modes set/m,
    );
  });
});

describe("import: no registry at all", () => {
  test.each<[string, Quirk, string]>([
    ["401", () => [401, "", { "www-authenticate": "Basic" }], "CLIENT_REFUSED"],
    ["HTML everywhere", () => [200, "<html>"], "CLIENT_ANSWER_INVALID"],
    ["404 everywhere", () => html, "CLIENT_ANSWER_INVALID"],
    ["another API", () => [200, { hello: 1 }], "CLI_IMPORT_ANSWER_INVALID"],
    ["500 everywhere", () => [500, ""], "CLIENT_UNREACHABLE"],
    [
      "a redirect to a login",
      () => [302, "", { location: "https://login.invalid/" }],
      "CLIENT_ANSWER_INVALID",
    ],
  ])("%s", async (_, quirk, code) => {
    const from = await foreignRegistry(quirk, closing);
    const { url: to, close } = await createRegistryServer({ store: "memory", port: 0, drainMs: 0 });
    closing.push(close);
    const refused = await runHere(["import", "--from", from, "--to", to]);
    expect(refused.status).toBe(1);
    expect(codeIn(refused)).toBe(code);
    expect(await get(to, "/subjects")).toEqual([]);
  });
});
