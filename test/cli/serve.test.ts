import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { READY, startCommand } from "./command.ts";
import { codeIn, runHere } from "./run-here.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "typewire-cli-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("typewire serve", () => {
  test("prints one line with its URL, and ends with status 0 on SIGTERM", async () => {
    const serving = startCommand(["serve", "--port", "0", "--data", folder]);
    const [, url = ""] = await serving.saw(READY);
    expect(await (await fetch(`${url}/subjects`)).json()).toEqual([]);
    serving.process.kill("SIGTERM");
    expect(await serving.ended).toEqual({
      status: 0,
      stdout: `typewire registry ready at ${url} (SQLite, new registry in ${folder})\n`,
      stderr: "",
    });
  });

  test("says in one line which port is taken and what to do", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => holder.once("listening", resolve));
    const { port } = holder.address() as AddressInfo;
    // As a process: it has to end by itself, whatever was opened before.
    const ended = await startCommand(["serve", "--store", "memory", "--port", String(port)]).ended;
    holder.close();
    expect(ended.status).toBe(1);
    expect(ended.stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(ended.stderr).toContain(`127.0.0.1:${port}`);
    expect(codeIn(ended)).toBe("SERVER_LISTEN_FAILED");
  });

  test.runIf(process.platform === "linux")(
    "says in one line, and at once, which data folder can't be made",
    async () => {
      const ended = await runHere(["serve", "--port", "0", "--data", "/proc/nope/data"]);
      expect(ended.status).toBe(1);
      expect(ended.stderr.trimEnd().split("\n")).toHaveLength(1);
      expect(ended.stderr).toContain("/proc/nope/data");
      expect(codeIn(ended)).toBe("STORE_FOLDER_UNUSABLE");
    },
  );
});

describe("the command", () => {
  test.each([
    { args: ["serve", "--port", "seventy"], why: "It must be a number from 0 to 65535." },
    { args: ["serve", "--port", "65536"], why: "It must be a number from 0 to 65535." },
    { args: ["serve", "--store", "paper"], why: "Allowed choices are memory, sqlite." },
    { args: ["backup"], why: "required option '--out <file>' not specified" },
    { args: ["import"], why: "required option '--from <url>' not specified" },
    { args: ["nothing"], why: "unknown command 'nothing'" },
  ])("wrong usage ends with status 2: $args", async ({ args, why }) => {
    const ended = await runHere(args);
    expect(ended.status).toBe(2);
    expect(ended.stderr).toContain(why);
  });

  test("--help names every command and ends with status 0", async () => {
    const ended = await runHere(["--help"]);
    expect(ended.status).toBe(0);
    for (const name of [
      "serve",
      "dev",
      "codegen",
      "backup",
      "restore",
      "verify",
      "import",
      "doctor",
    ]) {
      expect(ended.stdout).toMatch(new RegExp(`^  ${name} `, "m"));
    }
  });
});
