/** Where usage is kept, and what a failure of it costs. */
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { UsageCount, UsageStore } from "../../src/registry/index.ts";
import {
  CLIENTS_MAX,
  COUNTS_MAX,
  createMemoryUsage,
  createRegistryService,
} from "../../src/registry/index.ts";
import { createUsageTable } from "../../src/registry/queries/usage.ts";
import { applyRecord } from "../../src/registry/state/apply.ts";
import { schemaRecord } from "../../src/registry/state/records.ts";
import { createState } from "../../src/registry/state/state.ts";
import { createRegistryServer } from "../../src/server/index.ts";
import { createUsageFlush } from "../../src/server/server.ts";
import { createMemoryLog, openSqliteUsage } from "../../src/store/index.ts";
import { temporaryFolder } from "./logs.ts";

let folder: string;
const open: UsageStore[] = [];
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  for (const store of open.splice(0)) store.close();
  await rm(folder, { recursive: true });
});

function opened(store: UsageStore): UsageStore {
  open.push(store);
  return store;
}

const read = (id: number, client: string, lastReadAt: number, reads = 1): UsageCount => ({
  context: ".",
  id,
  client,
  reads,
  registrations: 0,
  lastReadAt,
});

describe.each([
  ["memory", (countsMax?: number) => createMemoryUsage(countsMax)],
  [
    "SQLite",
    (countsMax?: number) =>
      openSqliteUsage({ folder, ...(countsMax === undefined ? {} : { countsMax }) }),
  ],
])("counts of usage in %s", (_name, create) => {
  const clients = (store: UsageStore, id: number) =>
    store.clientsOf(".", id).map(({ client }) => client);

  test("add up, and the later time stands", () => {
    const store = opened(create());
    const registered = { context: ".", id: 1, client: "a", reads: 0, registrations: 2 };
    store.add([read(1, "a", 20, 3), { ...registered, lastRegisteredAt: 5 }]);
    store.add([read(1, "a", 10)]);
    expect(store.clientsOf(".", 1)).toEqual([
      { client: "a", reads: 4, registrations: 2, lastReadAt: 20, lastRegisteredAt: 5 },
    ]);
  });

  test("belong to an id of a context, most recent first", () => {
    const store = opened(create());
    store.add([read(1, "a", 1), read(1, "b", 1), { ...read(1, "c", 1), context: ".x" }]);
    store.add([read(1, "a", 1), read(2, "d", 1)]);
    expect(clients(store, 1)).toEqual(["a", "b"]);
    expect(clients(store, 2)).toEqual(["d"]);
    expect(clients(store, 3)).toEqual([]);
    expect(store.clientsOf(".x", 1).map(({ client }) => client)).toEqual(["c"]);
  });

  test(`are kept for the last ${CLIENTS_MAX} clients of an id`, () => {
    const store = opened(create());
    store.add(Array.from({ length: CLIENTS_MAX }, (_, n) => read(1, `c${n}`, n)));
    store.add([read(1, "c0", 1), read(1, "new", 1)]);
    expect(clients(store, 1)).toHaveLength(CLIENTS_MAX);
    expect(clients(store, 1).slice(0, 2)).toEqual(["new", "c0"]);
    expect(clients(store, 1)).not.toContain("c1");
  });

  test("are bounded in all: what was added to longest ago is forgotten", () => {
    const store = opened(create(2));
    store.add([read(1, "a", 1), read(2, "b", 1)]);
    store.add([read(1, "a", 2)]);
    store.add([read(2, "c", 3)]);
    expect([clients(store, 1), clients(store, 2)]).toEqual([["a"], ["c"]]);
  });
});

describe("counts of usage in a file", () => {
  test("are there after a restart of the registry", async () => {
    const first = await createRegistryServer({ data: folder, port: 0 });
    const headers = { "x-client-id": "billing", "content-type": "application/json" };
    const body = JSON.stringify({ schema: '"string"' });
    await fetch(`${first.url}/subjects/s/versions`, { method: "POST", headers, body });
    await fetch(`${first.url}/schemas/ids/1`, { headers });
    await first.close();
    const second = await createRegistryServer({ data: folder, port: 0 });
    await fetch(`${second.url}/schemas/ids/1`, { headers });
    const answer = await fetch(`${second.url}/subjects/s/versions/1/usage`);
    await second.close();
    expect(await answer.json()).toMatchObject({
      clients: [{ client: "billing", reads: 2, registrations: 1 }],
    });
  });

  test("of two processes add up", () => {
    const [one, other] = [
      opened(openSqliteUsage({ folder })),
      opened(openSqliteUsage({ folder })),
    ] as const;
    one.add([read(1, "a", 1)]);
    other.add([read(1, "a", 2)]);
    expect(one.clientsOf(".", 1)).toMatchObject([{ client: "a", reads: 2, lastReadAt: 2 }]);
  });

  test("that can't be used cost the report and nothing else; it says why", async () => {
    await (await createRegistryServer({ data: folder, port: 0 })).close();
    writeFileSync(join(folder, "usage.sqlite"), "this is not a database, but a text file");
    const told: unknown[] = [];
    const registry = await createRegistryServer({
      data: folder,
      port: 0,
      onFailure: () => undefined,
      onUsageFailure: (error) => told.push(error),
    });
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ schema: '"string"' });
    await fetch(`${registry.url}/subjects/s/versions`, { method: "POST", headers, body });
    expect((await fetch(`${registry.url}/schemas/ids/1`)).status).toBe(200);
    const report = await fetch(`${registry.url}/usage`);
    expect(report.status).toBe(500);
    expect(await report.json()).toMatchObject({ error_code: 50001 });
    await registry.close();
    expect(told).toMatchObject([{ code: "STORE_FILE_INVALID" }]);
  });

  test("that was deleted or replaced begin anew, which is said once", () => {
    const store = opened(openSqliteUsage({ folder }));
    store.add([read(1, "a", 1)]);
    for (const name of readdirSync(folder)) rmSync(join(folder, name));
    const lost = expect.objectContaining({ code: "STORE_FILE_REPLACED" }) as unknown;
    expect(() => store.add([read(1, "b", 2)])).toThrow(lost);
    store.add([read(1, "b", 2)]);
    expect(store.clientsOf(".", 1).map(({ client }) => client)).toEqual(["b"]);
    rmSync(join(folder, "usage.sqlite"));
    const other = opened(openSqliteUsage({ folder }));
    other.add([read(1, "c", 3)]);
    expect(() => store.clientsOf(".", 1)).toThrow(lost);
    expect(store.clientsOf(".", 1).map(({ client }) => client)).toEqual(["c"]);
  });

  test("that fail again and again are told once, until they can be kept again", async () => {
    let isDown = true;
    const told: unknown[] = [];
    const log = createMemoryLog();
    const memory = createMemoryUsage();
    const usage: UsageStore = {
      ...memory,
      add: (counts) => {
        if (isDown) throw new Error("down");
        memory.add(counts);
      },
    };
    const service = await createRegistryService({ log, clock: Date.now, usage });
    await service.register("s", { schema: '"string"' }, {});
    const flush = createUsageFlush({ service, onUsageFailure: (error) => told.push(error) });
    for (const down of [true, true, false, true, true]) {
      isDown = down;
      service.usage.note({ kind: "read", schema: 1, client: "a" });
      await flush();
    }
    expect(told).toEqual([new Error("down"), new Error("down")]);
  });

  test("are handed over again when the store did not take them", async () => {
    let isDown = true;
    const memory = createMemoryUsage();
    const usage: UsageStore = {
      ...memory,
      add: (counts) => {
        if (isDown) throw new Error("down");
        memory.add(counts);
      },
    };
    const log = createMemoryLog();
    const service = await createRegistryService({ log, clock: Date.now, usage });
    await service.register("s", { schema: '"string"' }, {});
    service.usage.note({ kind: "read", schema: 1, client: "a" });
    await expect(service.usage.flush()).rejects.toThrow("down");
    service.usage.note({ kind: "read", schema: 1, client: "a" });
    isDown = false;
    expect(await service.usage.report({})).toMatchObject([{ clients: [{ reads: 2 }] }]);
  });

  test("are handed over in parts, between which others run", async () => {
    const parts: number[] = [];
    const memory = createMemoryUsage();
    const usage: UsageStore = {
      ...memory,
      add: (counts) => {
        parts.push(counts.length);
        memory.add(counts);
      },
    };
    let turns = 0;
    const turn = async () => {
      turns++;
      // What is noted meanwhile does not keep it going for ever.
      service.usage.note({ kind: "read", schema: 1, client: `late${turns}` });
    };
    const log = createMemoryLog();
    const service = await createRegistryService({ log, clock: Date.now, usage, turn });
    for (let n = 1; n <= 600; n++) {
      await service.register(`s${n}`, { schema: `{"type":"fixed","name":"F","size":${n}}` }, {});
      service.usage.note({ kind: "read", schema: n, client: "a" });
    }
    await service.usage.flush();
    expect(parts).toEqual([250, 250, 102]);
    expect(turns).toBe(2);
    expect(memory.clientsOf(".", 600)).toHaveLength(1);
  });

  test("that the store does not take are bounded: those of the first schema are given up", () => {
    const state = createState();
    const ids = Array.from({ length: 1 + COUNTS_MAX / CLIENTS_MAX }, (_, n) => n + 1);
    for (const id of ids) {
      const schema = `{"type":"fixed","name":"F","size":${id}}`;
      const value = { subject: `s${id}`, version: 1, id, schemaType: "AVRO", references: [] };
      const record = schemaRecord({ ...value, schema, deleted: false, ts: 0 });
      applyRecord(state, { ...record, offset: id, timestamp: 0 });
    }
    const table = createUsageTable(createMemoryUsage());
    const note = (schema: number, client: string) =>
      table.note(state, "s1", { kind: "read", schema, client }, 0);
    for (let n = 0; n <= CLIENTS_MAX; n++) note(1, `c${n}`);
    expect(table.pending).toBe(CLIENTS_MAX);
    for (const id of ids.slice(1)) for (let n = 0; n < CLIENTS_MAX; n++) note(id, `c${n}`);
    expect(table.pending).toBe(COUNTS_MAX);
    while (table.pending > 0) table.flushPart();
    expect(table.report(state, { subject: "s1" })).toMatchObject([{ clients: [] }]);
    expect(table.report(state, { subject: "s2" })).toMatchObject([{ clients: { length: 50 } }]);
  });

  test("after close is STORE_NOT_OPEN", () => {
    const store = openSqliteUsage({ folder });
    store.close();
    store.close();
    expect(() => store.clientsOf(".", 1)).toThrow(
      expect.objectContaining({ code: "STORE_NOT_OPEN" }),
    );
  });
});
