/**
 * The text of a compiled function. Schemas are untrusted: whatever comes from one enters the text
 * through {@link literal} (a string literal) or {@link integer}, or stays outside as a constant.
 */

/** A string as a literal that is valid in any script, whatever is in it. */
export function literal(text: string): string {
  return JSON.stringify(text).replace(/[\u2028\u2029]/g, (unit) =>
    unit === "\u2028" ? "\\u2028" : "\\u2029",
  );
}

/** An integer as a literal. */
export function integer(value: number): string {
  if (!Number.isSafeInteger(value)) throw new TypeError(`${value} is no integer`);
  return String(value);
}

/** A member of an object, by whatever name. */
export function member(object: string, name: string): string {
  return `${object}[${literal(name)}]`;
}

/** A function of more steps than this calls helpers instead of holding the short cases itself. */
const INLINE_STEPS_MAX = 250;

/** A text of more steps than this leaves its further records to texts of their own. */
export const ROOT_STEPS_MAX = 2000;
/** The same for these: what data did not ask for yet should not be printed with them. */
export const PART_STEPS_MAX = 200;
/** Functions inside each other, while they are printed. */
const OPEN_FUNCTIONS_MAX = 30;
/** What one codec compiles in all its texts; the rest is interpreted. */
export const CODE_STEPS_MAX = 20_000;
/** What it costs to compile one text at all, in steps. */
export const TEXT_STEPS = 100;

/** Collects the functions and constants of one compiled codec. */
export class Emitter {
  /** Values that the text refers to as `K[i]`. */
  readonly constants: unknown[] = [];
  readonly #functions: string[] = [];
  #lines: string[] = [];
  #steps = 0;
  #total = 0;
  #open = 0;
  #names = 0;
  readonly #stepsMax: number;

  /** @param stepsMax - How many steps the text may have before it is full. */
  constructor(stepsMax: number) {
    this.#stepsMax = stepsMax;
  }

  /** A fresh variable name. */
  name(prefix: string): string {
    this.#names++;
    return `${prefix}${this.#names}`;
  }

  /** A reference to a value outside the text. */
  constant(value: unknown): string {
    this.constants.push(value);
    return `K${this.constants.length - 1}`;
  }

  /** Adds text to the function in progress. */
  add(...lines: string[]): void {
    this.#lines.push(...lines);
  }

  /** Counts a step of the function in progress. */
  step(): void {
    this.#steps++;
    this.#total++;
  }

  /** All steps so far, of all functions. */
  get stepsInAll(): number {
    return this.#total;
  }

  /** Whether the text has become so long, or its functions so nested, that another one should begin. */
  get isFull(): boolean {
    return this.#total > this.#stepsMax || this.#open > OPEN_FUNCTIONS_MAX;
  }

  /** Whether the function in progress has become so long that calls are better than text. */
  get isLong(): boolean {
    return this.#steps > INLINE_STEPS_MAX;
  }

  /** Prints a function apart from the one in progress. */
  function(head: string, body: () => void): void {
    const lines = this.#lines;
    const steps = this.#steps;
    this.#lines = [];
    this.#steps = 0;
    this.#open++;
    body();
    this.#open--;
    this.#functions.push(`${head} {\n${this.#lines.join("\n")}\n}`);
    this.#lines = lines;
    this.#steps = steps;
  }

  /** Compiles the functions with the helpers and constants in scope; `root` is the one to return. */
  compile(helpers: Readonly<Record<string, unknown>>, state: string, root: string): unknown {
    const names = Object.keys(helpers);
    const constants = this.constants.map((_, i) => `K${i} = K[${i}]`);
    const text = [
      '"use strict";',
      `const { ${names.join(", ")} } = h;`,
      constants.length > 0 ? `const ${constants.join(", ")};` : "",
      state,
      ...this.#functions,
      `return ${root};`,
    ].join("\n");
    return new Function("h", "K", text)(helpers, this.constants);
  }
}

const bailOut = new Error("the interpreter decides");

/** Leaves compiled code; the interpreter takes the call over from the start. */
export function bail(): never {
  throw bailOut;
}
