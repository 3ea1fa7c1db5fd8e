import type { ClientClock } from "../../src/client/index.ts";

/** One request as the stub saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: string | undefined;
}

/** What the stub does with a request: an answer, or a network error to throw. */
export type Reply = { readonly status: number; readonly body: unknown } | Error;

/** A `fetch` that never touches the network: it records each request and plays back replies. */
export function stubFetch(reply: (request: SeenRequest, index: number) => Reply): {
  readonly fetch: typeof globalThis.fetch;
  readonly seen: SeenRequest[];
} {
  const seen: SeenRequest[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    await Promise.resolve();
    const request: SeenRequest = {
      method: init?.method ?? "GET",
      url: String(input),
      headers: new Headers(init?.headers),
      body: typeof init?.body === "string" ? init.body : undefined,
    };
    seen.push(request);
    const answer = reply(request, seen.length - 1);
    if (answer instanceof Error) throw answer;
    const text = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body);
    return new Response(text, { status: answer.status });
  };
  return { fetch, seen };
}

export const ok = (body: unknown): Reply => ({ status: 200, body });

export const refused = (status: number, errorCode: number, message: string): Reply => ({
  status,
  body: { error_code: errorCode, message },
});

/** What `fetch` throws when the connection fails with a system code. */
export function networkError(code: string): Error {
  const cause = Object.assign(new Error(`connect ${code}`), { code });
  return new TypeError("fetch failed", { cause });
}

/** A clock that only moves when told to; sleeping moves it and is remembered. */
export function manualClock(): ClientClock & {
  advance(ms: number): void;
  readonly slept: number[];
} {
  let nowMs = 0;
  const slept: number[] = [];
  return {
    slept,
    now: () => nowMs,
    advance: (ms) => {
      nowMs += ms;
    },
    sleep: async (ms) => {
      slept.push(ms);
      nowMs += ms;
      await Promise.resolve();
    },
  };
}
