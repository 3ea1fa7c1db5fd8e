/**
 * Tells whether a call comes from within a handler, at no cost for handlers: only the call that asks
 * looks at its own stack. The stack names the functions that await each other, and the one that waits
 * for a handler has a name of its own, different for each consumer and the same in minified code.
 *
 * A call is not recognised when the handler does not await what leads to it, a callback of a timer for
 * example. Then the handler does not wait for it either.
 */

type Wait = <T>(
  working: Promise<T>,
  done: (result: T) => void,
  failed: (error: unknown) => void,
) => Promise<void>;

let marks = 0;

/** The mark that one consumer leaves on the stack of its handlers. */
export class HandlerMark {
  readonly #name = `typewire waits for handlers of consumer <${++marks}>`;
  /** Waits for work and says how it ended. */
  readonly wait: Wait = waitAs(this.#name);

  /** Whether the caller runs in, or is awaited by, {@link HandlerMark.wait}. */
  isOnStack(): boolean {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = Number.POSITIVE_INFINITY;
    const { stack } = new Error();
    Error.stackTraceLimit = stackTraceLimit;
    return typeof stack === "string" && stack.includes(this.#name);
  }
}

/** A function of that name. */
function waitAs(name: string): Wait {
  const named = {
    async [name]<T>(
      working: Promise<T>,
      done: (result: T) => void,
      failed: (error: unknown) => void,
    ): Promise<void> {
      let result: T;
      try {
        result = await working;
      } catch (error) {
        failed(error);
        return;
      }
      done(result);
    },
  };
  return named[name] as Wait;
}
