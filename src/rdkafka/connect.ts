/**
 * Connecting a client, the same for all kinds of them.
 *
 * Invariants:
 * - It ends by its time-out, and before it when every broker refused in a way that will not change.
 * - The error says why, in librdkafka's words (`reasons.ts`), and is retriable only when the same
 *   settings can succeed later.
 * - A client that only the given brokers answer, and none that they advertise, is not connected: every
 *   record would wait for its time-out.
 */
import { connect as openSocket } from "node:net";
import type { LibrdKafkaError } from "node-rdkafka";
import { reasonOf } from "../base/index.ts";
import { rdkafkaErrors } from "./errors.ts";
import { isTransientCode, kafkaCodeOf, kafkaError } from "./native.ts";
import type { AnyClient } from "./queries.ts";
import type { Troubles } from "./reasons.ts";
import { rowOf, watchTroubles } from "./reasons.ts";
import type { ConnectionOptions } from "./settings.ts";

const CONNECT_TIMEOUT_MS = 10_000;
/** How long the first question waits; each one after it twice as long, and the last for the rest. */
const FIRST_SLICE_MS = 500;
/** Between questions that failed before their time. */
const PAUSE_MS = 100;
/** How long an advertised address may take to accept, whatever is left of the time-out. */
const ACCEPT_MS_MIN = 1_000;

/**
 * Connects without asking for the metadata of every topic of the cluster.
 *
 * @throws RDKAFKA_CONNECT_FAILED, RDKAFKA_AUTHENTICATION_FAILED, RDKAFKA_TLS_FAILED,
 *   RDKAFKA_PROTOCOL_MISMATCH, RDKAFKA_ADVERTISED_UNREACHABLE; RDKAFKA_SETTING_INVALID for settings
 *   that contradict each other
 */
export async function connect(client: AnyClient, options: ConnectionOptions): Promise<void> {
  const timeoutMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  const endsAt = performance.now() + timeoutMs;
  const troubles = watchTroubles(client as never, options.librdkafka);
  const advertised = await ask(client, options, timeoutMs, troubles);
  const given = new Set(options.brokers.map(addressOf));
  if (advertised.length > 0 && !advertised.some((address) => given.has(address))) {
    const leftMs = Math.max(endsAt - performance.now(), ACCEPT_MS_MIN);
    const reason = await whyUnreachable(advertised, leftMs);
    if (reason !== undefined) {
      await disconnect(client);
      const brokers = options.brokers.join(",");
      const details = { brokers, advertised: advertised.join(","), reason };
      throw rdkafkaErrors.create("RDKAFKA_ADVERTISED_UNREACHABLE", details);
    }
  }
  troubles.clear();
}

/** Resolves with the addresses that the cluster tells its clients. */
function ask(
  client: AnyClient,
  options: ConnectionOptions,
  timeoutMs: number,
  troubles: Troubles,
): Promise<readonly string[]> {
  const hopeless = (): boolean => troubles.areFinal(new Set(options.brokers).size);
  const state = askInSlices(client, timeoutMs, hopeless);
  return new Promise((resolve, reject) => {
    client.connect({ allTopics: false, timeout: timeoutMs }, (error, data) => {
      state.end();
      if (!error) {
        const brokers = data.brokers as readonly { readonly host: string; readonly port: number }[];
        resolve(brokers.map(({ host, port }) => addressOf(`${host}:${port}`)));
      } else if (!state.asked) reject(invalid(error, troubles));
      else reject(failed(error, options, timeoutMs, troubles));
    });
  });
}

/** librdkafka looks at its settings together when it makes its handle. */
function invalid(error: LibrdKafkaError, troubles: Troubles): Error {
  // The binding cuts the text of some errors in two at ": ".
  const head = /^(?:local|kafka|broker|unknown)?$/.test(error.origin ?? "") ? "" : error.origin;
  const reason = troubles.mask(head ? `${head}: ${error.message}` : error.message);
  return rdkafkaErrors.create("RDKAFKA_SETTING_INVALID", { reason }, error);
}

function failed(
  error: LibrdKafkaError,
  options: ConnectionOptions,
  timeoutMs: number,
  troubles: Troubles,
): Error {
  if (!isTransientCode(kafkaCodeOf(error))) return kafkaError("the connection", error);
  const brokers = options.brokers.join(",");
  const reason = troubles.reason ?? reasonOf(error);
  const protocol = String(options.librdkafka?.["security.protocol"] ?? "plaintext");
  const details = { brokers, timeoutMs, reason, protocol };
  return rdkafkaErrors.create(rowOf(troubles.all), details, error);
}

/**
 * A question that waits for a broker can't be called off. So the one that `client.connect` asks is
 * asked in slices, until it is answered, its time is over, or there is no hope.
 */
function askInSlices(
  client: AnyClient,
  timeoutMs: number,
  hopeless: () => boolean,
): { asked: boolean; end(): void } {
  const whole = client.getMetadata.bind(client);
  const endsAt = performance.now() + timeoutMs;
  let sliceMs = FIRST_SLICE_MS;
  const slice: AnyClient["getMetadata"] = (asked, done) => {
    const leftMs = Math.max(endsAt - performance.now(), 1);
    const timeout = Math.ceil(2 * sliceMs < leftMs ? sliceMs : leftMs);
    sliceMs *= 2;
    whole({ ...asked, timeout }, (error: LibrdKafkaError | null, data) => {
      const isOver = performance.now() + PAUSE_MS >= endsAt || hopeless();
      if (!error || isOver || !isTransientCode(kafkaCodeOf(error))) {
        done?.(error as LibrdKafkaError, data);
      } else setTimeout(slice, PAUSE_MS, asked, done);
    });
  };
  const state = {
    asked: false,
    end: (): void => {
      // Behind the client's own property there is the method of its class.
      Reflect.deleteProperty(client, "getMetadata");
    },
  };
  client.getMetadata = (asked, done) => {
    state.asked = true;
    slice(asked, done);
  };
  return state;
}

/** As `host:port`, the way the cluster writes it. */
function addressOf(broker: string): string {
  const plain = broker.replace(/^[a-z_]+:\/\//i, "").toLowerCase();
  return /\]$|^[^:]*$/.test(plain) ? `${plain}:9092` : plain;
}

/** Why none of the addresses accepts a connection; undefined when one does. */
async function whyUnreachable(
  addresses: readonly string[],
  timeoutMs: number,
): Promise<string | undefined> {
  const reasons: string[] = [];
  const tries = addresses.map((address) =>
    accepts(address, timeoutMs).catch((error: unknown) => {
      reasons.push(reasonOf(error));
      throw error;
    }),
  );
  return Promise.any(tries).then(
    () => undefined,
    () => reasons.join("; "),
  );
}

function accepts(address: string, timeoutMs: number): Promise<void> {
  const at = address.lastIndexOf(":");
  const host = address.slice(0, at).replace(/^\[|\]$/g, "");
  return new Promise((resolve, reject) => {
    const socket = openSocket({ host, port: Number(address.slice(at + 1)) });
    const timer = setTimeout(() => {
      socket.destroy(new Error(`${address} did not answer within ${Math.round(timeoutMs)} ms`));
    }, timeoutMs);
    const end = (): void => {
      clearTimeout(timer);
      socket.destroy();
    };
    socket.once("connect", () => {
      end();
      resolve();
    });
    socket.once("error", (error) => {
      end();
      reject(error);
    });
  });
}

function disconnect(client: AnyClient): Promise<void> {
  return new Promise((resolve) => {
    // A producer flushes first, for which it takes a time.
    if ("flush" in client) client.disconnect(1, () => resolve());
    else client.disconnect(() => resolve());
  });
}
