/** Connecting, with a client of node-rdkafka that is played. */
import { EventEmitter, once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { connect } from "../../src/rdkafka/connect.ts";
import type { AnyClient } from "../../src/rdkafka/queries.ts";
import { freePorts } from "../brokers/ports.mjs";

interface Play {
  /** What the log says each time that metadata is asked for. */
  readonly log?: string;
  /** What answers the question. */
  readonly answer?: Error | { readonly brokers: readonly { host: string; port: number }[] };
  /** What answers before it is asked. */
  readonly refuses?: Error;
}

class PlayedClient extends EventEmitter {
  asked = 0;
  disconnected = 0;
  readonly #play: Play;

  constructor(play: Play) {
    super();
    this.#play = play;
  }

  connect(options: { timeout: number }, done: (error: unknown, data?: unknown) => void): void {
    if (this.#play.refuses) done(this.#play.refuses);
    else this.getMetadata(options, done);
  }

  getMetadata(_options: unknown, done: (error: unknown, data?: unknown) => void): void {
    this.asked++;
    const { log, answer = coded(-195, "broker transport failure") } = this.#play;
    if (log !== undefined) this.emit("event.log", { fac: "FAIL", message: log });
    setImmediate(() => (answer instanceof Error ? done(answer) : done(null, answer)));
  }

  disconnect(done: () => void): void {
    this.disconnected++;
    done();
  }
}

function coded(code: number, message: string, origin = "local"): Error {
  return Object.assign(new Error(message), { code, origin });
}

function tryIt(play: Play, connectTimeoutMs = 250, brokers = ["b:1"]) {
  const client = new PlayedClient(play);
  const options = { brokers, clientId: "me", connectTimeoutMs };
  const settled = connect(client as unknown as AnyClient, options);
  return { client, settled };
}

const LONG_MS = 600_000;

describe("what is final ends at once, whatever the time-out", () => {
  test.each([
    ["RDKAFKA_AUTHENTICATION_FAILED", "SASL authentication error: Authentication failed"],
    ["RDKAFKA_TLS_FAILED", "SSL handshake failed: certificate verify failed"],
  ])("%s", async (code, reason) => {
    const { client, settled } = tryIt({ log: `b:1/bootstrap: ${reason}` }, LONG_MS);
    await expect(settled).rejects.toMatchObject({ code, retriable: false });
    await expect(settled).rejects.toThrow(reason);
    expect(client.asked).toBe(1);
  });

  test("but not while another of the brokers may answer", async () => {
    const log = "b:1/bootstrap: SASL authentication error: Authentication failed";
    const { client, settled } = tryIt({ log }, 350, ["b:1", "c:1"]);
    await expect(settled).rejects.toMatchObject({ code: "RDKAFKA_AUTHENTICATION_FAILED" });
    expect(client.asked).toBeGreaterThan(1);
  });

  test("RDKAFKA_SETTING_INVALID for settings that contradict each other", async () => {
    const refuses = coded(-1, "it is defined broker side", "`session.timeout.ms`");
    await expect(tryIt({ refuses }, LONG_MS).settled).rejects.toMatchObject({
      code: "RDKAFKA_SETTING_INVALID",
      message: expect.stringContaining(
        "`session.timeout.ms`: it is defined broker side",
      ) as unknown,
      retriable: false,
    });
  });
});

describe("what may pass is tried until the time is over", () => {
  test.each([
    ["RDKAFKA_CONNECT_FAILED", "Connect to ipv4#1.2.3.4:1 failed: Connection refused", true],
    ["RDKAFKA_CONNECT_FAILED", "Failed to resolve 'b:1': Name or service not known", true],
    ["RDKAFKA_PROTOCOL_MISMATCH", "Disconnected: connection closed by peer", false],
  ])("%s: %s", async (code, reason, retriable) => {
    const { client, settled } = tryIt({ log: `b:1/bootstrap: ${reason}` });
    await expect(settled).rejects.toMatchObject({ code, retriable });
    await expect(settled).rejects.toThrow(reason);
    expect(client.asked).toBeGreaterThan(1);
  });

  test("without a word in the log, the answer is the reason", async () => {
    await expect(tryIt({}).settled).rejects.toMatchObject({
      code: "RDKAFKA_CONNECT_FAILED",
      message: expect.stringContaining("broker transport failure") as unknown,
    });
  });
});

describe("the brokers that the cluster advertises", () => {
  test("are not asked where one of them was given", async () => {
    const answer = { brokers: [{ host: "B", port: 1 }] };
    const { client, settled } = tryIt({ answer }, LONG_MS, ["PLAINTEXT://b:1"]);
    await settled;
    expect(client.asked).toBe(1);
    // What stood in for the method while connecting is gone.
    expect(Object.hasOwn(client, "getMetadata")).toBe(false);
  });

  test("have to accept connections, one of them at least", async () => {
    const [nobody = 0] = await freePorts(1);
    const server = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const host = "127.0.0.1";
    const brokers = [{ host, port: nobody }];
    const { client, settled } = tryIt({ answer: { brokers } }, LONG_MS);
    await expect(settled).rejects.toMatchObject({
      code: "RDKAFKA_ADVERTISED_UNREACHABLE",
      message: expect.stringContaining(`${host}:${nobody}`) as unknown,
      retriable: false,
    });
    expect(client.disconnected).toBe(1);
    await tryIt({ answer: { brokers: [...brokers, { host, port }] } }, LONG_MS).settled;
  });
});
