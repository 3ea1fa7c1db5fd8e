/**
 * Calls whose answer is lost: a proxy in front of a real registry cuts the connection, once after the
 * registry has carried the call out, once before.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { RegistryClient } from "../../src/client/index.ts";
import { createRegistryClient } from "../../src/client/index.ts";
import { createRegistryServer } from "../../src/server/index.ts";

type Cut = "applied" | "lost";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

/** A registry, and a client whose next writing call is cut off; `between` runs after the cut. */
async function cutting(cut: Cut, prepare: (direct: RegistryClient) => Promise<unknown>) {
  const registry = await createRegistryServer({ store: "memory", port: 0, drainMs: 0 });
  const direct = createRegistryClient({ url: registry.url });
  await prepare(direct);
  const seen: string[] = [];
  const hooks = { between: async (): Promise<unknown> => undefined };
  let cuts = 1;
  const forward = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = "GET", url = "" } = request;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const isCut = cuts > 0;
    seen.push(method);
    const { "content-type": type = "", "if-match": ifMatch } = request.headers;
    const headers = { "content-type": type, ...(ifMatch !== undefined && { "if-match": ifMatch }) };
    const body = chunks.length > 0 ? { body: Buffer.concat(chunks), headers } : { headers };
    if (isCut) cuts--;
    if (isCut && cut === "lost") {
      await hooks.between();
      request.socket.destroy();
      return;
    }
    const answer = await fetch(registry.url + url, { method, ...body });
    const text = await answer.text();
    if (isCut) {
      await hooks.between();
      request.socket.destroy();
      return;
    }
    response.writeHead(answer.status, { "content-type": "application/json" }).end(text);
  };
  const proxy = createServer((request, response) => void forward(request, response));
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  closing.push(async () => {
    proxy.closeAllConnections();
    await new Promise((resolve) => proxy.close(resolve));
    await registry.close();
  });
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  return { client: createRegistryClient({ url, retryDelayMs: 1 }), direct, seen, hooks };
}

const record = (...fields: string[]) => ({
  schema: JSON.stringify({
    type: "record",
    name: "R",
    fields: fields.map((name) => ({ name, type: "int", default: 0 })),
  }),
});

const CUTS: readonly Cut[] = ["applied", "lost"];
const REFERS = { references: [{ name: "R", subject: "s", version: 1 }] };
const two = async (direct: RegistryClient) => {
  await direct.register("s", record());
  await direct.register("s", record("a"));
};

/** Twice does what once does: repeated, and answered as without the cut. */
const REPEATED: readonly (readonly [string, (client: RegistryClient) => Promise<unknown>])[] = [
  ["register", (client) => client.register("s", record("a", "b"))],
  ["register elsewhere", (client) => client.register("t", { schema: '"R"', ...REFERS })],
  ["lookup", (client) => client.lookup("s", record("a"))],
  ["checkCompatibility", (client) => client.checkCompatibility("s", record("z"))],
  ["setCompatibilityLevel", (client) => client.setCompatibilityLevel("s", "FULL")],
  ["updateConfig", (client) => client.updateConfig(undefined, { normalize: true })],
  ["setMode", (client) => client.setMode("s", "READONLY")],
  ["versions", (client) => client.versions("s")],
];

/** Twice is not once, and the effect does not say whose it is: asked once. */
const ONCE: readonly (readonly [string, (client: RegistryClient) => Promise<unknown>])[] = [
  ["deleteVersion soft", (client) => client.deleteVersion("s", 1, "soft")],
  ["deleteVersion latest", (client) => client.deleteVersion("s", "latest", "soft")],
  ["deleteVersion permanent", (client) => client.deleteVersion("gone", 1, "permanent")],
  ["deleteSubject soft", (client) => client.deleteSubject("s", "soft")],
  ["deleteSubject permanent", (client) => client.deleteSubject("gone", "permanent")],
  ["deleteConfig", (client) => client.deleteConfig("s")],
  ["deleteMode", (client) => client.deleteMode("s")],
  ["undelete", (client) => client.request("POST", "/subjects/gone/undelete")],
  ["delete a context", (client) => client.request("DELETE", "/contexts/.empty")],
  [
    "batch",
    (client) => client.request("POST", "/batch", { body: [{ subject: "n", ...record("n") }] }),
  ],
  [
    "a version's number without an id",
    (client) =>
      client.request("POST", "/subjects/s/versions", { body: { ...record("a", "c"), version: 3 } }),
  ],
  [
    "a raw If-Match",
    (client) =>
      client.request("POST", "/subjects/s/versions", {
        body: record("a", "d"),
        headers: { "if-match": "*" },
      }),
  ],
];

async function prepareAll(direct: RegistryClient): Promise<void> {
  await two(direct);
  await direct.register("gone", record("g"));
  await direct.deleteSubject("gone", "soft");
  await direct.updateConfig("s", { compatibility: "BACKWARD" });
  await direct.setMode("s", "READWRITE");
}

describe.each(CUTS)("a call that is cut off: %s", (cut) => {
  test.each(REPEATED)("%s is repeated", async (_, call) => {
    const { client, direct, seen } = await cutting(cut, prepareAll);
    const answer = await call(client);
    expect(seen.length).toBeGreaterThan(1);
    // What the repeated call answers is what the call answers from now on.
    expect(await call(direct)).toEqual(answer);
  });

  test.each(ONCE)("%s is sent once, and the error says that it may be done", async (_, call) => {
    const { client, seen } = await cutting(cut, prepareAll);
    const error: unknown = await call(client).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: "CLIENT_UNREACHABLE",
      retriable: true,
      details: { mayBeDone: true, attempts: 1 },
    });
    expect((error as Error).message).toContain("it may have been carried out");
    expect(seen).toHaveLength(1);
  });
});

describe("register with ifMatch", () => {
  async function etagOf(direct: RegistryClient): Promise<string> {
    const response = await fetch(`${direct.url}/subjects/s/versions/latest`);
    await response.text();
    return response.headers.get("etag") ?? "";
  }

  test.each(CUTS)("succeeds after a cut: %s", async (cut) => {
    const { client, direct } = await cutting(cut, two);
    const ifMatch = await etagOf(direct);
    const registered = await client.register("s", record("a", "b"), { ifMatch });
    expect(registered).toMatchObject({ version: 3 });
    expect(await direct.lookup("s", record("a", "b"))).toMatchObject(registered);
    expect(await direct.versions("s")).toEqual([1, 2, 3]);
  });

  test("is not said to be done when somebody else's write took its place", async () => {
    const { client, direct, hooks } = await cutting("lost", two);
    const ifMatch = await etagOf(direct);
    hooks.between = () => direct.register("s", record("a", "other"));
    await expect(client.register("s", record("a", "b"), { ifMatch })).rejects.toMatchObject({
      code: "CLIENT_UNREACHABLE",
      details: { mayBeDone: true },
      cause: { code: "CLIENT_REFUSED", details: { status: 412 } },
    });
    expect(await direct.versions("s")).toEqual([1, 2, 3]);
  });

  test("is not said to be done for an older version with that schema", async () => {
    const { client, direct, hooks } = await cutting("lost", two);
    const ifMatch = await etagOf(direct);
    hooks.between = () => direct.register("s", record("a", "other"));
    await expect(client.register("s", record(), { ifMatch })).rejects.toMatchObject({
      code: "CLIENT_UNREACHABLE",
    });
  });

  test("is done when another write followed ours", async () => {
    const { client, direct, hooks } = await cutting("applied", two);
    const ifMatch = await etagOf(direct);
    hooks.between = () => direct.register("s", record("a", "b", "later"));
    expect(await client.register("s", record("a", "b"), { ifMatch })).toMatchObject({ version: 3 });
  });

  test("a first answer of 412 and any other refusal stay what they are", async () => {
    const { client, direct } = await cutting("lost", two);
    await client.subjects();
    await expect(
      client.register("s", record("a", "b"), { ifMatch: '"1-x"' }),
    ).rejects.toMatchObject({ code: "CLIENT_REFUSED", details: { status: 412 } });
    const again = await cutting("lost", two);
    const ifMatch = await etagOf(again.direct);
    await expect(
      again.client.register("s", { schema: '{"type":"x"}' }, { ifMatch }),
    ).rejects.toMatchObject({ code: "CLIENT_REFUSED", details: { errorCode: 42201 } });
    expect(await direct.versions("s")).toEqual([1, 2]);
  });
});
