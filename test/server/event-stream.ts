import type { ClientRequest, IncomingMessage } from "node:http";
import { get } from "node:http";

/** An event as it came, or a comment. */
export interface StreamEvent {
  readonly id?: string;
  readonly data?: unknown;
  readonly comment?: string;
}

/** An open stream of server-sent events. */
export interface EventStream {
  readonly response: IncomingMessage;
  /** The next events, as many as asked for, retry and comments left out. */
  next(count: number): Promise<StreamEvent[]>;
  /** The next comment. */
  comment(): Promise<string>;
  /** Everything until the server ends it. */
  rest(): Promise<StreamEvent[]>;
  close(): void;
}

/** Opens a stream; resolves with its head. */
export async function openEvents(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<EventStream> {
  const { request, response } = await open(url, headers);
  response.setEncoding("utf8");
  const blocks = blocksOf(response)[Symbol.asyncIterator]();
  const take = async (isWanted: (event: StreamEvent) => boolean): Promise<StreamEvent> => {
    for (;;) {
      const { value, done } = await blocks.next();
      if (done === true) throw new Error("the stream has ended");
      const event = parseEvent(value);
      if (isWanted(event)) return event;
    }
  };
  return {
    response,
    async next(count) {
      const events: StreamEvent[] = [];
      while (events.length < count) events.push(await take(({ data }) => data !== undefined));
      return events;
    },
    comment: async () => (await take(({ comment }) => comment !== undefined)).comment ?? "",
    async rest() {
      const events: StreamEvent[] = [];
      for (let next = await blocks.next(); next.done !== true; next = await blocks.next()) {
        const event = parseEvent(next.value);
        if (event.data !== undefined) events.push(event);
      }
      return events;
    },
    close: () => request.destroy(),
  };
}

function open(
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<{ request: ClientRequest; response: IncomingMessage }> {
  return new Promise((resolve, reject) => {
    const request = get(url, { headers, agent: false }, (response) =>
      resolve({ request, response }),
    );
    request.once("error", reject);
  });
}

async function* blocksOf(response: IncomingMessage): AsyncGenerator<string, void, undefined> {
  let text = "";
  for await (const chunk of response) {
    text += String(chunk);
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    yield* blocks;
  }
}

function parseEvent(block: string): StreamEvent {
  const fields = new Map(
    block.split("\n").map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
    }),
  );
  const [id, data, comment] = [fields.get("id"), fields.get("data"), fields.get("")];
  return {
    ...(id !== undefined && { id }),
    ...(data !== undefined && { data: JSON.parse(data) as unknown }),
    ...(comment !== undefined && { comment }),
  };
}
