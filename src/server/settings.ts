/** Settings of the server, checked once. */
import { printable, reasonOf, redactUrl } from "../base/index.ts";
import type { Log, RegistryService } from "../registry/index.ts";
import { portlessName } from "./access.ts";
import type { Authenticate } from "./authenticate.ts";
import { anonymous } from "./authenticate.ts";
import { serverErrors } from "./errors.ts";
import { createFailureLog } from "./request-log.ts";

/** A request as it ended, for an access log. */
export interface RequestReport {
  readonly id: string;
  readonly method: string;
  /** Path and query as they came. */
  readonly url: string;
  readonly status: number;
  readonly durationMs: number;
  /** Who sent it, where that is known. */
  readonly principal?: string;
}

/** A failure behind an answer of 500. */
export interface FailureReport {
  readonly requestId: string;
  readonly method: string;
  readonly url: string;
  /** Who sent it, where that is known. */
  readonly principal?: string;
  readonly error: unknown;
}

/** How a registry is served over HTTP. */
export interface RegistryHttpOptions {
  /**
   * Called when counts of usage can't be kept, once until they can be again; nothing else fails then.
   * Default: a line on stderr.
   */
  readonly onUsageFailure?: (error: unknown) => void;
  /** Address to listen on. Default `127.0.0.1`. */
  readonly host?: string;
  /** Port to listen on; 0 takes any free one. Default 8081. */
  readonly port?: number;
  /**
   * Hosts that requests may name beside the listener's own: names without a port, or `*` for any.
   * Default: none on a loopback address, where `localhost`, `*.localhost`, `127.0.0.0/8` and `[::1]`
   * are taken; any elsewhere.
   */
  readonly allowedHosts?: readonly string[];
  /**
   * Origins whose pages may use the registry, as `https://host` or `http://host:port`. Default none:
   * pages of other origins read no answer, and are refused with 403 when they write.
   */
  readonly corsOrigins?: readonly string[];
  /** Largest request body, in bytes. Default 4 MiB. */
  readonly bodyLimitBytes?: number;
  /**
   * The release of Confluent's registry whose answers are given, for example `"7.9"`. Below 8.0
   * `schemaType` is left out for Avro, and so are `guid`, `ts` and `deleted`, and by id `subject` and
   * `version`. Default `"8.2"`.
   */
  readonly apiLevel?: string;
  /** `error_code` of an incompatible schema. Default 409; Confluent sends 40901 from 8.2 on. */
  readonly incompatibleErrorCode?: 409 | 40901;
  /** What `/v1/metadata/id` says. Default `schema-registry` and empty text. */
  readonly groupId?: string;
  readonly kafkaClusterId?: string;
  /** How long the store may take to answer the readiness probe, in ms. Default 2000. */
  readonly readyWaitMs?: number;
  /** Streams of changes at the same time. Default 100. */
  readonly changeStreamsMax?: number;
  /** Of these, from one IPv4 address or one IPv6 network (/64). Default 10. */
  readonly changeStreamsPerAddress?: number;
  /** How long a stream lasts before its client has to come back, in ms. Default 3,600,000. */
  readonly changeStreamMs?: number;
  /** Time between two signs of life on a stream of changes, in ms. Default 15,000. */
  readonly changeHeartbeatMs?: number;
  /** How long open connections are served after `close`, in ms; none are left sooner. Default 50. */
  readonly drainMs?: number;
  /** How long what is in flight may take after that, in ms, before it is cut. Default 5000. */
  readonly closeMs?: number;
  /** Called after each request. */
  readonly onRequest?: (report: RequestReport) => void;
  /**
   * Called with the cause of each answer of 500. Default: a line on stderr, for each error of typewire
   * (`STORE_FULL`, …) one a minute at most.
   */
  readonly onFailure?: (report: FailureReport) => void;
}

/** How a service that is there already is served. */
export interface ServiceServerOptions extends RegistryHttpOptions {
  readonly service: RegistryService;
  /** Closed with the server. Default: the caller closes it. */
  readonly log?: Log;
  /** Default: everybody is anonymous. */
  readonly authenticate?: Authenticate;
}

/** What the server says about itself. */
interface ServerIdentity {
  readonly version: string;
  readonly commitId: string;
  readonly groupId: string;
  readonly kafkaClusterId: string;
}

export interface ServerSettings {
  readonly service: RegistryService;
  readonly log: Log | undefined;
  readonly authenticate: Authenticate;
  readonly host: string;
  readonly port: number;
  readonly allowedHosts: ReadonlySet<string>;
  readonly corsOrigins: ReadonlySet<string>;
  readonly bodyLimitBytes: number;
  /** Whether answers have what Confluent added in 8.0. */
  readonly sendsLevel8: boolean;
  readonly incompatibleErrorCode: number;
  readonly readyWaitMs: number;
  readonly changeStreamsMax: number;
  readonly changeStreamsPerAddress: number;
  readonly changeStreamMs: number;
  readonly changeHeartbeatMs: number;
  readonly drainMs: number;
  readonly closeMs: number;
  readonly identity: ServerIdentity;
  readonly onRequest: ((report: RequestReport) => void) | undefined;
  readonly onFailure: (report: FailureReport) => void;
  readonly onUsageFailure: (error: unknown) => void;
}

const BODY_LIMIT_BYTES = 4 * 1024 * 1024;
const PORT = 8081;
const PORT_MAX = 65_535;
const READY_WAIT_MS = 2000;
const CHANGE_STREAMS_MAX = 100;
const STREAMS_PER_ADDRESS = 10;
const CHANGE_STREAM_MS = 3_600_000;
const CHANGE_HEARTBEAT_MS = 15_000;
const DRAIN_MS = 50;
const CLOSE_MS = 5000;
/** The longest time that a timer takes. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** @throws SERVER_OPTION_INVALID */
export function settingsOf(options: ServiceServerOptions): ServerSettings {
  const { service, log, groupId, kafkaClusterId, onRequest, onFailure } = options;
  const level = options.apiLevel ?? "8.2";
  if (!/^\d{1,3}\.\d{1,3}$/.test(level))
    throw invalidOption("apiLevel", level, 'write it as "8.2"');
  return {
    service,
    log,
    authenticate: options.authenticate ?? anonymous,
    host: readListenHost(options.host ?? "127.0.0.1"),
    allowedHosts: new Set(options.allowedHosts?.map(readHost)),
    corsOrigins: new Set(options.corsOrigins?.map(readOrigin)),
    ...limitsOf(options),
    sendsLevel8: Number(level.split(".")[0]) >= 8,
    incompatibleErrorCode: options.incompatibleErrorCode ?? 409,
    identity: {
      version: `${level}.0`,
      commitId: "typewire",
      groupId: groupId ?? "schema-registry",
      kafkaClusterId: kafkaClusterId ?? "",
    },
    onRequest,
    onFailure: onFailure ?? createFailureLog(),
    onUsageFailure: options.onUsageFailure ?? reportUsage,
  };
}

/** Node would take no text as every address of the machine. */
function readListenHost(host: string): string {
  if (typeof host === "string" && host !== "") return host;
  throw invalidOption("host", host, "write a name or an address; 0.0.0.0 is every one");
}

function readHost(text: string): string {
  const name = text === "*" ? text : portlessName(text);
  if (name !== undefined) return name;
  throw invalidOption(
    "allowedHosts",
    redactUrl(text),
    "write a name or an address without a port, or *",
  );
}

/** As browsers write it: lower case, without the scheme's own port and without a slash at the end. */
function readOrigin(text: string): string {
  const origin = URL.canParse(text) ? new URL(text).origin : "";
  const isAlone = /^https?:\/\/[^/?#@\\]+\/?$/i.test(text);
  if (isAlone && /^https?:/.test(origin)) return origin;
  throw invalidOption(
    "corsOrigins",
    redactUrl(text),
    "write each as https://host or http://host:port",
  );
}

function limitsOf(options: RegistryHttpOptions) {
  const limit = (
    option:
      | "port"
      | "bodyLimitBytes"
      | "readyWaitMs"
      | "changeStreamsMax"
      | "changeStreamsPerAddress"
      | "changeStreamMs"
      | "changeHeartbeatMs"
      | "drainMs"
      | "closeMs",
    standard: number,
    min: number,
    max: number,
  ) => integer(option, options[option] ?? standard, min, max);
  return {
    port: limit("port", PORT, 0, PORT_MAX),
    bodyLimitBytes: limit("bodyLimitBytes", BODY_LIMIT_BYTES, 1, 2 ** 30),
    readyWaitMs: limit("readyWaitMs", READY_WAIT_MS, 1, TIMER_MS_MAX),
    changeStreamsMax: limit("changeStreamsMax", CHANGE_STREAMS_MAX, 0, 10_000),
    changeStreamsPerAddress: limit("changeStreamsPerAddress", STREAMS_PER_ADDRESS, 0, 10_000),
    changeStreamMs: limit("changeStreamMs", CHANGE_STREAM_MS, 1, TIMER_MS_MAX),
    changeHeartbeatMs: limit("changeHeartbeatMs", CHANGE_HEARTBEAT_MS, 1, TIMER_MS_MAX / 2),
    closeMs: limit("closeMs", CLOSE_MS, 0, TIMER_MS_MAX),
    drainMs: limit("drainMs", DRAIN_MS, 0, TIMER_MS_MAX),
  };
}

function reportUsage(error: unknown): void {
  const text = reasonOf(error);
  process.stderr.write(`counts of usage can't be kept, all else goes on: ${printable(text)}\n`);
}

function integer(option: string, value: number, min: number, max: number): number {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw invalidOption(option, value, `use a whole number from ${min} to ${max}`);
}

/** An option that can't be used, and what can. */
export function invalidOption(option: string, value: unknown, reason: string) {
  return serverErrors.create("SERVER_OPTION_INVALID", { option, value, reason });
}
