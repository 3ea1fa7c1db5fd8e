/** Random requests over many seeds. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RegistryServer } from "../../src/server/index.ts";
import { createRegistryServer } from "../../src/server/index.ts";
import { temporaryFolder } from "../store/logs.ts";
import { checkRequest, requests } from "./fuzz.ts";

const failures: unknown[] = [];
let server: RegistryServer;
beforeAll(async () => {
  server = await createRegistryServer({
    store: "sqlite",
    data: await temporaryFolder(),
    port: 0,
    bodyLimitBytes: 200_000,
    onFailure: ({ error }) => failures.push(error),
  });
});
afterAll(() => server.close());

test.each([1, 2, 3, 4, 5])("10,000 random requests, part %i of 5: never a 500", async (part) => {
  await fc.assert(
    fc.asyncProperty(requests, (request) => checkRequest(server.url, request)),
    { numRuns: 2_000, seed: part },
  );
  expect(failures).toEqual([]);
});
