/**
 * `GET /changes`: what changes, as server-sent events.
 *
 * Invariants:
 * - A stream has every change after its start once, in order of offset. A client that is slow costs
 *   no memory: of what it cannot take at once, only a few changes wait; the rest is read from the log.
 * - A client that takes nothing for two heartbeats is cut off; it comes back with `Last-Event-ID`.
 * - A server that goes down ends its streams and drops new ones without an answer, so that an
 *   `EventSource` tries again (a status would make it give up).
 *
 * Source: the HTML standard, "Server-sent events".
 */
import type { ServerResponse } from "node:http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { QueryOf } from "../api/index.ts";
import { isAccepted, routes } from "../api/index.ts";
import type { Change, Changes } from "../registry/index.ts";
import { hasSubjectPrefix } from "../registry/index.ts";
import { foreignPage, isForeign } from "./access.ts";
import { badRequest, HttpError, notAcceptable } from "./http-error.ts";
import type { ServerMetrics, Tally } from "./metrics.ts";
import { elapsedMs } from "./note.ts";
import { readCall, urlOf } from "./routing.ts";
import type { ServerSettings } from "./settings.ts";

/** The open streams of a server. */
export interface ChangeStreams {
  /** Ends all, and takes no more. */
  close(): void;
}

const RETRY_MS = 1000;
/** Changes that wait for a client; beyond that they are read from the log when their turn comes. */
const WAITING_MAX = 64;
const HEARTBEAT = ":\n\n";
const EVENT_STREAM = "text/event-stream";
/** Offsets are 64 bit in Kafka; these are the ones that a number holds. */
const OFFSET = /^(?:-1|\d{1,15})$/;

type Query = QueryOf<"E5">;

/** Registers the route. */
export function registerChanges(
  app: FastifyInstance,
  settings: ServerSettings,
  metrics: ServerMetrics,
): ChangeStreams {
  const open = new Set<ChangeStream>();
  let isClosing = false;
  metrics.watchStreams(() => open.size);
  const tally = metrics.tally(routes.E5.operation, routes.E5.method);
  app.route({
    method: "GET",
    url: urlOf(routes.E5),
    config: { tally },
    handler: async (request, reply) => {
      const start = await readStart(request, settings);
      if (isClosing) {
        drop(reply);
        return;
      }
      if (open.size >= settings.changeStreamsMax) throw tooMany(settings);
      const response = openResponse(request, reply, start, tally);
      if (request.method === "HEAD") {
        response.end();
        return;
      }
      const stream = new ChangeStream(response, settings, start);
      open.add(stream);
      try {
        await stream.run();
      } catch (error) {
        // The head is out: all that is left is to end, and to say here why.
        const { id: requestId, method, originalUrl: url } = request;
        settings.onFailure({ requestId, method, url, error });
      } finally {
        open.delete(stream);
      }
    },
  });
  return {
    close() {
      isClosing = true;
      for (const stream of open) stream.end();
    },
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
  const call = readCall({ row: routes.E5, validate: undefined }, request);
  const { since, once: isOnce = false, subjectPrefix } = call.query as Query;
  const lastEventId = request.headers["last-event-id"];
  const text = typeof lastEventId === "string" ? lastEventId : since;
  if (text !== undefined && !OFFSET.test(text)) {
    throw badRequest(`The offset ${JSON.stringify(text)} is not a number from -1`);
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
  throw badRequest(`The offset ${after} is not reached yet: the next one is ${end}`);
}

function tooMany({ changeStreamsMax }: ServerSettings): HttpError {
  return new HttpError(503, `There are ${changeStreamsMax} streams of changes already`);
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
  /** Offset of the last change that was sent or passed over. */
  #position: number;
  /** Changes that were heard of and not sent yet. */
  #waiting: Change[] = [];
  /** Whether something after the position is neither sent nor waiting. */
  #mustRead = true;
  #wake: () => void = () => undefined;
  #isBlocked = false;
  #isOver = false;

  constructor(
    response: ServerResponse,
    { service, changeHeartbeatMs }: ServerSettings,
    start: Start,
  ) {
    this.#response = response;
    this.#changes = service.changes;
    this.#start = start;
    this.#heartbeatMs = changeHeartbeatMs;
    this.#position = start.after;
  }

  /** Sends until the client or the server ends it. */
  async run(): Promise<void> {
    const stop = this.#changes.subscribe((change) => this.#hear(change));
    const heartbeat = this.#startHeartbeat();
    // A client that goes away in the middle of a write is its end, not an error of ours.
    this.#response.on("error", () => this.end());
    this.#response.on("close", () => this.end());
    try {
      while (!this.#isOver) {
        const next = this.#waiting.shift();
        if (this.#mustRead) await this.#sendStored();
        else if (next !== undefined) await this.#send(next);
        else if (this.#start.once) break;
        else await this.#news();
      }
    } finally {
      stop();
      clearInterval(heartbeat);
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

  #hear(change: Change): void {
    if (this.#waiting.length < WAITING_MAX) this.#waiting.push(change);
    else this.#mustRead = true;
    this.#wake();
  }

  /** Sends what the log has after the position. What is heard of meanwhile waits, or is read next. */
  async #sendStored(): Promise<void> {
    this.#mustRead = false;
    this.#waiting = [];
    for await (const change of this.#changes.since(this.#position + 1)) {
      await this.#send(change);
      if (this.#isOver) return;
    }
  }

  async #send(change: Change): Promise<void> {
    // Heard of twice: while it was read, or when the state was folded again.
    if (change.offset <= this.#position) return;
    this.#position = change.offset;
    if (!isMeant(change, this.#start.subjectPrefix)) return;
    const text = `id: ${change.offset}\ndata: ${JSON.stringify(change)}\n\n`;
    if (this.#response.write(text)) return;
    this.#isBlocked = true;
    await new Promise<void>((resolve) => {
      this.#response.once("drain", resolve);
      this.#wake = () => {
        if (this.#isOver) resolve();
      };
    });
    this.#isBlocked = false;
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #startHeartbeat(): NodeJS.Timeout {
    let wasBlocked = false;
    return setInterval(() => {
      if (this.#isBlocked && wasBlocked) this.#response.destroy();
      wasBlocked = this.#isBlocked;
      if (!this.#isBlocked && !this.#isOver) this.#response.write(HEARTBEAT);
    }, this.#heartbeatMs).unref();
  }
}

function isMeant({ subject, context }: Change, prefix: string | undefined): boolean {
  if (prefix === undefined) return true;
  return hasSubjectPrefix(subject ?? `:${context ?? "."}:`, prefix);
}
