/** What works where nothing native was compiled, and what is said of the rest. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
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
  let warnings = "";
  child.stderr.on("data", (chunk: Buffer) => {
    warnings += String(chunk);
  });
  const ended = once(child, "exit");
  const lines = once(child.stdout, "data");
  const url = /http:\/\/\S+/.exec(String((await lines)[0]))?.[0] ?? "";
  const stop = async (): Promise<unknown> => {
    child.kill("SIGTERM");
    const [status] = (await ended) as [unknown];
    expect(warnings).toBe("");
    return status;
  };
  return { url, stop };
}

async function register(url: string, schema = '"string"'): Promise<unknown> {
  const answer = await fetch(`${url}/subjects/payments-value/versions`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ schema }),
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

  test("a Kafka client says what to install", async () => {
    const program = `
      const { createProducer } = await import("typewire/kafka");
      await createProducer({ brokers: ["localhost:1"], registry: "http://localhost:1" })
        .catch(({ code, hint }) => console.log(code, hint));`;
    const printed = await node(project, "--input-type=module", "-e", program);
    expect(printed).toMatch(/^RDKAFKA_NOT_INSTALLED .*npm install node-rdkafka@/);
  });
});

describe.each([
  { where: "the Node of this run", program: () => process.execPath },
  { where: "Node 24", program: () => node24 },
])("on $where", ({ program }) => {
  test("types are generated, and a service with Kafka clients compiles", async () => {
    rmSync(join(project, "service/generated"), { recursive: true, force: true });
    const told = await run(program(), [command, "codegen", "--from", "files"], project);
    expect(told).toContain("service/generated");
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    expect(await run(program(), [tsc, "-p", "tsconfig.json"], project)).toBe("");
  });

  test("types are generated from what was registered", async () => {
    const { url, stop } = await serve(program(), "--store", "memory");
    const schema = readFileSync(join(project, "schemas/payment.avsc"), "utf8");
    expect(await register(url, schema)).toMatchObject({ id: 1 });
    expect(await run(program(), [command, "codegen", "--registry", url], project)).toContain(
      "generated",
    );
    expect(await stop()).toBe(0);
  });

  test("the doctor finds no Kafka client, and no problem that it has to have", async () => {
    const args = [
      command,
      "doctor",
      "--config",
      "none.json",
      "--data",
      join(work, "doctor"),
      "--json",
    ];
    const printed = await run(program(), args, project).catch(({ message }: Error) => message);
    expect(printed).toContain('"name":"node-rdkafka","status":"skipped"');
    expect(printed).toContain('"name":"node","status":"ok"');
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
