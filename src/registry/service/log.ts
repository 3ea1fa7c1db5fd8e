/**
 * `Log`: the registry's only contact with the world. The registry is a fold over its records.
 *
 * Invariants, proven by one contract suite over every implementation:
 * - Records are applied in log order, each exactly once per process, before the `transact` that
 *   appended them resolves.
 * - A `transact` that rejects left nothing in the log; one that resolved is durable.
 * - `decide` runs against a state to which everything committed before has been applied.
 * - Concurrent `transact` calls may share one append (group commit); each sees the ones before it.
 */

import type { Decision } from "../commands/index.ts";
import type { StoredRecord } from "../state/index.ts";

/** What the log drives: the fold of the state. */
export interface Fold {
  /** Applies the next record. Total: never throws, skips what it does not know. */
  apply(record: StoredRecord): void;
  /**
   * Forgets everything, before a replay from the start. Called when an append failed after its
   * records had been applied, and never otherwise.
   */
  reset(): void;
}

/** Something that a log finds wrong, or worth saying, about what it holds. */
export interface LogProblem {
  /** A sentence. */
  readonly problem: string;
  /** `damage`: what was written is not what is there. `note`: nothing is wrong. */
  readonly kind: "damage" | "note";
}

/** Where the records of the registry are kept, in one order for everybody. */
export interface Log {
  /** Replays everything into the fold, then follows. Call once, before anything else. */
  open(fold: Fold): Promise<void>;
  /**
   * Runs `decide` (synchronous, pure) against the current state and appends what it decides.
   * When `decide` throws, nothing is appended and the call rejects with that error.
   */
  transact<Result>(decide: () => Decision<Result>): Promise<Result>;
  /** Resolves when everything that was committed before the call has been applied here. */
  barrier(): Promise<void>;
  /** The library that keeps it, for people: `/health/ready` names it. */
  readonly engine?: string;
  /** Offset after the last applied record; 0 for an empty log. */
  readonly end: number;
  /**
   * Every record as stored, in order: for backup and verification.
   *
   * @throws when what is there is known not to be what was written
   */
  read(fromOffset?: number): AsyncIterable<StoredRecord>;
  /** Looks for damage in what is stored, by the log's own means. Absent: it has none. */
  check?(): AsyncIterable<LogProblem>;
  /**
   * Why writes fail, from the first one that did until one is possible again (the log finds out by
   * itself); `undefined` while they are possible.
   */
  readonly failure?: unknown;
  /**
   * The first records from an offset on, until their values have `charsMax` characters, and one at
   * least where there is one: for readers that wait for others in between. Without it they use `read`.
   */
  page?(fromOffset: number, charsMax: number): Promise<readonly StoredRecord[]>;
  /** Waits for what is in flight and lets go of files and connections. Idempotent. */
  close(): Promise<void>;
}
