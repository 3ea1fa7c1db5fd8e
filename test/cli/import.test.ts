import { mkdtemp, readdir, rm } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { applyImport } from "../../src/cli/import-apply.ts";
import { planImport } from "../../src/cli/import-plan.ts";
import { readHoldings } from "../../src/cli/import-read.ts";
import { createRegistryClient } from "../../src/client/index.ts";
import { createRegistryServer } from "../../src/server/index.ts";
import { history, play } from "./import-history.ts";
import { answersOf, get, send } from "./registry-answers.ts";
import { codeIn, runHere } from "./run-here.ts";

const closing: (() => Promise<void>)[] = [];
const folders: string[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "typewire-cli-"));
  folders.push(folder);
  return folder;
}

async function registry(): Promise<string> {
  const { url, close } = await createRegistryServer({ store: "memory", port: 0, drainMs: 0 });
  closing.push(close);
  return url;
}

/** A server that is no typewire registry. */
async function server(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const listening = createServer(answer).listen(0, "127.0.0.1");
  await new Promise((resolve) => listening.once("listening", resolve));
  closing.push(async () => {
    listening.closeAllConnections();
    await new Promise((resolve) => listening.close(resolve));
  });
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
}

/** A registry whose proxy answers some requests with 503. */
function failingProxy(url: string, isDown: (request: IncomingMessage) => boolean): Promise<string> {
  return server((request, response) => {
    if (isDown(request)) {
      response.writeHead(503, { "retry-after": "0" }).end();
      return;
    }
    const { method = "GET", headers } = request;
    const hasBody = method === "POST" || method === "PUT";
    const body = hasBody ? { body: request, duplex: "half" } : {};
    const init = { method, headers: { "content-type": headers["content-type"] ?? "" }, ...body };
    void fetch(url + request.url, init as RequestInit).then(async (answer) => {
      response.statusCode = answer.status;
      response.end(await answer.text());
    });
  });
}

const record = (name: string, type: unknown = "string") =>
  JSON.stringify({ type: "record", name, fields: [{ name: "f", type }] });

/** Two subjects with a reference, a soft-deleted version, ids with a gap, a level. */
async function sample(): Promise<string> {
  const url = await registry();
  await play(url, [
    ["POST", "/subjects/base/versions", { schema: record("Base") }],
    ["POST", "/subjects/gap/versions", { schema: '"int"' }],
    ["DELETE", "/subjects/gap"],
    ["DELETE", "/subjects/gap?permanent=true"],
    [
      "POST",
      "/subjects/order/versions",
      {
        schema: record("Order", "Base"),
        references: [{ name: "Base", subject: "base", version: 1 }],
      },
    ],
    ["PUT", "/config/base", { compatibility: "NONE" }],
    ["POST", "/subjects/base/versions", { schema: record("Base", "int") }],
    ["DELETE", "/subjects/base/versions/2"],
  ]);
  return url;
}

describe("typewire import", () => {
  test("makes a registry that answers the same, whatever happened to the source", async () => {
    await fc.assert(
      fc.asyncProperty(history, async (calls) => {
        const [from, to] = [await registry(), await registry()];
        await play(from, calls);
        const imported = await runHere(["import", "--from", from, "--to", to]);
        expect(imported).toMatchObject({ status: 0 });
        expect(await answersOf(to)).toEqual(await answersOf(from));
        const again = await runHere(["import", "--from", from, "--to", to]);
        expect(again.stdout).toMatch(
          /^0 versions registered, \d+ there already, 0 soft-deleted, 0 configurations and 0 modes set\n$/,
        );
      }),
      { numRuns: 4 },
    );
  });

  test("says what it did, and keeps ids for what comes later", async () => {
    const [from, to] = [await sample(), await registry()];
    const imported = await runHere(["import", "--from", from, "--to", to]);
    expect(imported).toEqual({
      status: 0,
      stdout:
        "3 versions registered, 0 there already, 1 soft-deleted, 1 configurations and 0 modes set\n",
      stderr: `3 versions read from ${from}\n`,
    });
    const next = await send(to, "POST", "/subjects/new/versions", { schema: '"long"' });
    expect(next.body).toEqual({ id: 5 });
  });

  test("fills a data folder", async () => {
    const from = await sample();
    const data = await temporaryFolder();
    const imported = await runHere(["import", "--from", from, "--data", data, "--json"]);
    expect(JSON.parse(imported.stdout)).toEqual({
      registered: 3,
      unchanged: 0,
      deleted: 1,
      configs: 1,
      modes: 0,
      problems: [],
      notes: [],
    });
    const { url, close } = await createRegistryServer({ data, port: 0 });
    closing.push(close);
    expect(await answersOf(url)).toEqual(await answersOf(from));
  });

  test("--dry-run writes nothing and makes no folder", async () => {
    const [from, to] = [await sample(), await registry()];
    const before = await answersOf(to);
    const said =
      "dry run, would be: 3 versions registered, 0 there already, 1 soft-deleted, 1 configurations and 0 modes set\n";
    expect((await runHere(["import", "--from", from, "--to", to, "--dry-run"])).stdout).toBe(said);
    expect(await answersOf(to)).toEqual(before);
    const folder = await temporaryFolder();
    const data = join(folder, "data");
    expect((await runHere(["import", "--from", from, "--data", data, "--dry-run"])).stdout).toBe(
      said,
    );
    expect(await readdir(folder)).toEqual([]);
  });

  test("--context puts the default context below another one", async () => {
    const [from, to] = [await sample(), await registry()];
    await send(to, "POST", "/subjects/other/versions", { schema: '"bytes"' });
    const imported = await runHere(["import", "--from", from, "--to", to, "--context", "old"]);
    expect(imported.status).toBe(0);
    expect(await get(to, "/subjects")).toEqual([":.old:base", ":.old:order", "other"]);
    expect(await get(to, "/subjects/%3A.old%3Aorder/versions/1")).toMatchObject({ id: 3 });
    expect(await get(to, "/mode/%3A.old%3A?defaultToGlobal=true")).toEqual({ mode: "READWRITE" });
  });

  test("goes on where an import was broken off", async () => {
    const [from, to] = [await sample(), await registry()];
    await play(to, [
      ["PUT", "/mode", { mode: "IMPORT" }],
      ["POST", "/subjects/base/versions", { schema: record("Base"), id: 1, version: 1 }],
      ["POST", "/subjects/base/versions", { schema: record("Base", "int"), id: 4, version: 2 }],
      ["DELETE", "/subjects/base/versions/2"],
      ["PUT", "/mode", { mode: "READWRITE" }],
    ]);
    const imported = await runHere(["import", "--from", from, "--to", to]);
    expect(imported.stdout).toMatch(/^1 versions registered, 2 there already, 0 soft-deleted/);
    expect(await answersOf(to)).toEqual(await answersOf(from));
  });

  test("refuses a target that has something else, and says how much: CLI_IMPORT_CONFLICT", async () => {
    const [from, to] = [await sample(), await registry()];
    await send(to, "POST", "/subjects/other/versions", { schema: '"bytes"' });
    const before = await answersOf(to);
    const refused = await runHere(["import", "--from", from, "--to", to]);
    expect(refused.status).toBe(1);
    expect(codeIn(refused)).toBe("CLI_IMPORT_CONFLICT");
    const looked = await runHere(["import", "--from", from, "--to", to, "--dry-run"]);
    expect(looked.status).toBe(1);
    expect(looked.stdout.split("\n").slice(0, 2)).toEqual([
      'conflict: subject "other" version 1 is in the target only, and the target is not in IMPORT mode',
      'conflict: id 1 of subject "base" version 1 has other content in the target',
    ]);
    expect(await answersOf(to)).toEqual(before);
  });

  test("adds to a registry in IMPORT mode, and leaves it there", async () => {
    const [from, to] = [await sample(), await registry()];
    await play(to, [
      ["PUT", "/mode", { mode: "IMPORT" }],
      ["POST", "/subjects/other/versions", { schema: '"bytes"', id: 100, version: 1 }],
    ]);
    expect((await runHere(["import", "--from", from, "--to", to])).status).toBe(0);
    expect(await get(to, "/subjects")).toEqual(["base", "order", "other"]);
    expect(await get(to, "/mode")).toEqual({ mode: "IMPORT" });
  });

  test("leaves the mode of the registry as it was, and says when the source's is another", async () => {
    const [from, to] = [await sample(), await registry()];
    await send(from, "PUT", "/mode", { mode: "READONLY" });
    const imported = await runHere(["import", "--from", from, "--to", to]);
    expect(imported.stdout).toContain(
      "note: the source is in mode READONLY; the target stays in mode READWRITE\n",
    );
    expect(await get(to, "/mode")).toEqual({ mode: "READWRITE" });
  });

  test("puts the mode back when the target fails on the way", async () => {
    const [from, to] = [await sample(), await registry()];
    const failing = await failingProxy(to, ({ method }) => method === "POST");
    const failed = await runHere(["import", "--from", from, "--to", failing]);
    expect(failed.status).toBe(1);
    expect(codeIn(failed)).toBe("CLIENT_UNREACHABLE");
    expect(await get(to, "/mode")).toEqual({ mode: "READWRITE" });
    expect((await runHere(["import", "--from", from, "--to", to])).status).toBe(0);
  });

  test("says which mode was left when it can't be put back: CLI_IMPORT_MODE_LEFT", async () => {
    const [from, to] = [await sample(), await registry()];
    const failing = await failingProxy(to, ({ url, method }) => {
      return url === "/mode" && method === "PUT";
    });
    const failed = await runHere(["import", "--from", from, "--to", failing]);
    expect(failed.status).toBe(1);
    expect(codeIn(failed)).toBe("CLI_IMPORT_MODE_LEFT");
    expect(failed.stderr).toContain("registry READWRITE");
  });

  test("stops at a signal between two schemas, and puts the mode back: CLI_IMPORT_STOPPED", async () => {
    const source = createRegistryClient({ url: await sample() });
    const target = createRegistryClient({ url: await registry() });
    const plan = planImport(await readHoldings(source), await readHoldings(target));
    const progress = { signal: AbortSignal.abort(), report: () => undefined };
    await expect(applyImport(target, plan, progress)).rejects.toMatchObject({
      code: "CLI_IMPORT_STOPPED",
      retriable: true,
    });
    expect(await target.subjects()).toEqual([]);
    expect(await target.mode()).toBe("READWRITE");
  });

  test("what the target refuses is listed; the rest is there, the mode too", async () => {
    const from = await oldRegistry({
      a: [{ id: 1, schema: '"string"' }],
      p: [{ id: 2, schema: 'syntax = "proto3";', schemaType: "PROTOBUF" }],
    });
    const to = await registry();
    const imported = await runHere(["import", "--from", from, "--to", to]);
    expect(imported.status).toBe(1);
    expect(imported.stdout).toMatch(/^refused: subject "p" version 1: .*PROTOBUF.*\n1 versions/);
    expect(await get(to, "/subjects")).toEqual(["a"]);
    expect(await get(to, "/mode")).toEqual({ mode: "READWRITE" });
  });

  test("reads a registry that knows neither contexts nor GET /schemas", async () => {
    const from = await oldRegistry({
      a: [
        { id: 1, schema: '{"type": "string"}', deleted: true },
        { id: 7, schema: '"int"' },
      ],
    });
    const to = await registry();
    expect((await runHere(["import", "--from", from, "--to", to])).status).toBe(0);
    expect(await get(to, "/subjects/a/versions?deletedAsNegative=true")).toEqual([-1, 2]);
    expect(await get(to, "/subjects/a/versions/2/schema")).toBe("int");
    expect(await get(to, "/config/a")).toEqual({ compatibilityLevel: "FULL" });
    const again = await runHere(["import", "--from", from, "--to", to]);
    expect(again.stdout).toMatch(/^0 versions registered, 2 there already, 0 soft-deleted/);
  });

  test("takes the empty subject along, and what holds for every context", async () => {
    const [from, to, third] = [await registry(), await registry(), await registry()];
    await play(from, [
      ["POST", "/subjects/%3A.%3A/versions", { schema: '"int"' }],
      ["POST", "/subjects/%3A.%3A/versions", { schema: '"long"' }],
      ["DELETE", "/subjects/%3A.%3A/versions/1"],
      ["PUT", "/config/%3A.__GLOBAL%3A", { compatibility: "FULL" }],
    ]);
    const imported = await runHere(["import", "--from", from, "--to", to]);
    expect(imported).toMatchObject({ status: 0 });
    expect(await get(to, "/subjects")).toEqual([""]);
    expect(await get(to, "/subjects/%3A.%3A/versions?deletedAsNegative=true")).toEqual([-1, 2]);
    expect(await get(to, "/config/%3A.__GLOBAL%3A")).toEqual({ compatibilityLevel: "FULL" });
    const below = ["import", "--from", from, "--to", third, "--context", "old"];
    expect((await runHere(below)).status).toBe(0);
    expect(await get(third, "/subjects?subjectPrefix=%3A*%3A")).toEqual([":.old:"]);
    expect(await get(third, "/config/%3A.__GLOBAL%3A")).toEqual({ compatibilityLevel: "BACKWARD" });
  });

  test("takes aliases along, and nothing that is theirs by name only", async () => {
    const [from, to] = [await registry(), await registry()];
    const calls: Parameters<typeof play>[1] = ["int", "long", "double"].map((type) => [
      "POST",
      "/subjects/plain/versions",
      { schema: `{"type":"${type}","n":1}` },
    ]);
    await play(from, [
      ["PUT", "/config", { compatibility: "NONE" }],
      ...calls,
      ["POST", "/subjects/same/versions", { schema: '"bytes"' }],
      ["PUT", "/config/same", { alias: "plain" }],
      ["PUT", "/config/nick", { alias: "plain" }],
    ]);
    const answers = async (url: string) => ({
      schemas: await get(url, "/schemas?aliases=true&deleted=true"),
      nick: await get(url, "/subjects/nick/versions"),
      same: await get(url, "/config/same"),
    });
    const before = await answers(from);
    expect(before.schemas).toHaveLength(4);
    const imported = await runHere(["import", "--from", from, "--to", to]);
    expect(imported.stdout).toMatch(/^4 versions registered, 0 there already/);
    const withoutTimes = (value: unknown) => JSON.stringify(value).replace(/"ts":\d+/g, "");
    expect(withoutTimes(await answers(to))).toBe(withoutTimes(before));
    const again = await runHere(["import", "--from", from, "--to", to]);
    expect(again.stdout).toMatch(/^0 versions registered, 4 there already.* 0 configurations/);
  });

  test("writes nothing to a subject that stands for another one in the target", async () => {
    const [from, to] = [await sample(), await registry()];
    await send(to, "PUT", "/config/base", { alias: "other" });
    const refused = await runHere(["import", "--from", from, "--to", to]);
    expect(codeIn(refused)).toBe("CLI_IMPORT_CONFLICT");
    expect(refused.stderr).toContain("can't be written: its subject stands for");
  });

  test("reads a registry to which prefixes are plain text and contexts go without saying", async () => {
    const [source, to] = [await sample(), await registry()];
    await play(source, [
      ["POST", "/subjects/%3A.stage%3Abase/versions", { schema: record("Base") }],
      ["POST", "/subjects/%3A.stage%3Abase/versions", { schema: record("Base") }],
      ["POST", "/subjects/%3A.stage%3Aempty/versions", { schema: '"int"' }],
      ["DELETE", "/subjects/%3A.stage%3Aempty"],
      ["PUT", "/config/%3A.stage%3Abase", { compatibility: "NONE" }],
    ]);
    const from = await plainRegistry(source);
    expect(await get(from, "/subjects?subjectPrefix=%3A*%3A")).toEqual([]);
    expect(await get(from, "/contexts/.stage/subjects")).toEqual(["base"]);
    expect((await runHere(["import", "--from", from, "--to", to])).status).toBe(0);
    const everything = "/schemas?subjectPrefix=%3A*%3A&deleted=true";
    const names = async (url: string) =>
      ((await get(url, everything)) as { subject: string; id: number }[]).map(
        ({ subject, id }) => `${subject} ${id}`,
      );
    expect(await names(to)).toEqual(await names(source));
    expect(await get(to, "/config/%3A.stage%3Abase")).toEqual({ compatibilityLevel: "NONE" });
  });

  test("reads a registry without modes of its own and whose GET /schemas leaves deleted versions out", async () => {
    const [source, to] = [await sample(), await registry()];
    const from = await modelessRegistry(source);
    expect(await get(from, "/mode/base")).toEqual({ mode: "READWRITE" });
    expect(await get(from, "/schemas?deleted=true")).toEqual(await get(source, "/schemas"));
    const imported = await runHere(["import", "--from", from, "--to", to]);
    expect(imported.stdout).toBe(
      "3 versions registered, 0 there already, 1 soft-deleted, 1 configurations and 0 modes set\n",
    );
    expect(await answersOf(to)).toEqual(await answersOf(source));
  });

  test("what is no registry is one sentence: CLI_IMPORT_ANSWER_INVALID", async () => {
    const from = await server((_, response) => response.end('[{"subject":1}]'));
    const refused = await runHere(["import", "--from", from, "--to", await registry()]);
    expect(refused.status).toBe(1);
    expect(codeIn(refused)).toBe("CLI_IMPORT_ANSWER_INVALID");
  });
});

interface OldVersion {
  readonly id: number;
  readonly schema: string;
  readonly schemaType?: string;
  readonly deleted?: boolean;
}

/** A registry with the routes of Confluent 5: level FULL for every subject, no modes. */
function oldRegistry(subjects: Readonly<Record<string, readonly OldVersion[]>>): Promise<string> {
  return server(({ url = "" }, response) => {
    const { pathname, searchParams } = new URL(url, "http://registry");
    const [, top, subject = "", , version] = pathname.split("/");
    const shown = (subjects[subject] ?? []).flatMap((each, index) =>
      each.deleted && searchParams.get("deleted") !== "true" ? [] : [index + 1],
    );
    const answers: Record<string, unknown> = {
      "/subjects": Object.keys(subjects),
      "/config": { compatibilityLevel: "BACKWARD" },
      "/mode": { mode: "READWRITE" },
      ...(top === "config" &&
        Object.hasOwn(subjects, subject) && { [pathname]: { compatibilityLevel: "FULL" } }),
      [`/subjects/${subject}/versions`]: shown,
    };
    if (version !== undefined) {
      const { deleted: _, ...one } = subjects[subject]?.[Number(version) - 1] ?? {};
      answers[pathname] = { subject, version: Number(version), ...one };
    }
    const known = Object.hasOwn(answers, pathname);
    response.statusCode = known ? 200 : 404;
    response.end(JSON.stringify(known ? answers[pathname] : { error: "Not Found" }));
  });
}

/** A registry that answers for a path what another one answers for the path that `as` gives. */
function registryLike(
  url: string,
  as: (path: string) => string,
  edit: (text: string, path: string) => string = (text) => text,
): Promise<string> {
  return server((request, response) => {
    const path = request.url ?? "/";
    void fetch(url + as(path)).then(async (answer) => {
      response.statusCode = answer.status;
      response.end(edit(await answer.text(), path));
    });
  });
}

/** As AxonOps' registry: no prefix names a context, and answers within one do not repeat it. */
function plainRegistry(url: string): Promise<string> {
  return registryLike(
    url,
    (path) => path.replace("subjectPrefix=%3A", "subjectPrefix=nothing"),
    (text, path) => {
      const [, top, context] = path.split("/");
      return top === "contexts" ? text.replaceAll(`":${context}:`, '"') : text;
    },
  );
}

/** As Karapace: every subject has the mode of all, and `GET /schemas` shows live versions only. */
function modelessRegistry(url: string): Promise<string> {
  return registryLike(url, (path) => {
    if (/^\/mode\/(base|gap|order)$/.test(path)) return "/mode";
    if (path.startsWith("/mode/")) return "/subjects/none/versions";
    return path.startsWith("/schemas?") ? path.replace("deleted=true", "") : path;
  });
}
