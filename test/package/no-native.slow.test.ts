/** What works where nothing native was compiled, and what is said of the rest. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installNode, node, npm, packPackage, root, run, userEnvironment } from "./packed.ts";

const work = mkdtempSync(join(tmpdir(), "typewire-no-native-"));
const project = join(work, "project");
const command = join(project, "node_modules/typewire/bin/typewire.js");
let node24 = "";

beforeAll(async () => {
  const { tarball } = await packPackage(work);
  cpSync(join(root, "test/package/project"), project, { recursive: true });
  await npm(
    project,
    ...["install", "--ignore-scripts", "--omit=optional", "--prefer-offline", "--no-package-lock"],
    tarball,
  );
  mkdirSync(join(project, "node_modules/@types"), { recursive: true });
  for (const name of ["@types/node", "undici-types"]) {
    symlinkSync(join(root, "node_modules", name), join(project, "node_modules", name));
  }
  mkdirSync(join(work, "node24"));
  node24 = await installNode(join(work, "node24"), 24);
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Starts `typewire serve`; answers its URL, and how to end it. */
async function serve(program: string, ...args: readonly string[]) {
  const child = spawn(program, [command, "serve", "--port", "0", ...args], {
    cwd: project,
    env: userEnvironment(),
  });
  const ended = once(child, "exit");
  const lines = once(child.stdout, "data");
  const url = /http:\/\/\S+/.exec(String((await lines)[0]))?.[0] ?? "";
  const stop = async (): Promise<unknown> => {
    child.kill("SIGTERM");
    return (await ended)[0];
  };
  return { url, stop };
}

async function register(url: string): Promise<unknown> {
  const answer = await fetch(`${url}/subjects/payments-value/versions`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ schema: '"string"' }),
  });
  return answer.json();
}

describe("on a Node without SQLite of its own", () => {
  test.runIf(process.version.startsWith("v20."))(
    "a registry that keeps its schemas says what is missing (only on Node 20)",
    async () => {
      const failed = run(process.execPath, [command, "serve", "--port", "0"], project);
      await expect(failed).rejects.toThrow("[STORE_ENGINE_MISSING]");
      await expect(failed).rejects.toThrow("better-sqlite3 is not installed");
      await expect(failed).rejects.toThrow("npm install better-sqlite3@");
    },
  );

  test("a registry in memory serves, and ends with status 0", async () => {
    const { url, stop } = await serve(process.execPath, "--store", "memory");
    expect(await register(url)).toMatchObject({ id: 1 });
    expect(await stop()).toBe(0);
  });

  test("types are generated, and a service with Kafka clients compiles", async () => {
    await node(project, command, "codegen", "--from", "files");
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    expect(await node(project, compiler, "-p", "tsconfig.json")).toBe("");
  });

  test("a Kafka client says what to install", async () => {
    const program = `
      const { createProducer } = await import("typewire/kafka");
      await createProducer({ brokers: ["localhost:1"], registry: "http://localhost:1" })
        .catch(({ code, hint }) => console.log(code, hint));`;
    const printed = await node(project, "--input-type=module", "-e", program);
    expect(printed).toMatch(/^RDKAFKA_NOT_INSTALLED .*npm install node-rdkafka@/);
  });
});

describe("on Node 24, with its own SQLite", () => {
  test("a registry keeps what was registered over a restart", async () => {
    const first = await serve(node24, "--data", join(work, "data"));
    expect(await register(first.url)).toMatchObject({ id: 1 });
    expect(await first.stop()).toBe(0);
    const second = await serve(node24, "--data", join(work, "data"));
    expect(await (await fetch(`${second.url}/schemas/ids/1/schema`)).json()).toBe("string");
    expect(await second.stop()).toBe(0);
  });

  test("the store passes its tests", async () => {
    const vitest = join(root, "node_modules/vitest/vitest.mjs");
    const printed = await run(
      node24,
      [vitest, "run", "--project", "fast", "test/store", "--testTimeout", "60000"],
      root,
      { TYPEWIRE_TEST_SQLITE: "node:sqlite", NO_COLOR: "1", CI: "1" },
    );
    expect(printed).toMatch(/Tests +[34]\d\d passed(?: \| 1 skipped)? \(/);
  });
});
