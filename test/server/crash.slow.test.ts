/** A registry that is killed while it is written to. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import type { RegistryClient } from "../../src/client/index.ts";
import { createRegistryClient } from "../../src/client/index.ts";
import { temporaryFolder } from "../store/logs.ts";

/** The command that users run; `npm test` builds it first. */
const command = fileURLToPath(new URL("../../bin/typewire.js", import.meta.url));
const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill("SIGKILL");
});

interface Served {
  readonly child: ChildProcess;
  readonly client: RegistryClient;
}

/** A registry process on a folder, and a client of it. */
async function serve(folder: string): Promise<Served> {
  const child = spawn(process.execPath, [command, "serve", "--port", "0", "--data", folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  running.push(child);
  const lines = createInterface({ input: child.stdout });
  const line = await new Promise<string>((resolve, reject) => {
    lines.once("line", resolve);
    child.once("exit", (code) => reject(new Error(`the registry ended with ${code}`)));
  });
  const url = /http:\S+/.exec(line)?.[0] ?? line;
  // No time-out: a busy machine is slow, and what is slow here is acknowledged in the end.
  const client = createRegistryClient({ url, retries: 0, timeoutMs: 120_000 });
  return { child, client };
}

const schemaOf = (n: number) => ({
  schema: `{"type":"record","name":"Order${n}","fields":[{"name":"id","type":"string"}]}`,
});

/** Registers schemas until the process is gone; answers what was acknowledged, by number. */
async function registerUntilKilled(
  { child, client }: Served,
  numbers: Iterator<number, undefined>,
  acknowledged: Map<number, number>,
): Promise<void> {
  for (let next = numbers.next(); next.value !== undefined; next = numbers.next()) {
    try {
      const { id } = await client.register(`subject-${next.value % 50}`, schemaOf(next.value));
      acknowledged.set(next.value, id);
    } catch (error) {
      if (child.killed) return;
      throw error;
    }
  }
}

/** Kills the registry in the middle of 1,000 registrations over 20 connections. */
async function crashRound(folder: string, killAfter: number): Promise<Map<number, number>> {
  const served = await serve(folder);
  const { child, client } = served;
  await client.setCompatibilityLevel(undefined, "NONE");
  const acknowledged = new Map<number, number>();
  const numbers = Array.from({ length: 1_000 }, (_item, n) => n).values();
  const writers = Array.from({ length: 20 }, () =>
    registerUntilKilled(served, numbers as Iterator<number, undefined>, acknowledged),
  );
  const reached = async () => {
    while (acknowledged.size < killAfter) await new Promise((resolve) => setTimeout(resolve, 1));
  };
  // A writer that fails before the kill ends the test, which would wait for its records for ever.
  const writing = Promise.all(writers);
  await Promise.race([reached(), writing]);
  child.kill("SIGKILL");
  await Promise.all([writing, once(child, "exit")]);
  return acknowledged;
}

test.each([1, 300, 700])(
  "after SIGKILL past %i of 1,000 registrations, every acknowledged schema has its id",
  async (killAfter) => {
    const folder = await temporaryFolder();
    const acknowledged = await crashRound(folder, killAfter);
    expect(acknowledged.size).toBeGreaterThanOrEqual(killAfter);
    expect(acknowledged.size).toBeLessThan(1_000);
    const { client, child } = await serve(folder);
    const found = await Promise.all(
      [...acknowledged].map(async ([n, id]) => [
        (await client.schemaById(id)).schema === schemaOf(n).schema,
        (await client.idOf(`subject-${n % 50}`, schemaOf(n))) === id,
      ]),
    );
    expect(found.filter((both) => both.includes(false))).toEqual([]);
    expect(new Set(acknowledged.values()).size).toBe(acknowledged.size);
    const { id: next } = await client.register("after", schemaOf(5_000));
    expect([...acknowledged.values()]).not.toContain(next);
    child.kill("SIGTERM");
    const [code] = (await once(child, "exit")) as [number | null];
    expect(code).toBe(0);
    await rm(folder, { recursive: true });
  },
);

test("SIGTERM ends the process in order, and nothing acknowledged is lost", async () => {
  const folder = await temporaryFolder();
  const { child, client } = await serve(folder);
  const first = client.register("s-0", schemaOf(0));
  const others = Array.from({ length: 50 }, (_item, n) => client.register(`s-${n}`, schemaOf(n)));
  const settled = Promise.allSettled(others);
  await first;
  child.kill("SIGTERM");
  const [code] = (await once(child, "exit")) as [number | null];
  const outcomes = await settled;
  expect(code).toBe(0);
  const again = await serve(folder);
  const subjects = new Set(await again.client.subjects());
  const lost = outcomes.filter((one, n) => one.status === "fulfilled" && !subjects.has(`s-${n}`));
  expect(lost).toEqual([]);
  again.child.kill("SIGTERM");
  await once(again.child, "exit");
  await rm(folder, { recursive: true });
});
