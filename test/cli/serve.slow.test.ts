import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { READY, startCommand } from "./command.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "typewire-cli-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("typewire serve", () => {
  test("keeps what was registered over a restart", async () => {
    const first = startCommand(["serve", "--port", "0", "--data", folder]);
    const [, before = ""] = await first.saw(READY);
    await fetch(`${before}/subjects/s/versions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ schema: '"string"' }),
    });
    first.process.kill("SIGTERM");
    await first.ended;
    const second = startCommand(["serve", "--port", "0", "--data", folder]);
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
