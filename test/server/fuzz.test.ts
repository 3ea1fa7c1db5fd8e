/** Random requests: the answer is the API's, and never a 500. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RegistryServer } from "../../src/server/index.ts";
import { createRegistryServer } from "../../src/server/index.ts";
import { checkRequest, requests } from "./fuzz.ts";

const failures: unknown[] = [];
let server: RegistryServer;
beforeAll(async () => {
  server = await createRegistryServer({
    store: "memory",
    port: 0,
    bodyLimitBytes: 200_000,
    onFailure: ({ error }) => failures.push(error),
  });
});
afterAll(() => server.close());

test("whatever a client sends, the answer is the API's and never a 500", async () => {
  await fc.assert(
    fc.asyncProperty(requests, (request) => checkRequest(server.url, request)),
    { numRuns: 400, seed: 7 },
  );
  expect(failures).toEqual([]);
});
