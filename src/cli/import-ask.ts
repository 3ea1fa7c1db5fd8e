/**
 * Asking a registry that may be strange, slow or hostile.
 *
 * Invariants:
 * - The outcome of one question is a value: found, absent, or failed. Only a signal, or a registry that
 *   fails again and again, ends the import.
 * - A registry that says "later" (429) is waited for.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { isTypewireError, shorten, show } from "../base/index.ts";
import type { RawRequest, RegistryClient } from "../client/index.ts";
import { refusalOf } from "../client/index.ts";
import { cliErrors } from "./errors.ts";

/** What a question met. */
export type Met =
  | { readonly kind: "found"; readonly body: unknown }
  | {
      readonly kind: "absent";
      /** The registry's code; undefined where the route itself is not there. */
      readonly errorCode?: number | undefined;
      readonly reason: string;
      readonly error: unknown;
    }
  | { readonly kind: "failed"; readonly reason: string; readonly error: unknown };

export type Query = NonNullable<RawRequest["query"]>;

/** Failures in a row after which the registry is asked whether it is up at all. */
export const FAILURES_MAX = 50;
/** Rounds of the client's own attempts while a registry says "later". */
const ROUNDS_MAX = 20;
const REASON_CHARS_MAX = 300;

/** Asks one registry. */
export class Asker {
  readonly client: RegistryClient;
  readonly #signal: AbortSignal | undefined;
  #failuresInARow = 0;

  constructor(client: RegistryClient, signal?: AbortSignal) {
    this.client = client;
    this.#signal = signal;
  }

  /** @throws CLI_IMPORT_STOPPED, and what the client throws when the registry is down */
  async get(path: string, query: Query = {}): Promise<Met> {
    for (let round = 1; ; round++) {
      if (this.#signal?.aborted) throw cliErrors.create("CLI_IMPORT_STOPPED");
      try {
        const body = await this.client.request("GET", path, { query });
        this.#failuresInARow = 0;
        return { kind: "found", body };
      } catch (error) {
        const waitMs = laterMs(error);
        if (waitMs === undefined || round === ROUNDS_MAX) return this.#met(path, error);
        await sleep(waitMs);
      }
    }
  }

  async #met(path: string, error: unknown): Promise<Met> {
    const reason = `GET ${show(path)}: ${reasonOf(error)}`;
    const refusal = refusalOf(error);
    const status = refusal?.status ?? statusOf(error);
    if (status === 404 || status === 405 || status === 501) {
      this.#failuresInARow = 0;
      return { kind: "absent", errorCode: refusal?.errorCode, reason, error };
    }
    if (!isTypewireError(error)) throw error;
    this.#failuresInARow++;
    if (this.#failuresInARow >= FAILURES_MAX) await this.#beSureItIsUp();
    return { kind: "failed", reason, error };
  }

  /** Many failures may be many broken versions; what every registry answers tells. */
  async #beSureItIsUp(): Promise<void> {
    await this.client.request("GET", "/subjects");
    this.#failuresInARow = 0;
  }
}

function statusOf(error: unknown): number | undefined {
  const { status } = isTypewireError(error) ? error.details : {};
  return typeof status === "number" ? status : undefined;
}

/** How long a registry wants to be left alone, once the client has given up. */
function laterMs(error: unknown): number | undefined {
  if (statusOf(error) !== 429 || !isTypewireError(error, "CLIENT_UNREACHABLE")) return undefined;
  const { retryAfterMs } = error.details;
  return typeof retryAfterMs === "number" ? retryAfterMs : 1000;
}

function reasonOf(error: unknown): string {
  if (!isTypewireError(error)) return String(error);
  const { reason, status } = error.details;
  const text = typeof reason === "string" ? reason : error.message;
  const short = shorten(text, REASON_CHARS_MAX);
  return typeof status === "number" && !short.startsWith("status")
    ? `status ${status}, ${short}`
    : short;
}
