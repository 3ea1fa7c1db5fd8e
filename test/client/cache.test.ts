import { describe, expect, test } from "vitest";
import { createRegistryClient } from "../../src/client/index.ts";
import type { Reply, SeenRequest } from "./stub.ts";
import { manualClock, networkError, ok, refused, stubFetch } from "./stub.ts";

const unknownId = refused(404, 40403, "Schema 7 not found");

function clientOver(reply: (request: SeenRequest, index: number) => Reply, cacheEntriesMax = 100) {
  const { fetch, seen } = stubFetch(reply);
  const clock = manualClock();
  const client = createRegistryClient({
    url: "http://r",
    fetch,
    clock,
    retries: 0,
    cacheEntriesMax,
  });
  return { client, seen, clock };
}

describe("schemas by id", () => {
  test("concurrent calls for one id share one request, later calls need none", async () => {
    const { client, seen } = clientOver(() => ok({ schema: '"int"', guid: "g" }));
    const both = await Promise.all([client.schemaById(7), client.schemaById(7)]);
    const later = await client.schemaById(7);
    const schema = { id: 7, schema: '"int"', schemaType: "AVRO", references: [], guid: "g" };
    expect([...both, later]).toEqual([schema, schema, schema]);
    expect(seen.map(({ url }) => url)).toEqual(["http://r/schemas/ids/7"]);
  });

  test("an unknown id is asked for again after 1 s, 2 s, 4 s … at most 60 s", async () => {
    const { client, seen, clock } = clientOver(() => unknownId);
    const waits: number[] = [];
    for (let round = 0; round < 8; round++) {
      const before = seen.length;
      let waitedMs = 0;
      while (seen.length === before) {
        await expect(client.schemaById(7)).rejects.toMatchObject({
          code: "CLIENT_SCHEMA_ID_UNKNOWN",
          retriable: false,
          message: "The registry at http://r has no schema with id 7",
        });
        if (seen.length === before) {
          clock.advance(500);
          waitedMs += 500;
        }
      }
      waits.push(waitedMs);
    }
    expect(waits).toEqual([0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000]);
  });

  test("an id that appears later is found after its pause", async () => {
    const { client, clock } = clientOver((_request, n) =>
      n === 0 ? unknownId : ok({ schema: '"int"' }),
    );
    await expect(client.schemaById(7)).rejects.toMatchObject({ code: "CLIENT_SCHEMA_ID_UNKNOWN" });
    clock.advance(1_000);
    expect((await client.schemaById(7)).schema).toBe('"int"');
  });

  test.each([
    ["a network error", networkError("ECONNRESET"), "CLIENT_UNREACHABLE"],
    ["a 5xx", refused(500, 50001, "disk"), "CLIENT_UNREACHABLE"],
    ["another registry's 404", refused(404, 404, "HTTP 404 Not Found"), "CLIENT_REFUSED"],
  ])("%s is not remembered", async (_name, failure, code) => {
    const { client, seen } = clientOver((_request, n) =>
      n === 0 ? failure : ok({ schema: '"int"' }),
    );
    await expect(client.schemaById(7)).rejects.toMatchObject({ code });
    expect((await client.schemaById(7)).schema).toBe('"int"');
    expect(seen).toHaveLength(2);
  });

  test.each([-1, 1.5, 2 ** 31])("%s cannot be an id, so nothing is asked", async (id) => {
    const { client, seen } = clientOver(() => ok({}));
    await expect(client.schemaById(id)).rejects.toMatchObject({ code: "CLIENT_SCHEMA_ID_UNKNOWN" });
    expect(seen).toHaveLength(0);
  });

  test("the cache is bounded; what was used lately stays", async () => {
    const { client, seen } = clientOver(() => ok({ schema: '"int"' }), 4);
    for (const id of [1, 2, 3, 1, 4, 1, 5, 1]) await client.schemaById(id);
    expect(seen.map(({ url }) => Number(url.split("/").at(-1)))).toEqual([1, 2, 3, 4, 5]);
    await client.schemaById(2);
    expect(seen).toHaveLength(6);
  });
});

describe("the id of a schema under a subject", () => {
  const found = ok({ subject: "s", version: 1, id: 9, schema: '"int"' });

  test("is looked up once per subject, schema and references", async () => {
    const { client, seen } = clientOver(() => found);
    const definition = { schema: '"int"' };
    expect(await Promise.all([client.idOf("s", definition), client.idOf("s", definition)])).toEqual(
      [9, 9],
    );
    expect(await client.idOf("s", { schema: '"int"', references: [] })).toBe(9);
    expect(seen).toHaveLength(1);
    await client.idOf("t", definition);
    await client.idOf("s", {
      ...definition,
      references: [{ name: "a", subject: "a", version: 1 }],
    });
    expect(seen).toHaveLength(3);
  });

  test.each([
    ["the subject", refused(404, 40401, "Subject 's' not found.")],
    ["the schema under it", refused(404, 40403, "Schema not found")],
  ])("without %s says so and what to do, and asks again next time", async (_name, refusal) => {
    const { client, seen } = clientOver((_request, n) => (n === 0 ? refusal : found));
    await expect(client.idOf("s", { schema: '"int"' })).rejects.toMatchObject({
      code: "CLIENT_SCHEMA_NOT_REGISTERED",
      hint: "Register it first (POST /subjects/s/versions), or generate the types again.",
    });
    expect(await client.idOf("s", { schema: '"int"' })).toBe(9);
    expect(seen).toHaveLength(2);
  });

  test("of a registry that answers register with the id alone is completed by a lookup", async () => {
    const { client, seen } = clientOver((_request, n) => (n === 0 ? ok({ id: 9 }) : found));
    expect(await client.register("s", { schema: '"int"' })).toEqual({ id: 9, version: 1 });
    expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "POST http://r/subjects/s/versions",
      "POST http://r/subjects/s",
    ]);
  });
});
