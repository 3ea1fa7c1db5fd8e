import { describe, expect, test } from "vitest";
import type { RegistryClientOptions } from "../../src/client/index.ts";
import { createRegistryClient, refusalOf } from "../../src/client/index.ts";
import type { Reply } from "./stub.ts";
import { manualClock, networkError, ok, refused, stubFetch } from "./stub.ts";

const URL_A = "http://registry-a:8081";
const URL_B = "http://registry-b:8081";

function clientOver(reply: (index: number) => Reply, options: Partial<RegistryClientOptions> = {}) {
  const { fetch, seen } = stubFetch((_request, index) => reply(index));
  const clock = manualClock();
  const client = createRegistryClient({ url: URL_A, fetch, clock, ...options });
  return { client, seen, clock };
}

describe("a request", () => {
  test("asks for the registry's media type and for newer members", async () => {
    const { client, seen } = clientOver(() => ok([]));
    await client.subjects();
    expect(seen[0]?.headers.get("accept")).toBe(
      "application/vnd.schemaregistry.v1+json, application/json;q=0.5",
    );
    expect(seen[0]?.headers.get("confluent-accept-unknown-properties")).toBe("true");
    expect(seen[0]?.headers.has("content-type")).toBe(false);
  });

  test("with a body names the registry's media type", async () => {
    const { client, seen } = clientOver(() => ok({ id: 1, version: 1 }));
    await client.register("s", { schema: '"int"' });
    expect(seen[0]?.headers.get("content-type")).toBe("application/vnd.schemaregistry.v1+json");
    expect(seen[0]?.body).toBe('{"schema":"\\"int\\"","schemaType":"AVRO"}');
  });

  test.each([
    ["a/b", "a%2Fb"],
    ["ü %", "%C3%BC%20%25"],
    [":.ctx:s", "%3A.ctx%3As"],
    [".", "%3A.%3A."],
    ["..", "%3A.%3A.."],
    ["", "%3A.%3A"],
    ["?#", "%3F%23"],
  ])("writes the subject %j as one path segment", async (subject, segment) => {
    const { client, seen } = clientOver(() => ok([1]));
    await client.versions(subject);
    expect(seen[0]?.url).toBe(`${URL_A}/subjects/${segment}/versions`);
  });

  test("keeps the path of the base URL", async () => {
    const { client, seen } = clientOver(() => ok([]), { url: "http://proxy/registry/" });
    await client.subjects({ prefix: "a b", deleted: true });
    expect(seen[0]?.url).toBe("http://proxy/registry/subjects?subjectPrefix=a+b&deleted=true");
  });

  test.each([
    ["basic", { username: "me", password: "pä:ss" }, "Basic bWU6cMOkOnNz"],
    ["a bearer token", { token: "t1" }, "Bearer t1"],
    ["a bearer token from a function", { token: async () => "t2" }, "Bearer t2"],
  ])("authenticates with %s", async (_name, auth, header) => {
    const { client, seen } = clientOver(() => ok([]), { auth });
    await client.subjects();
    expect(seen[0]?.headers.get("authorization")).toBe(header);
  });

  test("takes credentials out of the URL", async () => {
    const { client, seen } = clientOver(() => ok([]), { url: "http://me:p%40ss@registry" });
    await client.subjects();
    expect(client.url).toBe("http://registry");
    expect(seen[0]?.url).toBe("http://registry/subjects");
    expect(seen[0]?.headers.get("authorization")).toBe("Basic bWU6cEBzcw==");
  });
});

describe("when there is no answer", () => {
  test.each([408, 429, 500, 502, 503, 504])("status %i is tried again", async (status) => {
    const { client, seen } = clientOver((n) =>
      n === 0 ? refused(status, status, "x") : ok(["s"]),
    );
    expect(await client.subjects()).toEqual(["s"]);
    expect(seen).toHaveLength(2);
  });

  test("the pauses double, with jitter in their upper half", async () => {
    const { client, clock } = clientOver(() => networkError("ECONNREFUSED"), { retryDelayMs: 100 });
    await expect(client.subjects()).rejects.toMatchObject({ code: "CLIENT_UNREACHABLE" });
    expect(clock.slept).toHaveLength(3);
    clock.slept.forEach((ms, n) => {
      expect(ms).toBeGreaterThanOrEqual(50 * 2 ** n);
      expect(ms).toBeLessThanOrEqual(100 * 2 ** n);
    });
  });

  test("the last failure is retriable and says where, how often and why", async () => {
    const { client } = clientOver(() => networkError("ECONNREFUSED"), { retries: 1 });
    await expect(client.subjects()).rejects.toMatchObject({
      code: "CLIENT_UNREACHABLE",
      retriable: true,
      message: `The registry at ${URL_A} did not answer GET /subjects in 2 attempts: connect ECONNREFUSED`,
    });
  });

  test("the next URL is tried, and kept", async () => {
    const { fetch, seen } = stubFetch(({ url }) =>
      url.startsWith(URL_A) ? networkError("ECONNREFUSED") : ok([]),
    );
    const client = createRegistryClient({ url: [URL_A, URL_B], fetch, clock: manualClock() });
    await client.subjects();
    await client.subjects();
    expect(seen.map(({ url }) => url)).toEqual([
      `${URL_A}/subjects`,
      `${URL_B}/subjects`,
      `${URL_B}/subjects`,
    ]);
    expect(client.url).toBe(URL_B);
  });

  test("a DELETE that may have been done is not repeated", async () => {
    const { client, seen } = clientOver(() => networkError("ECONNRESET"));
    await expect(client.deleteSubject("s", "soft")).rejects.toMatchObject({
      code: "CLIENT_UNREACHABLE",
    });
    expect(seen).toHaveLength(1);
  });

  test("a DELETE that never left is repeated", async () => {
    const { client, seen } = clientOver((n) => (n === 0 ? networkError("ECONNREFUSED") : ok([1])));
    expect(await client.deleteSubject("s", "soft")).toEqual([1]);
    expect(seen).toHaveLength(2);
  });
});

describe("when the registry refuses", () => {
  test("the error carries status, code and text, and is not tried again", async () => {
    const { client, seen } = clientOver(() => refused(404, 40401, "Subject 's' not found."));
    const error: unknown = await client.versions("s").catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: "CLIENT_REFUSED",
      retriable: false,
      message: `${URL_A} refused GET /subjects/s/versions with status 404, error code 40401: Subject 's' not found.`,
    });
    expect(refusalOf(error)).toEqual({
      status: 404,
      errorCode: 40401,
      message: "Subject 's' not found.",
    });
    expect(seen).toHaveLength(1);
  });

  test("401 without a registry's body is a refusal too", async () => {
    const { client } = clientOver(() => ({ status: 401, body: "<html>" }));
    await expect(client.subjects()).rejects.toMatchObject({
      code: "CLIENT_REFUSED",
      details: { status: 401, errorCode: 401 },
    });
  });

  test.each([
    ["a page of HTML", 200, "<html>hello"],
    ["another entity", 200, { hello: 1 }],
    ["a 404 that no registry sent", 404, "not here"],
  ])("%s is not an answer", async (_name, status, body) => {
    const { client } = clientOver(() => ({ status, body }));
    await expect(client.subjects()).rejects.toMatchObject({ code: "CLIENT_ANSWER_INVALID" });
  });
});

describe("an argument that cannot work", () => {
  test.each([
    ["url", { url: "registry:8081" }],
    ["url", { url: "not a url" }],
    ["url", { url: [] }],
    ["url", { url: "http://registry/?a=1" }],
    ["timeoutMs", { url: URL_A, timeoutMs: 0 }],
    ["retries", { url: URL_A, retries: -1 }],
    ["retryDelayMs", { url: URL_A, retryDelayMs: 1.5 }],
    ["cacheEntriesMax", { url: URL_A, cacheEntriesMax: 0 }],
  ])("%s: %j is refused at start", (argument, options) => {
    const details: unknown = expect.objectContaining({ argument });
    expect(() => createRegistryClient(options)).toThrow(
      expect.objectContaining({ code: "CLIENT_ARGUMENT_INVALID", details }),
    );
  });

  test.each([0, -1, 1.5, Number.NaN])(
    "version %j is refused without a request",
    async (version) => {
      const { client, seen } = clientOver(() => ok({}));
      await expect(client.version("s", version)).rejects.toMatchObject({
        code: "CLIENT_ARGUMENT_INVALID",
      });
      expect(seen).toHaveLength(0);
    },
  );

  test("a subject with half a surrogate pair is refused without a request", async () => {
    const { client, seen } = clientOver(() => ok([]));
    await expect(client.versions("\ud800")).rejects.toMatchObject({
      code: "CLIENT_ARGUMENT_INVALID",
    });
    expect(seen).toHaveLength(0);
  });
});
