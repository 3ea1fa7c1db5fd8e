/**
 * The messages of a run, one after another, as an iterator.
 *
 * Invariants: a message counts as handled when its `done()` was called, never otherwise; one that
 * nobody asked for is given up as soon as its partition closes; leaving the iteration gives up every
 * message that is not done, and closes the consumer.
 */
import type { AnyTopic } from "../../schema/index.ts";
import type { HandlerContext, MessageHandler, MessageOf } from "../contract/index.ts";
import { LaneClosed } from "./work.ts";

/** A message with its acknowledgement. */
export type Acknowledged<Message> = Message & {
  /** The message is handled; its offset may be committed. */
  done(): void;
};

type AnyAcknowledged = Acknowledged<MessageOf<AnyTopic>>;
type Result = IteratorResult<AnyAcknowledged, undefined>;

interface Entry {
  readonly message: AnyAcknowledged;
  giveUp(): void;
}

interface Reader {
  resolve(result: Result): void;
  reject(error: unknown): void;
}

const END: Result = { done: true, value: undefined };

/** Runs a consumer while it is iterated. */
export class MessageStream implements AsyncIterableIterator<AnyAcknowledged> {
  readonly #close: () => Promise<void>;
  readonly #waiting: Entry[] = [];
  readonly #open = new Set<Entry>();
  readonly #readers: Reader[] = [];
  #start: (() => void) | undefined;
  #end: { readonly error?: unknown } | undefined;

  constructor(
    run: (handler: MessageHandler<AnyTopic>) => Promise<void>,
    close: () => Promise<void>,
  ) {
    this.#close = close;
    this.#start = () => {
      run((message, context) => this.#handle(message, context)).then(
        () => this.#finish({}),
        (error: unknown) => this.#finish({ error }),
      );
    };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Result> {
    this.#start?.();
    this.#start = undefined;
    const entry = this.#waiting.shift();
    if (entry !== undefined) return Promise.resolve({ done: false, value: entry.message });
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject });
      if (this.#end !== undefined) this.#finish(this.#end);
    });
  }

  async return(): Promise<Result> {
    this.#start = undefined;
    const closing = this.#close();
    for (const entry of this.#open) entry.giveUp();
    await closing;
    return END;
  }

  #handle(message: MessageOf<AnyTopic>, { closing, signal }: HandlerContext): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const settle = (end: () => void): void => {
        this.#open.delete(entry);
        closing.removeEventListener("abort", unasked);
        signal.removeEventListener("abort", giveUp);
        end();
      };
      const giveUp = (): void => settle(() => reject(new LaneClosed()));
      const unasked = (): void => {
        const at = this.#waiting.indexOf(entry);
        if (at < 0) return;
        this.#waiting.splice(at, 1);
        giveUp();
      };
      const done = (): void => settle(resolve);
      const entry: Entry = { message: Object.assign(message, { done }), giveUp };
      this.#open.add(entry);
      closing.addEventListener("abort", unasked);
      signal.addEventListener("abort", giveUp);
      const reader = this.#readers.shift();
      if (reader === undefined) this.#waiting.push(entry);
      else reader.resolve({ done: false, value: entry.message });
    });
  }

  #finish(end: { readonly error?: unknown }): void {
    this.#end = end;
    for (const { resolve, reject } of this.#readers.splice(0)) {
      // Told once; whoever asks again after that sees the end.
      if (this.#end.error !== undefined) reject(this.#end.error);
      else resolve(END);
      this.#end = {};
    }
  }
}
