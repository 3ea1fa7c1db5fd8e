import { rm } from "node:fs/promises";
import { afterEach, describe, expect, test } from "vitest";
import type { Log } from "../../src/registry/index.ts";
import { createRegistryService } from "../../src/registry/index.ts";
import type { ServiceServer, ServiceServerOptions } from "../../src/server/index.ts";
import { createRegistryServer, serveService } from "../../src/server/index.ts";
import { storeErrors } from "../../src/store/errors.ts";
import { createMemoryLog } from "../../src/store/index.ts";
import { sqliteEngine } from "../../src/store/sqlite-engine.ts";
import { temporaryFolder } from "../store/logs.ts";

const servers: ServiceServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serve(log: Log, options: Partial<ServiceServerOptions> = {}): Promise<string> {
  const service = await createRegistryService({ log, clock: () => 1 });
  const server = await serveService({ service, log, port: 0, drainMs: 0, ...options });
  servers.push(server);
  return server.url;
}

/** A log whose barrier does what the test says. */
function logWith(barrier: () => Promise<void>): Log {
  return Object.assign(createMemoryLog(), { barrier });
}

async function probe(url: string, path = "/health/ready") {
  const response = await fetch(url + path);
  return { status: response.status, body: (await response.json()) as unknown };
}

describe("/health/ready", () => {
  test("is 200 while the store answers, also on a file", async () => {
    const folder = await temporaryFolder();
    const server = await createRegistryServer({ data: folder, port: 0 });
    servers.push(server);
    const store = sqliteEngine();
    expect(await probe(server.url)).toEqual({ status: 200, body: { status: "UP", store } });
    await server.close();
    await rm(folder, { recursive: true });
  });

  test("is 503 with the reason while the store fails, and 200 when it is back", async () => {
    let failure: Error | undefined = storeErrors.create("STORE_NOT_OPEN");
    const url = await serve(
      logWith(async () => {
        if (failure !== undefined) throw failure;
      }),
    );
    const down = (reason: string) => ({ status: 503, body: { status: "DOWN", reason } });
    expect(await probe(url)).toEqual(down("The registry's store failed: STORE_NOT_OPEN"));
    failure = new Error("a text with /secret/paths");
    expect(await probe(url)).toEqual(down("The registry's store failed"));
    failure = undefined;
    expect(await probe(url)).toEqual({ status: 200, body: { status: "UP" } });
  });

  test("is 503 when the store does not answer in time, and asks it only once meanwhile", async () => {
    let asked = 0;
    let answer = () => {};
    const log = logWith(() => {
      asked++;
      return new Promise((resolve) => {
        answer = resolve;
      });
    });
    const url = await serve(log, { readyWaitMs: 1 });
    const reason = "The store has not answered within 1 ms";
    const down = { status: 503, body: { status: "DOWN", reason } };
    expect([await probe(url), await probe(url), asked]).toEqual([down, down, 1]);
    answer();
    expect((await probe(url)).status).toBe(503);
    expect(asked).toBe(2);
  });

  test("leaves liveness and start-up alone", async () => {
    const url = await serve(logWith(() => Promise.reject(new Error("broken"))));
    for (const path of ["/health/live", "/health/startup"]) {
      expect(await probe(url, path)).toEqual({ status: 200, body: { status: "UP" } });
    }
  });
});

describe("/metrics", () => {
  async function metricsOf(url: string): Promise<Map<string, number>> {
    const text = await (await fetch(`${url}/metrics`)).text();
    const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    return new Map(
      lines.map((line) => {
        const at = line.lastIndexOf(" ");
        return [line.slice(0, at), Number(line.slice(at + 1))] as const;
      }),
    );
  }

  async function playedRegistry(): Promise<string> {
    const server = await createRegistryServer({ store: "memory", port: 0, drainMs: 0 });
    servers.push(server);
    const send = async (method: string, path: string, body?: object) => {
      const json = { "Content-Type": "application/json" };
      const init = body === undefined ? {} : { headers: json, body: JSON.stringify(body) };
      await (await fetch(server.url + path, { method, ...init })).arrayBuffer();
    };
    await send("POST", "/subjects/s/versions", { schema: '"int"' });
    await send("POST", "/subjects/s/versions", { schema: '"int"' });
    await send("POST", "/subjects/s/versions", { schema: '"long"' });
    await send("POST", "/subjects/t/versions", { schema: '"int"' });
    await send("DELETE", "/subjects/t/versions/1");
    await send("DELETE", "/subjects/t/versions/1?permanent=true");
    await send("DELETE", "/subjects/s");
    await send("GET", "/schemas/ids/99");
    return server.url;
  }

  test("counts schemas that came and went", async () => {
    const metrics = await metricsOf(await playedRegistry());
    const created = metrics.get('kafka_schema_registry_schemas_created{schema_type="avro"}');
    const deleted = metrics.get('kafka_schema_registry_schemas_deleted{schema_type="avro"}');
    expect([created, deleted]).toEqual([3, 3]);
  });

  test("has the log's position, open streams, and the sizes of the state", async () => {
    const metrics = await metricsOf(await playedRegistry());
    const names = ["log_end", "subjects", "versions", "deleted_versions", "schemas", "contexts"];
    const values = names.map((name) => metrics.get(`typewire_registry_${name}`));
    expect(values).toEqual([6, 0, 0, 2, 2, 1]);
    expect(metrics.get("typewire_change_streams")).toBe(0);
  });

  test("has gauges that say what their help says: what the lists show", async () => {
    const server = await createRegistryServer({ store: "memory", port: 0, drainMs: 0 });
    servers.push(server);
    const send = async (method: string, path: string, body?: object) => {
      const init = { method, ...(body && { body: Buffer.from(JSON.stringify(body)) }) };
      return (await fetch(server.url + path, init)).json() as Promise<unknown>;
    };
    const schema = { schema: '"int"' };
    for (const subject of ["a", "b", ":.x:a", ":.y:a"]) {
      await send("POST", `/subjects/${subject}/versions`, schema);
    }
    await send("DELETE", "/subjects/b");
    await send("DELETE", "/subjects/:.x:a");
    await send("PUT", "/config/:.z:", { compatibility: "FULL" });
    const metrics = await metricsOf(server.url);
    const lists = [await send("GET", "/subjects"), await send("GET", "/contexts")];
    expect(lists).toEqual([
      [":.y:a", "a"],
      [".", ".x", ".y"],
    ]);
    const gauges = ["subjects", "contexts"].map((name) => metrics.get(`typewire_registry_${name}`));
    expect(gauges).toEqual([2, 3]);
  });

  test("has a histogram of the store, by operation, and its failures", async () => {
    const metrics = await metricsOf(await playedRegistry());
    const of = (operation: string) => [
      metrics.get(`typewire_store_duration_seconds_count{operation="${operation}"}`),
      metrics.get(`typewire_store_duration_seconds_bucket{le="+Inf",operation="${operation}"}`),
      metrics.get(`typewire_store_failures_total{operation="${operation}"}`),
    ];
    expect([of("transact"), of("barrier")]).toEqual([
      [6, 6, 0],
      [1, 1, 0],
    ]);
  });

  test("has the bytes of requests and answers by operation", async () => {
    const metrics = await metricsOf(await playedRegistry());
    const labels = '{endpoint="subjects.versions.register",method="POST",status="200"}';
    const body = JSON.stringify({ schema: '"int"' }).length;
    expect(metrics.get(`typewire_http_request_bytes_total${labels}`)).toBe(4 * body + 1);
    expect(metrics.get(`typewire_http_response_bytes_total${labels}`)).toBe(4 * '{"id":1}'.length);
  });
});
