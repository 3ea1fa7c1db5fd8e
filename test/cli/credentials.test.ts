import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { codeIn, runHere } from "./run-here.ts";

const SECRET = "S3CRETpw";

let folder: string;
const authorizations: string[] = [];
const registry = createServer((request, response) => {
  authorizations.push(request.headers.authorization ?? "");
  response.writeHead(401).end();
});
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "typewire-credentials-"));
  await new Promise((resolve) => registry.listen(0, "127.0.0.1", () => resolve(undefined)));
});
afterAll(async () => {
  registry.close();
  await rm(folder, { recursive: true });
});
afterEach(() => {
  authorizations.length = 0;
  for (const name of Object.keys(process.env)) {
    if (/^TYPEWIRE_(REGISTRY|FROM|TO)/.test(name)) delete process.env[name];
  }
});

const at = (user = "") => `http://${user}127.0.0.1:${(registry.address() as AddressInfo).port}`;
const basic = (pair: string) => `Basic ${Buffer.from(pair).toString("base64")}`;

describe("credentials of a command", () => {
  test.each([
    ["none", {}, "", ""],
    ["a user and a password", { USER: "me", PASSWORD: SECRET }, "", basic(`me:${SECRET}`)],
    ["a token", { TOKEN: SECRET }, "", `Bearer ${SECRET}`],
    ["a file", { USER: "me", PASSWORD_FILE: "password" }, "", basic(`me:${SECRET}`)],
    ["a token's file", { TOKEN_FILE: "password" }, "", `Bearer ${SECRET}`],
    ["empty variables", { USER: "", PASSWORD: "", TOKEN: "" }, "", ""],
    ["a user in the URL, which wins", { TOKEN: "t" }, `me:${SECRET}@`, basic(`me:${SECRET}`)],
  ])(
    "can be %s",
    async (_what, variables, user, authorization) => {
      await writeFile(join(folder, "password"), `${SECRET}\n`);
      await writeFile(join(folder, "typewire.json"), '{"schemas":{"s":"s.avsc"}}');
      for (const [prefix, args] of [
        ["TYPEWIRE_FROM", ["import", "--from", at(user), "--data", join(folder, "new")]],
        ["TYPEWIRE_REGISTRY", ["codegen", "--registry", at(user)]],
      ] as const) {
        authorizations.length = 0;
        for (const [name, value] of Object.entries(variables)) {
          process.env[`${prefix}_${name}`] = name.endsWith("FILE") ? join(folder, value) : value;
        }
        const config = ["--config", join(folder, "typewire.json")];
        const ended = await runHere(args[0] === "codegen" ? [...args, ...config] : args);
        expect(ended.status).not.toBe(0);
        expect(new Set(authorizations)).toEqual(new Set([authorization]));
        expect(ended.stdout + ended.stderr).not.toContain(SECRET);
      }
    },
    // The first one loads the commands.
    60_000,
  );

  test.each([
    ["TYPEWIRE_FROM_USER", { TYPEWIRE_FROM_USER: "me" }],
    ["TYPEWIRE_FROM_PASSWORD", { TYPEWIRE_FROM_PASSWORD: SECRET }],
    ["TYPEWIRE_FROM_TOKEN", { TYPEWIRE_FROM_TOKEN: SECRET, TYPEWIRE_FROM_USER: "me" }],
    [
      "TYPEWIRE_FROM_PASSWORD",
      { TYPEWIRE_FROM_PASSWORD: SECRET, TYPEWIRE_FROM_PASSWORD_FILE: "x" },
    ],
  ])("that are half are refused, naming %s", async (variable, variables) => {
    Object.assign(process.env, variables);
    const ended = await runHere(["import", "--from", at(), "--data", join(folder, "new")]);
    expect([ended.status, codeIn(ended)]).toEqual([1, "CLI_CREDENTIALS_INVALID"]);
    expect(ended.stderr).toContain(variable);
    expect(ended.stderr).not.toContain(SECRET);
  });

  test("in a file that can't be read are refused", async () => {
    process.env["TYPEWIRE_FROM_TOKEN_FILE"] = join(folder, "nowhere");
    const ended = await runHere(["import", "--from", at(), "--data", join(folder, "new")]);
    expect([ended.status, codeIn(ended)]).toEqual([1, "CLI_FILE_UNUSABLE"]);
  });

  test("of source and target are two", async () => {
    process.env["TYPEWIRE_TO_USER"] = "me";
    const args = ["import", "--from", at(), "--to", at()];
    const ended = await runHere(args);
    expect([codeIn(ended), ended.stderr]).toEqual([
      "CLI_CREDENTIALS_INVALID",
      expect.stringContaining("TYPEWIRE_TO_USER"),
    ]);
  });
});

describe("a password in an argument", () => {
  const bad = [
    "http://alice:S3CRETpw@127.0.0.1:99999",
    "http://alice:p@S3CRETpw@127.0.0.1:99999",
    "http://alice:S3CRETpw /@127.0.0.1:99999",
    "alice:S3CRETpw@127.0.0.1",
    "ftp://alice:S3CRETpw@127.0.0.1",
  ];
  test.each(bad)("is not printed: %s", async (url) => {
    for (const args of [
      ["import", "--from", url, "--to", "http://x"],
      ["import", "--from", at(), "--to", url],
      ["import", `--form=${url}`],
      ["import", "--from", at(), url],
      ["codegen", "--registry", url],
      ["codegen", `--registri=${url}`],
      ["codegen", "--from", url],
      ["serve", "--store", url],
      ["serve", "--cors-origins", url, "--store", "memory", "--port", "0"],
      ["serve", "--allowed-hosts", url, "--store", "memory", "--port", "0"],
      [url],
    ]) {
      const ended = await runHere(args);
      expect([args, ended.status]).not.toEqual([args, 0]);
      expect(ended.stdout + ended.stderr).not.toContain(SECRET);
    }
  });

  test("nor one in a query, which no registry's URL has", async () => {
    const url = "http://127.0.0.1?token=S3CRETpw";
    for (const args of [
      ["import", "--from", url],
      ["import", "--from", at(), "--to", url],
      ["codegen", "--registry", url],
      ["codegen", `--registri=${url}`],
    ]) {
      const ended = await runHere(args);
      expect([args, ended.status]).not.toEqual([args, 0]);
      expect(ended.stdout + ended.stderr).not.toContain(SECRET);
    }
  });

  test("nor one of the environment in --help", async () => {
    process.env["TYPEWIRE_REGISTRY"] = bad[0];
    for (const args of [["--help"], ["codegen", "--help"], ["import", "--help"]]) {
      const ended = await runHere(args);
      expect([ended.status, ended.stdout.includes(SECRET)]).toEqual([0, false]);
    }
  });
});
