/** Processes that are killed while they write to one SQLite file. */
import { spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { createRegistryService } from "../../src/registry/index.ts";
import { openSqliteLog } from "../../src/store/index.ts";
import { problemsOf, temporaryFolder } from "./logs.ts";

const ROUNDS = 12;
const child = fileURLToPath(new URL("sqlite-crash-child.mjs", import.meta.url));

/** Runs the child until it has acknowledged so many registrations, kills it, and tells which. */
async function registerAndKill(folder: string, round: number, acks: number): Promise<string[]> {
  const { promise, resolve, reject } = deferred<string[]>();
  const running = spawn(process.execPath, [child, folder, String(round)]);
  let output = "";
  let errors = "";
  running.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  running.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    if (output.split("\n").length > acks) running.kill("SIGKILL");
  });
  running.on("close", (_, signal) => {
    if (signal === "SIGKILL") resolve(output.split("\n").slice(0, -1));
    else reject(new Error(`the child ended by itself: ${errors}`));
  });
  return promise;
}

function deferred<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

test("a registry that is killed again and again has what it acknowledged, and nothing half", async () => {
  const folder = await temporaryFolder();
  const acknowledged = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round++) {
    const lines = await registerAndKill(folder, round, 1 + round * 37);
    for (const [name = "", id] of lines.map((line) => line.split(" "))) {
      acknowledged.set(name, Number(id));
    }
    const log = openSqliteLog({ folder });
    const service = await createRegistryService({ log, clock: Date.now });
    const schemas = await service.schemas({});
    if ("refusal" in schemas) throw new Error(schemas.refusal);
    const stored = new Map(
      schemas.map(({ subject, id }) => [subject.slice("subject-".length), id]),
    );
    for (const [name, id] of acknowledged) expect(stored.get(name), name).toBe(id);
    expect(new Set(stored.values()).size).toBe(schemas.length);
    for (const { subject } of schemas) {
      const original = await service.version(subject, "1", { format: "original" });
      expect(original).toMatchObject({ schema: expect.stringMatching(/^\{ "type"/) as unknown });
    }
    expect((await service.verify()).problems).toEqual([]);
    await log.close();
  }
  expect(acknowledged.size).toBeGreaterThan(ROUNDS);
  await rm(folder, { recursive: true });
});

test("two registries on one file that are killed at once, or one after the other, leave one chain", async () => {
  const folder = await temporaryFolder();
  const acknowledged: string[] = [];
  for (let round = 0; round < 6; round++) {
    const acks = [20 + round * 31, round % 2 === 0 ? 20 + round * 31 : 200] as const;
    const lines = await Promise.all(
      acks.map((count, place) => registerAndKill(folder, 1000 * (place + 1) + round, count)),
    );
    acknowledged.push(...lines.flat());
    expect(await problemsOf(folder)).toEqual([]);
    const log = openSqliteLog({ folder });
    const service = await createRegistryService({ log, clock: Date.now });
    expect((await service.verify()).problems).toEqual([]);
    for (const [name = "", id] of acknowledged.map((line) => line.split(" "))) {
      const found = await service.version(`subject-${name}`, "1", {});
      expect(found, name).toMatchObject({ id: Number(id) });
    }
    await log.close();
  }
  await rm(folder, { recursive: true });
});
