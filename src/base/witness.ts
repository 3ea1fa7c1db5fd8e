/**
 * Where this repository's tests see which errors and refusals the code really makes. A program that
 * does not set the symbol, and none but those tests does, pays for one look-up.
 */

/** Under which global symbol a function may stand that is told of every error that is made. */
export const WITNESS: unique symbol = Symbol.for("typewire.witness");

type Witness = (code: string) => void;

/** Tells the witness, if there is one, that the error or refusal of a row was made. */
export function witness(code: string): void {
  (globalThis as { readonly [WITNESS]?: Witness })[WITNESS]?.(code);
}
