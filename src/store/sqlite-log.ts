/**
 * A log in one SQLite file, which several processes on one machine may share.
 *
 * Invariants:
 * - One transaction takes what is queued (group commit), for as long as others may wait: take the write
 *   lock, read what other processes appended, decide one after the other, insert, commit once. A call
 *   resolves after the commit that holds its records.
 * - Records are applied before the commit, because the next decision of the group needs them; when
 *   the transaction fails, the fold is reset and replayed from the file, and the whole group rejects.
 * - A decision that throws inserted nothing and harms no other.
 */
import type { Decision, Fold, Log, StoredRecord } from "../registry/index.ts";
import { storeErrors } from "./errors.ts";
import type { SqliteFile } from "./sqlite-file.ts";
import { isBusy, openSqliteFile, storeError } from "./sqlite-file.ts";

/** Options of {@link openSqliteLog}. */
export interface SqliteLogOptions {
  /** Folder of the file `registry.sqlite`; made when it is not there. */
  readonly folder: string;
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly clock?: () => number;
  /** How often records of other processes are looked for, in ms. Default 100. */
  readonly pollMs?: number;
  /** How long a write waits for another process's lock, in ms. Default 5000. */
  readonly busyWaitMs?: number;
  /** Largest size of the file in bytes. Default none. */
  readonly bytesMax?: number;
  /** `read` for tools that only look: every `transact` with records rejects. Default `read-write`. */
  readonly access?: "read-write" | "read";
}

/**
 * Opens (or makes) the file.
 *
 * @throws STORE_FOLDER_UNUSABLE, STORE_FILE_INVALID, STORE_FILE_NEWER, STORE_BUSY, STORE_FAILED
 */
export function openSqliteLog(options: SqliteLogOptions): Log {
  const { folder, access = "read-write", bytesMax } = options;
  return new SqliteLog(openSqliteFile({ folder, access, bytesMax }), options);
}

/** How long a transaction takes in calls, in ms; the one that is being decided then is the last. */
const GROUP_MS = 20;
/** Calls that share one transaction at most. */
const GROUP_MAX = 1000;
const PAGE_ROWS = 1000;
/** How long SQLite itself sleeps on a lock; longer waits give the event loop back. */
const LOCK_SLEEP_MS = 5;

interface Job {
  readonly decide: () => Decision<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

class SqliteLog implements Log {
  readonly #file: SqliteFile;
  readonly #clock: () => number;
  readonly #pollMs: number;
  readonly #busyWaitMs: number;
  readonly #statements: Statements;
  #fold: Fold | undefined;
  #end = 0;
  #dataVersion = -1;
  #queue: Job[] = [];
  #flush: Promise<void> | undefined;
  #poll: NodeJS.Timeout | undefined;
  #mustReplay = false;
  #closed = false;

  constructor(file: SqliteFile, options: SqliteLogOptions) {
    this.#file = file;
    this.#clock = options.clock ?? Date.now;
    this.#pollMs = options.pollMs ?? 100;
    this.#busyWaitMs = options.busyWaitMs ?? 5000;
    this.#statements = prepareStatements(file);
    file.database.pragma(`busy_timeout = ${LOCK_SLEEP_MS}`);
  }

  get end(): number {
    return this.#end;
  }

  async open(fold: Fold): Promise<void> {
    this.#fold = fold;
    try {
      this.#follow();
    } catch (error) {
      throw storeError(this.#file.path, error);
    }
    this.#poll = setInterval(() => this.#tryFollow(), this.#pollMs).unref();
  }

  transact<Result>(decide: () => Decision<Result>): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      if (this.#fold === undefined || this.#closed) {
        reject(storeErrors.create("STORE_NOT_OPEN"));
        return;
      }
      // The queue holds jobs of every result type; each resolves with its own decision's result.
      this.#queue.push({ decide, resolve: resolve as (result: unknown) => void, reject });
      this.#flush ??= this.#flushAll();
    });
  }

  async barrier(): Promise<void> {
    if (this.#closed) return;
    try {
      this.#follow();
    } catch (error) {
      throw storeError(this.#file.path, error);
    }
  }

  async *read(fromOffset = 0): AsyncIterable<StoredRecord> {
    for (let from = fromOffset; ; ) {
      const rows = this.#page(from);
      for (const row of rows) yield row;
      const last = rows.at(-1);
      if (last === undefined) return;
      from = last.offset + 1;
    }
  }

  async page(fromOffset: number, charsMax: number): Promise<readonly StoredRecord[]> {
    const rows: StoredRecord[] = [];
    let chars = 0;
    try {
      for (const row of this.#statements.page.iterate(fromOffset, PAGE_ROWS)) {
        rows.push(row);
        chars += row.value?.length ?? 0;
        if (chars >= charsMax) break;
      }
    } catch (error) {
      throw storeError(this.#file.path, error);
    }
    return rows;
  }

  #page(from: number): readonly StoredRecord[] {
    try {
      return this.#statements.page.all(from, PAGE_ROWS);
    } catch (error) {
      throw storeError(this.#file.path, error);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#poll);
    await this.#flush;
    this.#file.database.close();
  }

  /** Applies what other processes appended. Cheap when there is nothing. */
  #follow(): void {
    if (this.#mustReplay) this.#replay();
    const version = Number(this.#statements.dataVersion.get());
    if (version === this.#dataVersion) return;
    this.#readTail();
    this.#dataVersion = version;
  }

  #tryFollow(): void {
    try {
      this.#follow();
    } catch {
      // The next poll, barrier or write meets the same trouble; a write reports it.
    }
  }

  #readTail(): void {
    for (const row of this.#statements.tail.iterate(this.#end)) this.#apply(row);
  }

  #apply(record: StoredRecord): void {
    this.#end = record.offset + 1;
    this.#fold?.apply(record);
  }

  async #flushAll(): Promise<void> {
    // One turn of the event loop, so that requests which arrived together share a transaction.
    await new Promise(setImmediate);
    // Of each group, not of the whole run: under load the queue may never be empty.
    let deadline = performance.now() + this.#busyWaitMs;
    while (this.#queue.length > 0) {
      const error = this.#begin();
      if (error !== undefined) {
        await this.#waitOrFail(error, deadline);
        continue;
      }
      this.#commitGroup();
      deadline = performance.now() + this.#busyWaitMs;
      if (this.#queue.length > 0) await new Promise(setImmediate);
    }
    this.#flush = undefined;
  }

  /** Takes the write lock; an error instead of throwing, because waiting is the usual answer. */
  #begin(): unknown {
    try {
      if (this.#mustReplay) this.#replay();
      this.#statements.begin.run();
      return undefined;
    } catch (error) {
      return error;
    }
  }

  async #waitOrFail(error: unknown, deadline: number): Promise<void> {
    if (isBusy(error) && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * LOCK_SLEEP_MS));
      return;
    }
    const failure = isBusy(error)
      ? storeErrors.create("STORE_BUSY", { file: this.#file.path, waitMs: this.#busyWaitMs }, error)
      : storeError(this.#file.path, error);
    for (const job of this.#queue.splice(0)) job.reject(failure);
  }

  /** Takes calls from the queue until it is time to let others run, and commits them together. */
  #commitGroup(): void {
    const outcomes: (() => void)[] = [];
    const start = this.#end;
    const until = performance.now() + GROUP_MS;
    try {
      this.#readTail();
      const timestamp = this.#clock();
      for (const job of this.#queue) {
        outcomes.push(this.#run(job, timestamp));
        if (outcomes.length === GROUP_MAX || performance.now() >= until) break;
      }
      this.#statements.commit.run();
    } catch (error) {
      this.#rollBack(this.#end > start);
      const failure = storeError(this.#file.path, error);
      // Those behind it, too: each further try would read the whole file again.
      for (const job of this.#queue.splice(0)) job.reject(failure);
      return;
    }
    this.#queue.splice(0, outcomes.length);
    for (const settle of outcomes) settle();
  }

  /** Decides, inserts and applies one job; how to settle it is for after the commit. */
  #run(job: Job, timestamp: number): () => void {
    let decision: Decision<unknown>;
    try {
      decision = job.decide();
    } catch (error) {
      return () => job.reject(error);
    }
    for (const { key, value } of decision.records) {
      const record = { offset: this.#end, timestamp, key, value };
      this.#statements.insert.run(record.offset, timestamp, key, value);
      this.#apply(record);
    }
    return () => job.resolve(decision.result);
  }

  #rollBack(applied: boolean): void {
    // SQLite itself rolls back on some errors (a full disk); a second time is an error.
    if (this.#file.database.inTransaction) {
      try {
        this.#statements.rollback.run();
      } catch {
        // The connection is beyond help; the next write reports it.
      }
    }
    if (!applied) return;
    this.#mustReplay = true;
    this.#tryFollow();
  }

  /** Reads everything before it forgets anything: a file that can't be read costs no reads. */
  #replay(): void {
    const rows = this.#statements.tail.all(0);
    this.#fold?.reset();
    this.#end = 0;
    for (const row of rows) this.#apply(row);
    this.#mustReplay = false;
  }
}

type Statements = ReturnType<typeof prepareStatements>;

function prepareStatements({ database, path }: SqliteFile) {
  try {
    const columns = "SELECT offset, timestamp, key, value FROM records";
    return {
      tail: database.prepare<[number], StoredRecord>(
        `${columns} WHERE offset >= ? ORDER BY offset`,
      ),
      page: database.prepare<[number, number], StoredRecord>(
        `${columns} WHERE offset >= ? ORDER BY offset LIMIT ?`,
      ),
      insert: database.prepare<[number, number, string, string | null]>(
        "INSERT INTO records (offset, timestamp, key, value) VALUES (?, ?, ?, ?)",
      ),
      dataVersion: database.prepare("PRAGMA data_version").pluck(),
      begin: database.prepare("BEGIN IMMEDIATE"),
      commit: database.prepare("COMMIT"),
      rollback: database.prepare("ROLLBACK"),
    };
  } catch (error) {
    database.close();
    throw storeError(path, error);
  }
}
