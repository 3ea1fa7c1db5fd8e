/** A source that means harm: every answer is bounded, and nothing of it reaches a terminal as it is. */
import { afterEach, describe, expect, test } from "vitest";
import { readHoldings } from "../../src/cli/import-read.ts";
import { createRegistryClient } from "../../src/client/index.ts";
import { createRegistryServer } from "../../src/server/index.ts";
import type { Foreign, Quirk, Reply } from "./foreign-registry.ts";
import { foreignRegistry, SAMPLE } from "./foreign-registry.ts";
import { get } from "./registry-answers.ts";
import { runHere } from "./run-here.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

async function target(): Promise<string> {
  const { url, close } = await createRegistryServer({ store: "memory", port: 0, drainMs: 0 });
  closing.push(close);
  return url;
}

async function sourceClient(quirk: Quirk, held?: Foreign) {
  const url = await foreignRegistry(quirk, closing, held);
  return createRegistryClient({ url, retries: 0, timeoutMs: 60_000 });
}

/** Everything that would move a cursor, hide text or start a line, except line ends. */
const HARM =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be printed
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

const noBulk = ({ path }: { path: string }): Reply | undefined =>
  path === "/schemas" ? [404, ""] : undefined;

describe("a list without an end", () => {
  let made = 0;
  const names = (many: number) => Array.from({ length: many }, () => `s${made++}`);

  test.each<[string, Quirk, string]>([
    ["subjects", ({ path }) => (path === "/subjects" ? [200, names(1)] : undefined), "20 pages"],
    ["subjects, many", ({ path }) => (path === "/subjects" ? [200, names(100)] : undefined), "50 "],
    [
      "versions",
      ({ path }) =>
        path.endsWith("/versions")
          ? [200, Array.from({ length: 60 }, () => 1 + made++)]
          : noBulk({ path }),
      "50 entries",
    ],
    [
      "GET /schemas",
      ({ path }) =>
        path === "/schemas"
          ? [200, names(2).map((subject) => ({ subject, version: 1, id: 1, schema: '"int"' }))]
          : undefined,
      "pages of /schemas",
    ],
    [
      "contexts",
      ({ path }) => (path === "/contexts" ? [200, names(11)] : undefined),
      "10 contexts",
    ],
    [
      "strange contexts",
      ({ path }) => (path === "/contexts" ? [200, names(11).map(() => 7)] : undefined),
      "10 contexts",
    ],
  ])("of %s: CLI_IMPORT_TOO_LARGE", async (_, quirk, limit) => {
    const client = await sourceClient(quirk);
    const limits = { versions: 50, pages: 20, contexts: 10 };
    await expect(readHoldings(client, { limits })).rejects.toMatchObject({
      code: "CLI_IMPORT_TOO_LARGE",
      message: expect.stringContaining(limit) as string,
    });
  });

  test("of characters: CLI_IMPORT_TOO_LARGE", async () => {
    const client = await sourceClient(() => undefined);
    await expect(readHoldings(client, { limits: { chars: 100 } })).rejects.toMatchObject({
      code: "CLI_IMPORT_TOO_LARGE",
    });
  });
});

describe("an answer that is too much", () => {
  const deep = "[".repeat(50_000) + "]".repeat(50_000);

  test.each([
    ["is huge", "[", { "content-length": String(2 ** 40) }],
    ["is deep", deep, {}],
    [
      "is deep in a member",
      `{"subject":${deep},"version":${deep},"compatibilityLevel":${deep}}`,
      {},
    ],
  ])("%s: one version, config or list is a problem of its own", async (_, body, headers) => {
    const broken = ["/schemas", "/contexts", "/subjects/order/versions/1", "/config/base"];
    const client = await sourceClient(({ path }) =>
      broken.includes(path) ? [200, body, headers] : undefined,
    );
    const held = await readHoldings(client);
    expect(held.versions.map(({ subject, version }) => `${subject} ${version}`).sort()).toEqual([
      "base 1",
      "order 3",
    ]);
    expect(held.problems).toHaveLength(2);
    for (const line of held.problems) expect(line.length).toBeLessThan(1000);
  });
});

test("names like __proto__ are names", async () => {
  const own = { version: 1, id: 9, schema: '"int"' };
  const subjects = {
    ...SAMPLE.subjects,
    ["__proto__"]: [own],
    constructor: [{ ...own, id: 10, schema: '"long"' }],
  };
  const body = '{"compatibilityLevel":"FULL","__proto__":{"alias":"x"},"constructor":1}';
  const from = await foreignRegistry(
    ({ path }) => (path === "/config/__proto__" ? [200, body] : undefined),
    closing,
    { ...SAMPLE, subjects },
  );
  const to = await target();
  expect(await runHere(["import", "--from", from, "--to", to])).toMatchObject({ status: 0 });
  expect(await get(to, "/subjects")).toEqual(["__proto__", "base", "constructor", "order"]);
  expect(await get(to, "/config/__proto__")).toEqual({ compatibilityLevel: "FULL" });
  expect(({} as Record<string, unknown>)["alias"]).toBeUndefined();
});

describe("text that a terminal would obey", () => {
  const evil = "e\u001b[2J\u009b31m\u202e\u2028\r\nnot read: x";

  test.each([
    ["lines", []],
    ["JSON", ["--json"]],
    ["a dry run", ["--dry-run"]],
  ])("is escaped in %s", async (_, flags) => {
    const quirk: Quirk = ({ path }) => {
      if (path === "/contexts") return [200, [evil, ".", 5]];
      if (path === "/config/base") return [200, { compatibilityLevel: evil }];
      if (path === "/mode/base") return [403, { error_code: 40301, message: evil }];
      if (path === "/subjects/order/versions/1") return [500, evil];
      return noBulk({ path });
    };
    const held = {
      ...SAMPLE,
      subjects: { ...SAMPLE.subjects, [evil]: [{ version: 1, id: 77, schema: `"${evil}"` }] },
    };
    const from = await foreignRegistry(quirk, closing, held);
    const args = ["import", "--from", from, "--to", await target(), ...flags];
    const { stdout, stderr, status } = await runHere(args);
    expect(status).toBe(1);
    expect(stdout).not.toMatch(HARM);
    expect(stderr).not.toMatch(HARM);
    expect(stdout).toContain("u001b[2J");
    if (flags.includes("--json")) expect(JSON.parse(stdout)).toHaveProperty("problems");
  });

  test("is escaped in the error that ends an import", async () => {
    const from = await foreignRegistry(() => [403, { error_code: 1, message: evil }], closing);
    const { stdout, stderr, status } = await runHere([
      "import",
      "--from",
      from,
      "--to",
      await target(),
    ]);
    expect(status).toBe(1);
    expect(stdout + stderr).not.toMatch(HARM);
  });
});

describe("a source that fails often", () => {
  const many: Foreign = {
    ...SAMPLE,
    subjects: {
      s: Array.from({ length: 120 }, (_, index) => ({
        version: index + 1,
        id: index + 1,
        schema: '"int"',
      })),
    },
  };
  const isOne = (path: string) => /versions\/\d+$/.test(path);

  test("is read to its end while it answers at all", async () => {
    const client = await sourceClient(
      ({ path }) => (isOne(path) && !path.endsWith("/120") ? [500, ""] : noBulk({ path })),
      many,
    );
    const held = await readHoldings(client);
    expect(held.problems).toHaveLength(119);
    expect(held.versions.map(({ version }) => version)).toEqual([120]);
  });

  test("ends the import when it is down", async () => {
    let ones = 0;
    const client = await sourceClient(({ path }) => {
      if (isOne(path)) ones++;
      return ones > 0 ? "cut" : noBulk({ path });
    }, many);
    await expect(readHoldings(client)).rejects.toMatchObject({ code: "CLIENT_UNREACHABLE" });
    expect(ones).toBe(50);
  });

  test("that never ends an answer is a problem of that version", async () => {
    const url = await foreignRegistry(({ path, request }) => {
      if (path !== "/subjects/order/versions/1") return noBulk({ path });
      request.socket.pause();
      return [200, "[", { "content-length": "10" }];
    }, closing);
    const client = createRegistryClient({ url, retries: 0, timeoutMs: 4000 });
    const held = await readHoldings(client);
    expect(held.problems).toEqual([
      'not read: subject "order" version 1: GET /subjects/order/versions/1: no answer in 4000 ms',
    ]);
  });
});

test("a signal ends the reading too: CLI_IMPORT_STOPPED", async () => {
  const stop = new AbortController();
  const client = await sourceClient(({ path }) => {
    if (path === "/subjects") stop.abort();
    return undefined;
  });
  await expect(readHoldings(client, { signal: stop.signal })).rejects.toMatchObject({
    code: "CLI_IMPORT_STOPPED",
  });
});
