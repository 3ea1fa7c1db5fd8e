/**
 * Counts of usage in a SQLite file of their own, which several processes may share.
 *
 * Invariants:
 * - A file that was deleted or replaced is opened anew, and its counts are gone: that is said once, by
 *   the call that meets it, and costs nothing else.
 * - The file is opened when it is first needed: one that can't be used costs the report, not the
 *   registry.
 * - A power cut may cost the last counts (`synchronous=NORMAL`), never the file.
 */
import { join } from "node:path";
import type { ClientUsage, UsageCount, UsageStore } from "../registry/index.ts";
import { CLIENTS_MAX, COUNTS_MAX } from "../registry/index.ts";
import type { FileWatch } from "./data-folder.ts";
import { USAGE_FILE, watchFiles } from "./data-folder.ts";
import { storeErrors } from "./errors.ts";
import type { SqliteDatabase } from "./sqlite-engine.ts";
import { openDatabase } from "./sqlite-engine.ts";
import { storeError } from "./sqlite-file.ts";

/** How long another process's lock is waited for; the event loop stands meanwhile. */
const LOCK_WAIT_MS = 200;

const TABLE = `
  CREATE TABLE IF NOT EXISTS usage (
    context TEXT NOT NULL,
    id INTEGER NOT NULL,
    client TEXT NOT NULL,
    reads INTEGER NOT NULL,
    registrations INTEGER NOT NULL,
    read_at INTEGER,
    registered_at INTEGER,
    seen INTEGER NOT NULL,
    PRIMARY KEY (context, id, client)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS usage_by_seen ON usage (seen);
`;

/** Options of {@link openSqliteUsage}. */
export interface SqliteUsageOptions {
  /** Folder of the file `usage.sqlite`; it has to be there. */
  readonly folder: string;
  /** How many counts are kept in all. Default 100,000. */
  readonly countsMax?: number;
}

/**
 * A store of counts in a file. Nothing is opened yet; calls throw `STORE_FILE_INVALID`,
 * `STORE_BUSY`, `STORE_FULL`, `STORE_READ_ONLY`, `STORE_NOT_OPEN` (after `close`) or `STORE_FAILED`.
 */
export function openSqliteUsage(options: SqliteUsageOptions): UsageStore {
  return new SqliteUsage(options);
}

class SqliteUsage implements UsageStore {
  readonly #path: string;
  readonly #countsMax: number;
  #open: OpenFile | undefined;
  #closed = false;

  constructor({ folder, countsMax = COUNTS_MAX }: SqliteUsageOptions) {
    this.#path = join(folder, USAGE_FILE);
    this.#countsMax = countsMax;
  }

  add(counts: readonly UsageCount[]): void {
    this.#use(({ add }) => add(counts, this.#countsMax));
  }

  clientsOf(context: string, id: number): readonly ClientUsage[] {
    return this.#use(({ clientsOf }) => clientsOf(context, id));
  }

  close(): void {
    this.#closed = true;
    this.#open?.database.close();
    this.#open = undefined;
  }

  #letGoOfLost(): void {
    const what = this.#open?.watch.lost();
    if (what === undefined) return;
    this.#open?.database.close();
    this.#open = undefined;
    throw storeErrors.create("STORE_FILE_REPLACED", { file: this.#path, what });
  }

  #use<Result>(call: (file: OpenFile) => Result): Result {
    if (this.#closed) throw storeErrors.create("STORE_NOT_OPEN");
    try {
      this.#letGoOfLost();
      this.#open ??= openFile(this.#path);
      return call(this.#open);
    } catch (error) {
      throw storeError(this.#path, error, LOCK_WAIT_MS);
    }
  }
}

interface OpenFile {
  readonly database: SqliteDatabase;
  readonly watch: FileWatch;
  readonly add: (counts: readonly UsageCount[], countsMax: number) => void;
  readonly clientsOf: (context: string, id: number) => ClientUsage[];
}

interface Row {
  readonly client: string;
  readonly reads: number;
  readonly registrations: number;
  readonly readAt: number | null;
  readonly registeredAt: number | null;
}

type Parameters = Row & { readonly context: string; readonly id: number };

function openFile(path: string): OpenFile {
  const database = openDatabase(path, { timeoutMs: LOCK_WAIT_MS });
  try {
    database.pragma("journal_mode = WAL");
    database.pragma("synchronous = NORMAL");
    database.exec(TABLE);
    return { database, watch: watchFiles([path]), ...prepare(database) };
  } catch (error) {
    database.close();
    throw error;
  }
}

function prepare(database: SqliteDatabase): Pick<OpenFile, "add" | "clientsOf"> {
  // `seen` numbers the additions: times of several processes, or within a millisecond, do not order.
  const upsert = database.prepare<[Parameters & { readonly seen: number }]>(`
    INSERT INTO usage VALUES
      (@context, @id, @client, @reads, @registrations, @readAt, @registeredAt, @seen)
    ON CONFLICT DO UPDATE SET
      reads = reads + excluded.reads,
      registrations = registrations + excluded.registrations,
      read_at = max(ifnull(read_at, excluded.read_at), ifnull(excluded.read_at, read_at)),
      registered_at =
        max(ifnull(registered_at, excluded.registered_at), ifnull(excluded.registered_at, registered_at)),
      seen = excluded.seen`);
  const lastSeen = database.prepare<[], { readonly seen: number }>(
    "SELECT ifnull(max(seen), 0) AS seen FROM usage",
  );
  const ofId = "context = ? AND id = ? ORDER BY seen DESC";
  const dropOfId = database.prepare<[string, number, string, number]>(`
    DELETE FROM usage WHERE context = ? AND id = ? AND client IN
      (SELECT client FROM usage WHERE ${ofId} LIMIT -1 OFFSET ${CLIENTS_MAX})`);
  const count = database.prepare<[], { readonly rows: number }>(
    "SELECT count(*) AS rows FROM usage",
  );
  const dropOldest = database.prepare<[number]>(`
    DELETE FROM usage WHERE (context, id, client) IN
      (SELECT context, id, client FROM usage ORDER BY seen LIMIT ?)`);
  const select = database.prepare<[string, number], Row>(`
    SELECT client, reads, registrations, read_at AS readAt, registered_at AS registeredAt
    FROM usage WHERE ${ofId}`);
  const addAll = (counts: readonly UsageCount[], countsMax: number): void => {
    let seen = lastSeen.get()?.seen ?? 0;
    for (const one of counts) {
      const { lastReadAt: readAt = null, lastRegisteredAt: registeredAt = null, ...counted } = one;
      upsert.run({ ...counted, readAt, registeredAt, seen: ++seen });
    }
    for (const { context, id } of counts) dropOfId.run(context, id, context, id);
    const tooMany = (count.get()?.rows ?? 0) - countsMax;
    if (tooMany > 0) dropOldest.run(tooMany);
  };
  return {
    add: (counts, countsMax) => database.transaction("immediate", () => addAll(counts, countsMax)),
    clientsOf: (context, id) => select.all(context, id).map(usageOfRow),
  };
}

function usageOfRow({ client, reads, registrations, readAt, registeredAt }: Row): ClientUsage {
  return {
    client,
    reads,
    registrations,
    ...(readAt !== null && { lastReadAt: readAt }),
    ...(registeredAt !== null && { lastRegisteredAt: registeredAt }),
  };
}
