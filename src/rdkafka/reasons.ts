/**
 * Why a client has no connection. librdkafka answers "broker transport failure" to whoever waits, and
 * writes the reason into its log: one line for each connection that failed. This file reads the lines.
 *
 * Invariants:
 * - The words are librdkafka's, without the time and state that it adds, and never hold a secret.
 * - A failure is final only when librdkafka is sure that trying again ends in the same way.
 * - For each broker the newest reason counts, but one that explains is not replaced by one that does not.
 */
import type { KafkaSettings } from "./settings.ts";

/**
 * What went wrong with a connection: the log-in or the TLS handshake was refused; the broker hung up
 * before it said anything, as listeners of another security protocol do; or nobody was reached.
 */
export type TroubleKind = "log-in" | "tls" | "hung up" | "unreached";

/** Why the last connection to a broker failed. */
export interface Trouble {
  /** `host:port` */
  readonly broker: string;
  readonly kind: TroubleKind;
  /** librdkafka's words. */
  readonly reason: string;
  /** The broker was told of by another one, and not named in the options. */
  readonly advertised: boolean;
}

/** `[thrd:name]: protocol://host:port/bootstrap: reason (after 3ms in state CONNECT)` */
const LINE =
  /^(?:\[thrd:.*?\]: )?(?:[a-z_]+:\/\/)?([^\s/]+:\d+)\/(\w+|-\d+): (.*?)(?: \(after \d+ms in state ([A-Z_]+)[^()]*\))?$/s;

const LOG_IN = /^SASL |authentication (?:error|fail)|mechanism handshake failed/i;
const HUNG_UP = /\bDisconnected\b|connection closed by peer|connection reset/i;
const TLS = /\bSSL\b|certificate|handshake/i;
/** A broker that died or stalled in the middle, whatever it was asked. */
const PASSES = /timed? ?out|transport failure|refused|Failed to resolve/i;

/**
 * Reads a line of librdkafka's log.
 *
 * @param facility - Only lines of `FAIL` are about connections.
 */
export function troubleIn(facility: string, line: string): Trouble | undefined {
  if (facility !== "FAIL") return undefined;
  const [, broker, name, reason = "", state = ""] = LINE.exec(line) ?? [];
  if (broker === undefined) return undefined;
  return { broker, kind: kindOf(reason, state), reason, advertised: name !== "bootstrap" };
}

function kindOf(reason: string, state: string): TroubleKind {
  if (PASSES.test(reason)) return "unreached";
  if (LOG_IN.test(reason)) return "log-in";
  if (HUNG_UP.test(reason)) return "hung up";
  if (TLS.test(reason) || state === "SSL_HANDSHAKE") return "tls";
  return "unreached";
}

/** How much a kind explains: a later line of a lower rank does not replace it. */
const RANK: Readonly<Record<TroubleKind, number>> = {
  "log-in": 3,
  tls: 3,
  "hung up": 2,
  unreached: 1,
};

/** The newest reason of each broker. */
export class Troubles {
  readonly #secrets: readonly string[];
  readonly #byBroker = new Map<string, Trouble>();
  #fatal: string | undefined;

  constructor(settings: KafkaSettings = {}) {
    this.#secrets = secretsOf(settings);
  }

  /** Takes a line of the log. */
  note(facility: string, line: string): void {
    const masked = this.mask(line);
    if (facility === "FATAL") this.#fatal ??= FATAL_LINE.exec(masked)?.[1];
    const found = troubleIn(facility, masked);
    if (found === undefined) return;
    const before = this.#byBroker.get(found.broker);
    if (before !== undefined && explainsMore(before, found)) return;
    this.#byBroker.set(found.broker, found);
  }

  /** Forgets what was before a connection that works. */
  clear(): void {
    this.#byBroker.clear();
  }

  get all(): readonly Trouble[] {
    return [...this.#byBroker.values()];
  }

  /** What ended the client, in librdkafka's words. */
  get fatal(): string | undefined {
    return this.#fatal;
  }

  /** Whether every one of that many brokers refused in a way that will not change. */
  areFinal(brokers: number): boolean {
    const final = this.all.filter(({ kind }) => kind === "log-in" || kind === "tls");
    return final.length >= brokers && final.length === this.#byBroker.size;
  }

  /** The reasons as a sentence; undefined when there is none. */
  get reason(): string | undefined {
    const all = this.all;
    return all.length === 0
      ? undefined
      : all.map(({ broker, reason }) => `${broker}: ${reason}`).join("; ");
  }

  /** Text of librdkafka without the passwords and keys of the settings. */
  mask(text: string): string {
    let masked = text;
    for (const secret of this.#secrets) masked = masked.replaceAll(secret, MASK);
    return masked;
  }
}

function explainsMore(before: Trouble, found: Trouble): boolean {
  if (before.kind === found.kind) return before.reason.includes(found.reason);
  return RANK[before.kind] > RANK[found.kind];
}

const FATAL_LINE = /Fatal error: (.*)$/s;

const known = new WeakMap<object, Troubles>();

/** Reads a client's log from now on. */
export function watchTroubles(client: LoggingClient, settings?: KafkaSettings): Troubles {
  const troubles = new Troubles(settings);
  known.set(client, troubles);
  client.on("event.log", ({ fac, message }) => troubles.note(fac, message));
  return troubles;
}

/** What is known of a client. */
export function troublesOf(client: object | undefined): Troubles | undefined {
  return client === undefined ? undefined : known.get(client);
}

interface LoggingClient {
  on(event: "event.log", listener: (line: LogLine) => void): unknown;
}

interface LogLine {
  readonly fac: string;
  readonly message: string;
}

const MASK = "***";
const SECRET = /password|passphrase|secret|\.pem$|^ssl_key$|oauthbearer\.(?:config|extensions)$/;
/** Shorter ones are part of ordinary words; librdkafka never prints a password by itself. */
const SECRET_CHARS_MIN = 4;

function secretsOf(settings: KafkaSettings): readonly string[] {
  return Object.entries(settings)
    .filter(([name, value]) => SECRET.test(name) && String(value).length >= SECRET_CHARS_MIN)
    .map(([, value]) => String(value));
}

/** The row of the error table for what keeps a client from connecting. */
export function rowOf(troubles: readonly Trouble[]): ConnectRow {
  if (troubles.length === 0) return "RDKAFKA_CONNECT_FAILED";
  // A broker that can't be reached may come back, and then one more try helps.
  const worst = troubles.reduce((a, b) => (RANK[b.kind] < RANK[a.kind] ? b : a));
  return ROWS[worst.kind];
}

type ConnectRow =
  | "RDKAFKA_AUTHENTICATION_FAILED"
  | "RDKAFKA_CONNECT_FAILED"
  | "RDKAFKA_PROTOCOL_MISMATCH"
  | "RDKAFKA_TLS_FAILED";

const ROWS: Readonly<Record<TroubleKind, ConnectRow>> = {
  "log-in": "RDKAFKA_AUTHENTICATION_FAILED",
  tls: "RDKAFKA_TLS_FAILED",
  "hung up": "RDKAFKA_PROTOCOL_MISMATCH",
  unreached: "RDKAFKA_CONNECT_FAILED",
};
