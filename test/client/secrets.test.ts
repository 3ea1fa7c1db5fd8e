/** No URL with a password is printed: not by errors, nor by their details, causes and stacks. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseConfig } from "../../codegen/index.ts";
import { defineErrors, redactUrl, redactUrls } from "../../src/base/index.ts";
import { createRegistryClient } from "../../src/client/index.ts";
import { manualClock, networkError, ok, refused, stubFetch } from "./stub.ts";

const SECRET = "S3CRETpw";

/** Everything that a log could show of an error. */
function everythingOf(error: unknown): string {
  const seen: string[] = [];
  for (let one = error; one instanceof Error; one = one.cause) {
    seen.push(one.message, one.stack ?? "", JSON.stringify(one), String(one));
    if ("hint" in one) seen.push(String(one.hint));
  }
  return seen.join("\n");
}

describe("a URL for people", () => {
  test.each([
    ["http://registry:8081", "http://registry:8081"],
    ["https://registry.example/path", "https://registry.example/path"],
    ["localhost:8081", "localhost:8081"],
    ["http://[::1]:8081/x", "http://[::1]:8081/x"],
    ["http://alice:S3CRETpw@registry:8081", "http://***@registry:8081"],
    ["http://alice:S3CRETpw@127.0.0.1:99999", "http://***@127.0.0.1:99999"],
    ["http://a:S3@CRETpw@host", "http://***@host"],
    ["http://a:S3/CRE?T#pw@host", "http://***@host"],
    ["alice:S3CRETpw@host", "***@host"],
    ["//alice:S3CRETpw@host", "***@host"],
    ["http:/alice:S3CRETpw@host", "***@host"],
    ["http://alice:S3CRETpw%40host", "http://alice:***"],
    ["http://alice:S3CRETpw", "http://alice:***"],
    ["alice:S3CRETpw", "alice:***"],
    ["http://host?token=S3CRETpw", "http://host?***"],
    ["http://host/a#S3CRETpw", "http://host/a#***"],
    ["http://S3CRETpw@", "http://***@"],
    ["", ""],
  ])("%s is %s", (text, shown) => {
    expect(redactUrl(text)).toBe(shown);
  });

  test.each([
    ["no URL: me@example, a: b", "no URL: me@example, a: b"],
    ["see http://host/a, or me@example", "see http://host/a, or me@example"],
    ["to http://a:S3CRETpw@h/x failed", "to http://***@h/x failed"],
    ['"http://a:S3@CRETpw@h","ftp://b:S3CRETpw@i"', '"http://***@h","ftp://***@i"'],
    ["://S3CRETpw@", "://***@"],
  ])("in a text: %s", (text, shown) => {
    expect(redactUrls(text)).toBe(shown);
  });

  test("takes no longer for longer text than its length asks for", () => {
    const long = "a://".repeat(250_000);
    expect(redactUrls(`${long}@`)).toBe("a://***@");
    expect(redactUrls(`${long} @`)).toBe(`${long} @`);
  });

  test("is what any error has of it, whatever the module that makes it", () => {
    const errors = defineErrors({ X_FAILED: { message: "{at}: {list} {cause}", hint: "{at}" } });
    const at = "http://a:S3CRETpw@h";
    const error = errors.create("X_FAILED", { at, list: [at], cause: new Error(at) });
    const { message, hint } = error;
    expect([message, hint]).toEqual([
      'http://***@h: ["http://***@h"] http://***@h',
      "http://***@h",
    ]);
    expect(error.details).toMatchObject({ at: "http://***@h", list: ["http://***@h"] });
  });
});

/** URLs with a password, right and wrong in every way that people write them. */
const noise = fc.string({ unit: fc.constantFrom(..."ab1@/:?#%\\ .[]é%40"), maxLength: 6 });
const urls = fc
  .record({
    scheme: fc.constantFrom(
      "http://",
      "https://",
      "HTTP://",
      "ftp://",
      "http:/",
      "http:",
      "//",
      "",
    ),
    user: fc.constantFrom("alice", "", "a%40b", "80", "a b"),
    before: noise,
    after: noise,
    host: fc.constantFrom("127.0.0.1:1", "127.0.0.1:99999", "host", "[::1", "[::1]:1", "", "a b"),
    path: fc.constantFrom("", "/", "/x", "/x?y=1", ",http://b"),
  })
  .map(({ scheme, user, before, after, host, path }) => {
    return `${scheme}${user}:${before}${SECRET}${after}@${host}${path}`;
  });

describe("a password in a URL", () => {
  const replies = [
    () => networkError("ECONNREFUSED"),
    () => refused(401, 401, "no"),
    () => ({ status: 200, body: "<html>" }),
    () => ok({}),
  ];

  test("is in no error of the client", async () => {
    await fc.assert(
      fc.asyncProperty(urls, fc.constantFrom(...replies), async (url, reply) => {
        const { fetch } = stubFetch(reply);
        const error = await errorOf(async () => {
          const client = createRegistryClient({ url, fetch, clock: manualClock() });
          expect(client.url).not.toContain(SECRET);
          await client.subjects();
        });
        expect(error).toMatchObject({ name: "TypewireError" });
        expect(everythingOf(error)).not.toContain(SECRET);
      }),
      { numRuns: 400 },
    );
  });

  test("is in no error of the configuration, wherever it stands", async () => {
    const wrong = (url: string): readonly unknown[] => [
      { registry: { url } },
      { registry: url },
      { registry: { uri: url } },
      { registry: [url] },
      { registry: { url: [url] } },
      { kafka: { brokers: [url] } },
    ];
    await fc.assert(
      fc.asyncProperty(urls, async (url) => {
        const asTheyAre = [{ registry: { url } }, { kafka: { brokers: [url] } }].map((one) =>
          JSON.stringify(one),
        );
        for (const config of wrong(url)) {
          const text = JSON.stringify(config);
          for (const damaged of [text, text.slice(0, -1), text.replace("}", "%}"), `${text}x`]) {
            const error = await errorOf(async () => parseConfig(damaged));
            // With its URL or its broker right, a configuration is; all else is an error.
            if (error === undefined) expect(asTheyAre).toContain(damaged);
            else expect(error).toMatchObject({ name: "TypewireError" });
            expect(everythingOf(error)).not.toContain(SECRET);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    ["auth", { auth: { token: `${SECRET}\n` } }],
    ["auth", { auth: { token: async () => `${SECRET}€` } }],
    ["headers", { headers: { Authorization: `Basic ${SECRET}\n` } }],
  ])("nor is one that can't be sent: %s", async (argument, options) => {
    const url = "http://registry";
    const error = await errorOf(async () => createRegistryClient({ url, ...options }).subjects());
    expect(error).toMatchObject({ code: "CLIENT_ARGUMENT_INVALID", details: { argument } });
    expect(everythingOf(error)).not.toContain(SECRET);
  });

  test("without a user is used", async () => {
    const { fetch, seen } = stubFetch(() => ok([]));
    await createRegistryClient({ url: "http://:pw@registry", fetch }).subjects();
    expect(seen[0]?.headers.get("authorization")).toBe(`Basic ${btoa(":pw")}`);
  });
});

async function errorOf(run: () => Promise<unknown>): Promise<unknown> {
  return run().then(
    () => undefined,
    (error: unknown) => error,
  );
}
