import { mkdtemp, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCommand, startCommand } from "./command.ts";

const folder = () => mkdtemp(join(tmpdir(), "typewire-cli-"));
const READY = /typewire registry ready at (http:\/\/127\.0\.0\.1:\d+) /;

describe("typewire serve", () => {
  test("prints one line with its URL, and ends with status 0 on SIGTERM", async () => {
    const data = await folder();
    const serving = startCommand(["serve", "--port", "0", "--data", data]);
    const [, url = ""] = await serving.saw(READY);
    expect(await (await fetch(`${url}/subjects`)).json()).toEqual([]);
    serving.process.kill("SIGTERM");
    expect(await serving.ended).toEqual({
      status: 0,
      stdout: `typewire registry ready at ${url} (SQLite in ${data})\n`,
      stderr: "",
    });
  });

  test("keeps what was registered over a restart", async () => {
    const data = await folder();
    const first = startCommand(["serve", "--port", "0", "--data", data]);
    const [, before = ""] = await first.saw(READY);
    await fetch(`${before}/subjects/s/versions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ schema: '"string"' }),
    });
    first.process.kill("SIGTERM");
    await first.ended;
    const second = startCommand(["serve", "--port", "0", "--data", data]);
    const [, after = ""] = await second.saw(READY);
    expect(await (await fetch(`${after}/subjects`)).json()).toEqual(["s"]);
    second.process.kill("SIGTERM");
    await second.ended;
  });

  test("takes its settings from the environment", async () => {
    process.env["TYPEWIRE_STORE"] = "memory";
    try {
      const serving = startCommand(["serve", "--port", "0"]);
      const [line] = await serving.saw(/typewire registry ready at .*/);
      expect(line).toMatch(/\(in memory\)$/);
      serving.process.kill("SIGINT");
      expect((await serving.ended).status).toBe(0);
    } finally {
      delete process.env["TYPEWIRE_STORE"];
    }
  });

  test("says in one line which port is taken and what to do", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => holder.once("listening", resolve));
    const { port } = holder.address() as AddressInfo;
    const ended = await runCommand(["serve", "--store", "memory", "--port", String(port)]);
    holder.close();
    expect(ended.status).toBe(1);
    expect(ended.stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(ended.stderr).toContain(`127.0.0.1:${port}`);
    expect(ended.stderr).toContain("[SERVER_LISTEN_FAILED]");
  });

  test("says in one line which data folder cannot be used", async () => {
    const file = join(await folder(), "file");
    await writeFile(file, "");
    const ended = await runCommand(["serve", "--port", "0", "--data", file]);
    expect(ended.status).toBe(1);
    expect(ended.stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(ended.stderr).toContain(file);
    expect(ended.stderr).toMatch(/\[STORE_\w+\]/);
  });

  test.each([
    { args: ["serve", "--port", "seventy"], why: "It must be a number from 0 to 65535." },
    { args: ["serve", "--port", "65536"], why: "It must be a number from 0 to 65535." },
    { args: ["serve", "--store", "paper"], why: "Allowed choices are memory, sqlite." },
    { args: ["nothing"], why: "unknown command 'nothing'" },
  ])("wrong usage ends with status 2: $args", async ({ args, why }) => {
    const ended = await runCommand(args);
    expect(ended.status).toBe(2);
    expect(ended.stderr).toContain(why);
  });
});

describe("typewire dev", () => {
  test("starts the registry and an embedded Kafka", async () => {
    const running = startCommand(["dev", "--port", "0", "--store", "memory"]);
    await running.saw(READY);
    await running.saw(/embedded Kafka ready: export KAFKA_BROKERS=127\.0\.0\.1:\d+\n/);
    running.process.kill("SIGTERM");
    expect((await running.ended).status).toBe(0);
  });
});
