/**
 * The outside world as a process sees it that can be killed: every call is a place where it can stop.
 *
 * Invariants:
 * - A process that was killed has no effect any more: its calls are not carried out and never answered.
 * - A call that is under way when the process is killed has its effect, and no answer.
 * - A function that the process gave to the world (the body of a transaction) fails there as a lost
 *   connection does, so that the world can roll back.
 */

/** A place where a process can be killed. */
export interface CrashPoint {
  /** The call, as `db.insertPayment`; undefined for the commit of the offset. */
  readonly call: string | undefined;
  readonly when: "before" | "after";
  /** Which message was being handled, from 1. */
  readonly message: number;
}

/** One life of a process, up to its crash. */
export class Life {
  /** The places that it came by. */
  readonly points: CrashPoint[] = [];
  readonly #crashAt: number | undefined;
  #isOver = false;
  readonly #calls = new Set<Promise<unknown>>();
  #die = (): void => {};
  /** Resolves when it is killed. */
  readonly death: Promise<void>;
  /** The message in hand, from 1. */
  message = 0;

  /** @param crashAt the place, counted from 0, at which it is killed; undefined: it lives */
  constructor(crashAt: number | undefined) {
    this.#crashAt = crashAt;
    this.death = new Promise((resolve) => {
      this.#die = resolve;
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Comes by a place; false when it goes no further. */
  pass(call: string | undefined, when: "before" | "after"): boolean {
    if (this.#isOver) return false;
    this.points.push({ call, when, message: this.message });
    if (this.points.length - 1 !== this.#crashAt) return true;
    this.end();
    return false;
  }

  /** Nothing that it does from now on has an effect. */
  end(): void {
    this.#isOver = true;
    this.#die();
  }

  /** Resolves when every call that is under way has had its effect. */
  async settled(): Promise<void> {
    while (this.#calls.size > 0) await Promise.allSettled(this.#calls);
  }

  under(call: Promise<unknown>): void {
    this.#calls.add(call);
    const remove = (): void => {
      this.#calls.delete(call);
    };
    call.then(remove, remove);
  }
}

type AnyFunction = (...args: unknown[]) => unknown;

/** The world as a process sees it. `hidden` are members of the world that are no calls of the process. */
export function worldOf<W extends object>(world: W, life: Life, hidden: readonly string[]): W {
  return seen(world, "", life, new Set(hidden)) as W;
}

function seen(
  target: object,
  path: string,
  life: Life,
  hidden: ReadonlySet<PropertyKey> = new Set(),
): object {
  const known = new Map<PropertyKey, { readonly of: unknown; readonly as: unknown }>();
  const memberOf = (name: PropertyKey, value: unknown): unknown => {
    const label = path === "" ? String(name) : `${path}.${String(name)}`;
    if (typeof value === "function") return callOf(value as AnyFunction, target, label, life);
    return typeof value === "object" && value !== null && !isData(value)
      ? seen(value, label, life)
      : value;
  };
  return new Proxy(target, {
    get(_target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (hidden.has(name) || typeof name === "symbol" || isFixed(target, name)) return value;
      const before = known.get(name);
      if (before !== undefined && before.of === value) return before.as;
      const as = memberOf(name, value);
      known.set(name, { of: value, as });
      return as;
    },
    set(_target, name, value) {
      return life.isOver || Reflect.set(target, name, value, target);
    },
  });
}

/** What a proxy has to show as it is. */
function isFixed(target: object, name: PropertyKey): boolean {
  const own = Reflect.getOwnPropertyDescriptor(target, name);
  return own !== undefined && own.configurable === false && own.writable === false;
}

function callOf(method: AnyFunction, target: object, label: string, life: Life): AnyFunction {
  return (...args) => {
    if (!life.pass(label, "before")) return never();
    const given = args.map((arg) =>
      typeof arg === "function" ? bodyOf(arg as AnyFunction, label, life) : arg,
    );
    const result: unknown = Reflect.apply(method, target, given);
    if (!isThenable(result))
      return life.pass(label, "after") ? handed(result, label, life) : never();
    const promise = Promise.resolve(result);
    life.under(promise);
    return new Promise((resolve, reject) => {
      promise.then(
        (value) => {
          if (life.pass(label, "after")) resolve(handed(value, label, life));
        },
        (error: unknown) => {
          if (life.pass(label, "after")) reject(error as Error);
        },
      );
    });
  };
}

/** A function of the process as the world calls it. */
function bodyOf(body: AnyFunction, label: string, life: Life): AnyFunction {
  return (...args) => {
    if (life.isOver) throw new ConnectionLost();
    const result = body(...args.map((arg) => handed(arg, label, life)));
    if (!isThenable(result)) return result;
    const lost = life.death.then(() => {
      throw new ConnectionLost();
    });
    return Promise.race([result, lost]);
  };
}

/** What the world sees of a process that was killed. */
class ConnectionLost extends Error {
  constructor() {
    super("the connection was lost");
  }
}

/** What the world hands out: a connection or a transaction is part of the world, a row is not. */
function handed(value: unknown, label: string, life: Life): unknown {
  if (typeof value !== "object" || value === null || isData(value)) return value;
  return hasMethods(value) ? seen(value, label, life) : value;
}

/** Values without a life of their own. */
function isData(value: object): boolean {
  return (
    value instanceof Date ||
    value instanceof RegExp ||
    value instanceof Error ||
    value instanceof Promise ||
    ArrayBuffer.isView(value)
  );
}

const PLAIN: ReadonlySet<unknown> = new Set([
  Object.prototype,
  Array.prototype,
  Map.prototype,
  Set.prototype,
  null,
]);

function hasMethods(value: object): boolean {
  if (Object.values(value).some((member) => typeof member === "function")) return true;
  return !PLAIN.has(Object.getPrototypeOf(value));
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    "then" in value &&
    typeof value.then === "function"
  );
}

/** What a killed process waits for. */
function never(): Promise<never> {
  return new Promise(() => {});
}
