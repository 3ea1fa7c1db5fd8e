import { mkdir, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import type { Check } from "../../src/cli/doctor-checks.ts";
import { startEmbeddedKafka } from "../../src/rdkafka/index.ts";
import { createRegistryServer } from "../../src/server/index.ts";
import { runHere } from "./run-here.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "typewire-doctor-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** Runs the doctor away from this repository's own configuration. */
async function doctor(...args: readonly string[]) {
  const config = join(folder, "typewire.json");
  const defaults = ["--config", config, "--data", join(folder, "data")];
  const { status, stdout, stderr } = await runHere(["doctor", ...defaults, ...args, "--json"]);
  expect(stderr).toBe("");
  const report = JSON.parse(stdout) as { status: number; checks: Check[] };
  expect(report.status).toBe(status);
  const check = (name: string) => report.checks.find((each) => each.name === name);
  return { status, check };
}

/** A server that is asked in place of a registry. */
async function listen(status: number, body: string, date: string | undefined): Promise<string> {
  const server = createServer((_request, response) => {
    response.sendDate = false;
    response.writeHead(status, date === undefined ? {} : { date }).end(body);
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("finds a registry, brokers and a folder that are well, named by typewire.json", async () => {
  const data = join(folder, "data");
  const registry = await createRegistryServer({ port: 0, data });
  onTestFinished(() => registry.close());
  const kafka = await startEmbeddedKafka();
  onTestFinished(() => kafka.close());
  const config = { registry: { url: registry.url }, kafka: { brokers: kafka.brokers } };
  await writeFile(join(folder, "typewire.json"), JSON.stringify(config));
  const { status, check } = await doctor();
  expect(check("registry")?.finding).toMatch(/answers in \d+ ms \(version .+, store .*sqlite.*\)$/);
  expect(check("brokers")).toMatchObject({
    status: "ok",
    finding: expect.stringMatching(/^1 broker/) as string,
  });
  expect(check("data folder")?.finding).toContain("its registry opens");
  expect(check("clock")?.status).toBe("ok");
  expect(check("typewire.json")?.status).toBe("ok");
  expect(status).toBe(0);
});

test("prints a line a check, and ends with 0 where nothing is named", async () => {
  const ended = await runHere(["doctor", "--config", join(folder, "none.json"), "--data", folder]);
  expect(ended.status).toBe(0);
  expect(ended.stdout.trimEnd().split("\n")).toHaveLength(9);
});

test("looks at a folder without making it", async () => {
  const { check } = await doctor("--data", join(folder, "a/b"));
  expect(check("data folder")?.status).toBe("ok");
  await expect(rm(join(folder, "a"))).rejects.toMatchObject({ code: "ENOENT" });
});

test("finds a file that was cut off, and one where a folder should be", async () => {
  const data = join(folder, "data");
  await (await createRegistryServer({ port: 0, data })).close();
  await truncate(join(data, "registry.sqlite"), 100);
  const cut = await doctor();
  expect(cut.check("data folder")?.status).toBe("problem");
  expect(cut.status).toBe(1);
  const file = join(folder, "file");
  await writeFile(file, "");
  const other = await doctor("--data", join(file, "data"));
  expect(other.check("data folder")?.finding).toContain("is no folder");
});

test("finds a configuration that is not valid", async () => {
  await writeFile(join(folder, "typewire.json"), '{ "topics": [] }');
  expect((await doctor()).check("typewire.json")).toMatchObject({
    status: "problem",
    finding: expect.stringContaining("/topics") as string,
  });
});

test.each([
  { what: "no registry", status: 200, body: "<html>", finding: "is no schema registry" },
  { what: "credentials that are refused", status: 401, body: "", finding: "refuses these" },
  { what: "a failure", status: 503, body: "", finding: "it answered 503" },
])("finds $what", async ({ status, body, finding }) => {
  const url = await listen(status, body, undefined);
  const { check } = await doctor("--registry", url);
  expect(check("registry")).toMatchObject({ status: "problem" });
  expect(check("registry")?.finding).toContain(finding);
});

test("finds a registry whose clock is wrong, and one without a clock", async () => {
  const wrong = await listen(200, "[]", "Thu, 01 Jan 2015 00:00:00 GMT");
  expect((await doctor("--registry", wrong)).check("clock")).toMatchObject({ status: "problem" });
  const none = await listen(200, "[]", undefined);
  const { status, check } = await doctor("--registry", none);
  expect(check("clock")?.status).toBe("unknown");
  expect(status).toBe(2);
});

test("says of a registry that is away why, without the password of its URL", async () => {
  await mkdir(join(folder, "data"));
  const { status, check } = await doctor("--registry", "http://user:secret@127.0.0.1:1");
  expect(status).toBe(1);
  expect(check("registry")?.finding).toMatch(/^http:\/\/.*127\.0\.0\.1:1 does not answer: /);
  expect(JSON.stringify(check("registry"))).not.toContain("secret");
});

test("finds an address that is no URL", async () => {
  const { check } = await doctor("--registry", "nowhere");
  expect(check("registry")?.status).toBe("problem");
});
