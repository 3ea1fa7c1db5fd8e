/**
 * Connections without a network: what a client takes, and when it is timed out, is up to the test and
 * not to the buffers of the kernel and the load of the machine.
 */
import { once } from "node:events";
import { Duplex } from "node:stream";
import type { FastifyInstance } from "fastify";
import { buildApp } from "../../src/server/app.ts";
import type { ServiceServerOptions } from "../../src/server/index.ts";
import { createMetrics } from "../../src/server/metrics.ts";
import { settingsOf } from "../../src/server/settings.ts";
import { requestHead } from "./raw-http.ts";

/** A server that does not listen. */
export async function unboundServer(options: ServiceServerOptions): Promise<FastifyInstance> {
  const settings = settingsOf(options);
  const app = buildApp(settings, createMetrics(settings), () => false);
  await app.ready();
  return app;
}

/** The server's end of a connection. */
export class MemoryClient extends Duplex {
  readonly remoteAddress = "127.0.0.1";
  /** After how long without a byte the server wants to hear of it; 0 for never. */
  timeoutMs = 0;
  /** What was handed over so far; of a client that takes nothing the first piece alone. */
  received = "";
  readonly #takes: boolean;

  constructor(app: FastifyInstance, target: string, { takes }: { readonly takes: boolean }) {
    super();
    this.#takes = takes;
    app.server.emit("connection", this);
    this.push(requestHead("GET", target));
  }

  override _read(): void {
    // The request is all that comes.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.received += chunk.toString("latin1");
    this.emit("received");
    if (this.#takes) done();
  }

  setTimeout(ms: number): this {
    this.timeoutMs = ms;
    return this;
  }

  /** Resolves once the text was received so often. */
  async until(text: string, times = 1): Promise<void> {
    while (this.received.split(text).length <= times) await once(this, "received");
  }
}

/** What `/metrics` shows. */
export async function metricsOf(app: FastifyInstance): Promise<string> {
  const client = new MemoryClient(app, "/metrics", { takes: true });
  await once(client, "finish");
  return client.received;
}
