/**
 * `GET /changes`: what changes, as server-sent events.
 *
 * Invariants:
 * - A stream has every change after its start once, in order of offset.
 * - A client costs what its socket holds of one event: nothing waits for one that is slow. What it could
 *   not take at once is read from the log when its turn comes, in pages that streams share.
 * - A client that takes no byte for two heartbeats is cut off, and every stream ends some time, so that
 *   one which is not read at all does not hold its place for ever; both come back with `Last-Event-ID`.
 * - One address holds a part of the places only.
 * - A server that goes down ends its streams and drops new ones without an answer, so that an
 *   `EventSource` tries again (a status would make it give up).
 *
 * Source: the HTML standard, "Server-sent events".
 */
import type { ServerResponse } from "node:http";
import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from "fastify";
import type { QueryOf } from "../api/index.ts";
import { isAccepted, routes } from "../api/index.ts";
import { contextKey, DEFAULT_CONTEXT } from "../confluent/index.ts";
import type { Change, Changes } from "../registry/index.ts";
import { hasSubjectPrefix } from "../registry/index.ts";
import { foreignPage, isForeign, networkOf } from "./access.ts";
import { badRequest, HttpError, notAcceptable } from "./http-error.ts";
import type { ServerMetrics, Tally } from "./metrics.ts";
import type { IsClosing } from "./operational.ts";
import { readCall } from "./read-call.ts";
import { elapsedMs, failureOf } from "./request-log.ts";
import { urlOf } from "./routing.ts";
import type { ServerSettings } from "./settings.ts";

const RETRY_MS = 1000;
const HEARTBEAT = ":\n\n";
const EVENT_STREAM = "text/event-stream";
/** Offsets are 64 bit in Kafka; these are the ones that a number holds. */
const OFFSET = /^(?:-1|\d{1,15})$/;

type Query = QueryOf<"changes.stream">;

/** The route, as a plugin: when the server closes, its streams end. */
export function changeRoute(
  settings: ServerSettings,
  metrics: ServerMetrics,
  isClosing: IsClosing,
): FastifyPluginCallback {
  const open = new Set<ChangeStream>();
  const places = createPlaces(settings, () => open.size);
  metrics.watchStreams(() => open.size);
  const row = routes["changes.stream"];
  const tally = metrics.tally("changes.stream", row.method);
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const start = await readStart(request, settings);
    if (isClosing()) {
      drop(reply);
      return;
    }
    const leave = places.take(request.ip);
    try {
      const response = openResponse(request, reply, start, tally);
      if (request.method === "HEAD") {
        response.end();
        return;
      }
      const stream = new ChangeStream(response, settings, start);
      open.add(stream);
      await stream.run().finally(() => open.delete(stream));
    } catch (error) {
      // The head is out: all that is left is to end, and to say here why.
      settings.onFailure(failureOf(request, error));
    } finally {
      leave();
    }
  };
  return (app, _options, done) => {
    app.route({
      method: row.method,
      url: urlOf(row),
      config: { tally, access: row.access },
      handler: answer,
    });
    app.addHook("preClose", (ended) => {
      for (const stream of open) stream.end();
      ended();
    });
    done();
  };
}

interface Start {
  /** Offset of the last change that the client has; -1 for none. */
  readonly after: number;
  /** Whether to end after what is there already. */
  readonly once: boolean;
  readonly subjectPrefix: string | undefined;
}

async function readStart(request: FastifyRequest, settings: ServerSettings): Promise<Start> {
  // It would hold one of few places, unread.
  if (isForeign(request.headers, request.headers.host, settings.corsOrigins)) {
    throw foreignPage(request.headers);
  }
  if (!isAccepted(request.headers.accept, EVENT_STREAM)) throw notAcceptable();
  const call = readCall({ row: routes["changes.stream"], validate: undefined }, request);
  const { since, once: isOnce = false, subjectPrefix } = call.query as Query;
  const lastEventId = request.headers["last-event-id"];
  const text = typeof lastEventId === "string" ? lastEventId : since;
  if (text !== undefined && !OFFSET.test(text)) {
    throw badRequest(`The offset ${JSON.stringify(text)} must be a whole number from -1`);
  }
  const now = settings.service.stats().logEnd - 1;
  const after = text === undefined ? now : Number(text);
  if (after > now) await checkReached(after, settings);
  return { after, once: isOnce, subjectPrefix };
}

/**
 * An offset that another process gave out may not have arrived here. One that is nowhere is of another
 * log, one before a restore perhaps: a stream from there would leave out changes without a word.
 */
async function checkReached(after: number, { service, log }: ServerSettings): Promise<void> {
  await log?.barrier();
  const end = service.stats().logEnd;
  if (after < end) return;
  throw badRequest(
    `The offset ${after} is beyond this registry's log, which ends at ${end}. If it was restored, read everything again with ?since=-1`,
  );
}

/** The places for streams. */
interface Places {
  /** Takes one; returns how to leave it. @throws 503, 429 */
  take(address: string): () => void;
}

function createPlaces(
  { changeStreamsMax, changeStreamsPerAddress }: ServerSettings,
  taken: () => number,
): Places {
  const byNetwork = new Map<string, number>();
  return {
    take(address) {
      if (taken() >= changeStreamsMax) {
        throw new HttpError(
          503,
          `All ${changeStreamsMax} streams of changes are in use. Try again later, or raise --change-streams-max`,
        );
      }
      const network = networkOf(address);
      const count = byNetwork.get(network) ?? 0;
      if (count >= changeStreamsPerAddress) {
        const most = `${changeStreamsPerAddress} streams of changes open, as many as one may have`;
        throw new HttpError(
          429,
          `This address has ${most}. End one, or raise --change-streams-per-address`,
        );
      }
      byNetwork.set(network, count + 1);
      return () => {
        const left = (byNetwork.get(network) ?? 1) - 1;
        if (left > 0) byNetwork.set(network, left);
        else byNetwork.delete(network);
      };
    },
  };
}

function drop(reply: FastifyReply): void {
  reply.hijack();
  reply.raw.destroy();
}

/** Head and first lines: how long to wait before coming back, and from where on. */
function openResponse(
  request: FastifyRequest,
  reply: FastifyReply,
  { after }: Start,
  tally: Tally,
): ServerResponse {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    "content-type": EVENT_STREAM,
    "cache-control": "no-store",
    // Proxies that would collect the answer before they pass it on.
    "x-accel-buffering": "no",
    "x-request-id": request.id,
  });
  tally(200, elapsedMs(request.raw), 0, 0);
  if (request.method !== "HEAD") raw.write(`retry: ${RETRY_MS}\nid: ${after}\n\n`);
  return raw;
}

/** One client's stream. */
class ChangeStream {
  readonly #response: ServerResponse;
  readonly #changes: Changes;
  readonly #start: Start;
  readonly #heartbeatMs: number;
  readonly #longestMs: number;
  /** Offset of the last change that was sent or passed over. */
  #position: number;
  /** Whether something after the position may not have been sent. */
  #isBehind = true;
  /** Whether the log is being read. */
  #isReading = false;
  /** Whether the socket holds more than it should. */
  #isBlocked = false;
  #isOver = false;
  #wake: () => void = () => undefined;

  constructor(
    response: ServerResponse,
    { service, changeHeartbeatMs, changeStreamMs }: ServerSettings,
    start: Start,
  ) {
    this.#response = response;
    this.#changes = service.changes;
    this.#start = start;
    this.#heartbeatMs = changeHeartbeatMs;
    this.#longestMs = changeStreamMs;
    this.#position = start.after;
  }

  /** Sends until the client or the server ends it. */
  async run(): Promise<void> {
    const stop = this.#changes.subscribe((change) => this.#hear(change));
    const stopTimers = this.#startTimers();
    // A client that goes away in the middle of a write is its end, not an error of ours.
    this.#response.on("error", () => this.end());
    this.#response.on("close", () => this.end());
    this.#response.on("drain", () => {
      this.#isBlocked = false;
      this.#wake();
    });
    try {
      while (!this.#isOver) {
        if (this.#isBlocked) await this.#news();
        else if (this.#isBehind) await this.#catchUp();
        else if (this.#start.once) break;
        else await this.#news();
      }
    } finally {
      stop();
      stopTimers();
      this.end();
    }
  }

  /** Ends it after what was written; what a client does not take is not waited for. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#isBlocked) this.#response.destroy();
    else this.#response.end();
    this.#wake();
  }

  /** Sends a change at once, if nothing before it is missing and the socket takes more. */
  #hear(change: Change): void {
    if (this.#isReading || this.#isBehind || this.#isBlocked) this.#isBehind = true;
    else if (!this.#isOver) this.#send(change);
    this.#wake();
  }

  /** Sends what the log has after the position, as fast as the socket takes it. */
  async #catchUp(): Promise<void> {
    // What is heard of from here on is read in the next round, if not in this one.
    this.#isBehind = false;
    this.#isReading = true;
    for await (const change of this.#changes.since(this.#position + 1)) {
      this.#send(change);
      while (this.#isBlocked && !this.#isOver) await this.#news();
      if (this.#isOver) break;
    }
    this.#isReading = false;
  }

  #send(change: Change): void {
    // Heard of twice: while it was read, or when the state was folded again.
    if (change.offset <= this.#position) return;
    this.#position = change.offset;
    if (!isMeant(change, this.#start.subjectPrefix)) return;
    const text = `id: ${change.offset}\ndata: ${JSON.stringify(change)}\n\n`;
    this.#isBlocked = !this.#response.write(text);
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #startTimers(): () => void {
    const heartbeat = setInterval(() => {
      if (!this.#isBlocked && !this.#isOver) this.#response.write(HEARTBEAT);
    }, this.#heartbeatMs).unref();
    const longest = setTimeout(() => this.end(), this.#longestMs).unref();
    // Runs out when no byte was taken; each heartbeat that the socket takes begins it anew.
    this.#response.setTimeout(2 * this.#heartbeatMs, () => this.#response.destroy());
    return () => {
      clearInterval(heartbeat);
      clearTimeout(longest);
    };
  }
}

function isMeant({ subject, context }: Change, prefix: string | undefined): boolean {
  if (prefix === undefined) return true;
  return hasSubjectPrefix(subject ?? contextKey(context ?? DEFAULT_CONTEXT), prefix);
}
