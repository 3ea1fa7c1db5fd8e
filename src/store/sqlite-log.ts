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
 * - Every record that is read is checked against the chain of hashes (`chain.ts`), whoever wrote it,
 *   and in every transaction the end of the records against the file's count of them. What does not
 *   fit is not applied, and nothing is written after it.
 * - Before a commit and before its answers the names still led to the open files: nothing is
 *   acknowledged into a file that nobody will find. What a commit put there after all is forgotten.
 * - Damage and lost files are for good: a restart begins with a fresh look. A full disk and the like
 *   pass: `failure` says so until something could be written again.
 */
import type { Decision, Fold, Log, LogProblem, StoredRecord } from "../registry/index.ts";
import type { ChainedRecord, Head } from "./chain.ts";
import { chainFault, chainHash, EMPTY_HEAD, endFault, headAfter } from "./chain.ts";
import { storeErrors } from "./errors.ts";
import { checkRecords } from "./sqlite-check.ts";
import { sqliteEngine } from "./sqlite-engine.ts";
import type { SqliteFile } from "./sqlite-file.ts";
import { isBusy, openSqliteFile, storeError } from "./sqlite-file.ts";
import type { Reading } from "./sqlite-reading.ts";
import { prepareReading, readPage, readPages } from "./sqlite-reading.ts";

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
  /**
   * What damage does: `refuse` (default) to go on, or nothing, so that `check` can `report` it; the
   * latter needs `access` to be `read`.
   */
  readonly damage?: "refuse" | "report";
  /** After a write that failed, how often to see whether one is possible again, in ms. Default 1000. */
  readonly retryMs?: number;
}

/** A log in a file. */
export interface SqliteLog extends Log {
  /** Whether this opening made the file: the registry is new. */
  readonly isNew: boolean;
  check(): AsyncIterable<LogProblem>;
}

/**
 * Opens the file, and makes it when the registry is new: when the folder has nothing of a registry.
 *
 * @throws STORE_ABSENT (for reading), STORE_FILE_MISSING, STORE_FOLDER_UNUSABLE, STORE_FILE_INVALID,
 *   STORE_FILE_NEWER, STORE_FILE_REPLACED, STORE_TAIL_LOST, STORE_DAMAGED, STORE_BUSY, STORE_FAILED;
 *   its `open` STORE_DAMAGED
 */
export function openSqliteLog(options: SqliteLogOptions): SqliteLog {
  const { folder, access = "read-write", bytesMax, damage = "refuse" } = options;
  return new OpenLog(openSqliteFile({ folder, access, bytesMax, damage }), options);
}

/** How long a transaction takes in calls, in ms; the one that is being decided then is the last. */
const GROUP_MS = 20;
/** Calls that share one transaction at most. */
const GROUP_MAX = 1000;
/** How long SQLite itself sleeps on a lock; longer waits give the event loop back. */
const LOCK_SLEEP_MS = 5;
/** Failures of a write that may pass by themselves. */
const PASSING = new Set(["STORE_FULL", "STORE_READ_ONLY", "STORE_FAILED"]);

interface Job {
  readonly decide: () => Decision<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

class OpenLog implements SqliteLog {
  readonly engine = sqliteEngine();
  readonly #file: SqliteFile;
  readonly #clock: () => number;
  readonly #pollMs: number;
  readonly #busyWaitMs: number;
  readonly #retryMs: number;
  /** Whether the chain is checked: not in a file without one, nor where it is only to be reported. */
  readonly #isChecked: boolean;
  readonly #reading: Reading;
  readonly #statements: Statements;
  #fold: Fold | undefined;
  #head: Head = EMPTY_HEAD;
  #dataVersion = -1;
  #queue: Job[] = [];
  #flush: Promise<void> | undefined;
  #poll: NodeJS.Timeout | undefined;
  #mustReplay = false;
  /** Why nothing goes on: damage, or lost files. */
  #stopped: Error | undefined;
  /** Why the last write failed. */
  #failure: Error | undefined;
  #retryAtMs = 0;
  #closed = false;

  constructor(file: SqliteFile, options: SqliteLogOptions) {
    this.#file = file;
    this.#clock = options.clock ?? Date.now;
    this.#pollMs = options.pollMs ?? 100;
    this.#busyWaitMs = options.busyWaitMs ?? 5000;
    this.#retryMs = options.retryMs ?? 1000;
    this.#isChecked = file.format === 2 && options.damage !== "report";
    try {
      this.#reading = prepareReading(file.reader, file.format);
      this.#statements = prepareStatements(file);
      this.#takeIntoUse();
      file.database.pragma(`busy_timeout = ${LOCK_SLEEP_MS}`);
    } catch (error) {
      file.close();
      throw storeError(file.path, error);
    }
  }

  get isNew(): boolean {
    return this.#file.isNew;
  }

  get end(): number {
    return this.#head.end;
  }

  get failure(): Error | undefined {
    return this.#stopped ?? this.#failure;
  }

  /** On a disk that is full, for example, what is there can still be read. */
  #takeIntoUse(): void {
    try {
      this.#file.activate();
    } catch (error) {
      const failure = storeError(this.#file.path, error);
      if (!("code" in failure && PASSING.has(String(failure.code)))) throw failure;
      this.#failure = failure;
    }
  }

  async open(fold: Fold): Promise<void> {
    this.#fold = fold;
    try {
      this.#follow();
    } catch (error) {
      throw storeError(this.#file.path, error);
    }
    this.#poll = setInterval(() => this.#look(), this.#pollMs).unref();
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
    yield* readPages(this.#reading, fromOffset, this.#file.path, this.#isChecked);
  }

  async *check(): AsyncIterable<LogProblem> {
    yield* checkRecords(this.#file, this.#reading);
  }

  async page(fromOffset: number, charsMax: number): Promise<readonly StoredRecord[]> {
    return readPage(this.#reading, fromOffset, {
      charsMax,
      file: this.#file.path,
      isChecked: this.#isChecked,
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#poll);
    await this.#flush;
    this.#file.close(this.#stopped === undefined ? "tidy" : "as-it-is");
  }

  /** Fails when nothing can go on, and finds out whether it can. */
  #mayGoOn(): void {
    if (this.#stopped !== undefined) throw this.#stopped;
    const what = this.#file.replaced();
    if (what === undefined) return;
    const { path } = this.#file;
    this.#stopped = storeErrors.create("STORE_FILE_REPLACED", { file: path, what });
    this.#file.database.rollBack();
    this.#file.abandon();
    throw this.#stopped;
  }

  /** Applies what other processes appended. Cheap when there is nothing. */
  #follow(): void {
    this.#mayGoOn();
    if (this.#mustReplay) this.#replay();
    const version = Number(this.#statements.dataVersion.get()?.data_version);
    if (version === this.#dataVersion) return;
    const { end } = this.#head;
    this.#statements.beginReading.run();
    try {
      this.#readTail();
    } finally {
      this.#file.database.rollBack();
    }
    this.#dataVersion = version;
    if (this.#head.end > end) this.#file.noteHead(this.#head);
  }

  /** What is done now and then. */
  #look(): void {
    this.#tryFollow();
    const mayRetry = this.#stopped === undefined && this.#flush === undefined;
    if (this.#failure === undefined || !mayRetry || performance.now() < this.#retryAtMs) return;
    try {
      this.#file.activate();
      this.#file.tryRoom();
      this.#failure = undefined;
    } catch (error) {
      this.#noteFailure(storeError(this.#file.path, error));
    }
  }

  #noteFailure(failure: Error): Error {
    if (!("code" in failure && failure.code === "STORE_BUSY")) this.#failure = failure;
    this.#retryAtMs = performance.now() + this.#retryMs;
    return failure;
  }

  #tryFollow(): void {
    try {
      this.#follow();
    } catch {
      // The next poll, barrier or write meets the same trouble; a write reports it.
    }
  }

  /** Applies what is behind the head; in a transaction. */
  #readTail(): void {
    for (const row of this.#statements.tail.iterate(this.#head.end)) this.#take(row);
    if (!this.#isChecked) return;
    const fault = endFault(this.#head, this.#statements.head.get() ?? EMPTY_HEAD);
    if (fault !== undefined) throw this.#damaged(fault);
  }

  /** Checks and applies a record that was read. */
  #take(row: ChainedRecord): void {
    const fault = this.#isChecked ? chainFault(this.#head, row) : undefined;
    if (fault !== undefined) throw this.#damaged(fault);
    this.#apply(row);
  }

  #apply(row: ChainedRecord): void {
    this.#head = headAfter(this.#head, row);
    const { offset, timestamp, key, value } = row;
    this.#fold?.apply({ offset, timestamp, key, value });
  }

  #damaged(problem: string): Error {
    this.#stopped = storeErrors.create("STORE_DAMAGED", { file: this.#file.path, problem });
    return this.#stopped;
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
      this.#mayGoOn();
      this.#file.activate();
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
      : this.#noteFailure(storeError(this.#file.path, error));
    for (const job of this.#queue.splice(0)) job.reject(failure);
  }

  /** Takes calls from the queue until it is time to let others run, and commits them together. */
  #commitGroup(): void {
    const outcomes: (() => void)[] = [];
    const start = this.#head;
    let committed = false;
    const until = performance.now() + GROUP_MS;
    try {
      this.#readTail();
      const timestamp = this.#clock();
      for (const job of this.#queue) {
        outcomes.push(this.#run(job, timestamp));
        if (outcomes.length === GROUP_MAX || performance.now() >= until) break;
      }
      this.#writeHead(start);
      this.#mayGoOn();
      this.#statements.commit.run();
      committed = true;
      this.#mayGoOn();
      this.#file.noteHead(this.#head);
    } catch (error) {
      this.#rollBack(start, committed);
      const failure = this.#noteFailure(storeError(this.#file.path, error));
      // Those behind it, too: each further try would read the whole file again.
      for (const job of this.#queue.splice(0)) job.reject(failure);
      return;
    }
    this.#failure = undefined;
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
      const record = { offset: this.#head.end, timestamp, key, value };
      const hash = chainHash(this.#head.hash, record);
      this.#statements.insert.run(record.offset, timestamp, key, value, hash);
      this.#apply({ ...record, hash });
    }
    return () => job.resolve(decision.result);
  }

  #writeHead(before: Head): void {
    const { records, end, hash } = this.#head;
    if (end > before.end) this.#statements.setHead.run(records, end, hash);
  }

  #rollBack(start: Head, committed: boolean): void {
    const { database } = this.#file;
    // SQLite itself rolls back on some errors (a full disk); a second time is an error.
    if (database.isOpen) {
      try {
        database.rollBack();
      } catch {
        // The connection is beyond help; the next write reports it.
      }
    }
    if (this.#head.end === start.end) return;
    this.#mustReplay = true;
    try {
      // What went into a file that nobody will find is not there.
      this.#replay(committed ? start.end : undefined);
    } catch {
      // The next poll, barrier or write tries again.
    }
  }

  /** Reads everything before it forgets anything: a file that can't be read costs no reads. */
  #replay(before = Number.POSITIVE_INFINITY): void {
    const rows = this.#reading.tail.all(0).filter(({ offset }) => offset < before);
    this.#fold?.reset();
    this.#head = EMPTY_HEAD;
    for (const row of rows) this.#take(row);
    this.#mustReplay = false;
  }
}

type Statements = ReturnType<typeof prepareStatements>;

function prepareStatements({ database, format }: SqliteFile) {
  return {
    ...prepareReading(database, format),
    insert: database.prepare<[number, number, string, string | null, string]>(
      format === 1 ? "SELECT 1" : "INSERT INTO records VALUES (?, ?, ?, ?, ?)",
    ),
    setHead: database.prepare<[number, number, string]>(
      format === 1 ? "SELECT 1" : "UPDATE head SET records = ?, next_offset = ?, hash = ?",
    ),
    dataVersion: database.prepare<[], { readonly data_version: number }>("PRAGMA data_version"),
    beginReading: database.prepare<[]>("BEGIN"),
    begin: database.prepare<[]>("BEGIN IMMEDIATE"),
    commit: database.prepare<[]>("COMMIT"),
  };
}
