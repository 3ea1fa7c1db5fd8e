/**
 * Signals that may end sends early. Many sends may share one signal, so there is one listener for each
 * signal, and none once its sends are settled.
 */

/** The ends of a promise, and how to give up on it. */
export interface AbortableEnds<T> {
  readonly signal: AbortSignal | undefined;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
  /** Says what the signal does. */
  onAbort(abort: () => void): void;
}

interface Listening {
  readonly aborts: Set<() => void>;
  readonly listener: () => void;
}

/** The signals of one producer's sends. */
export class AbortSignals {
  readonly #signals = new Map<AbortSignal, Listening>();

  /** Ends of a promise that stop listening when it is settled. */
  ends<T>(
    signal: AbortSignal | undefined,
    resolve: (value: T) => void,
    reject: (error: unknown) => void,
  ): AbortableEnds<T> {
    if (signal === undefined) return { signal, resolve, reject, onAbort: () => {} };
    let mine: (() => void) | undefined;
    const off = (): void => this.#off(signal, mine);
    return {
      signal,
      resolve(value) {
        off();
        resolve(value);
      },
      reject(error) {
        off();
        reject(error);
      },
      onAbort: (abort) => {
        mine = abort;
        this.#on(signal, abort);
      },
    };
  }

  #on(signal: AbortSignal, abort: () => void): void {
    let listening = this.#signals.get(signal);
    if (listening === undefined) {
      const aborts = new Set<() => void>();
      const listener = (): void => {
        for (const each of [...aborts]) each();
      };
      listening = { aborts, listener };
      this.#signals.set(signal, listening);
      signal.addEventListener("abort", listener, { once: true });
    }
    listening.aborts.add(abort);
  }

  #off(signal: AbortSignal, abort: (() => void) | undefined): void {
    const listening = this.#signals.get(signal);
    if (listening === undefined || abort === undefined) return;
    listening.aborts.delete(abort);
    if (listening.aborts.size > 0) return;
    this.#signals.delete(signal);
    signal.removeEventListener("abort", listening.listener);
  }
}
