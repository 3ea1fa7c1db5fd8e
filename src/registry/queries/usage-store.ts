/**
 * Where counts of usage are kept, and the one that keeps them in memory.
 *
 * Invariant of every store: it is bounded. Of an id the {@link CLIENTS_MAX} clients that were seen last
 * are kept, of all counts the {@link COUNTS_MAX} that were added to last.
 */

export const CLIENTS_MAX = 50;
export const COUNTS_MAX = 100_000;

/** What one client did with one schema, as far back as counts are kept. */
export interface ClientUsage {
  readonly client: string;
  readonly reads: number;
  readonly registrations: number;
  /** Milliseconds since the epoch; absent when it never happened. */
  readonly lastReadAt?: number;
  readonly lastRegisteredAt?: number;
}

/** What one client did with one id of a context. */
export interface UsageCount extends ClientUsage {
  readonly context: string;
  readonly id: number;
}

/** Keeps counts. Calls are synchronous: both are short. */
export interface UsageStore {
  /**
   * Adds to the counts of the same id and client: numbers add up, the later time stands.
   *
   * @throws what the store throws; nothing has been added then
   */
  add(counts: readonly UsageCount[]): void;
  /**
   * The clients of an id, most recent first.
   *
   * @throws what the store throws
   */
  clientsOf(context: string, id: number): readonly ClientUsage[];
  /** Idempotent. */
  close(): void;
}

/** Keeps counts as long as the process lives; `countsMax` bounds them in all. */
export function createMemoryUsage(countsMax: number = COUNTS_MAX): UsageStore {
  // Maps keep the order of insertion, and what is added to goes to the end: the first is the oldest.
  const byId = new Map<string, Map<string, ClientUsage>>();
  const all = new Map<string, UsageCount>();
  const forget = ({ context, id, client }: UsageCount): void => {
    const key = idKey(context, id);
    const clients = byId.get(key);
    clients?.delete(client);
    if (clients?.size === 0) byId.delete(key);
    all.delete(`${key} ${client}`);
  };
  const addOne = (count: UsageCount): void => {
    const { context, id, client } = count;
    const key = idKey(context, id);
    const clients = byId.get(key) ?? new Map<string, ClientUsage>();
    const sum = added(clients.get(client), count);
    byId.set(key, clients);
    clients.delete(client);
    clients.set(client, sum);
    all.delete(`${key} ${client}`);
    all.set(`${key} ${client}`, count);
    const [oldest] = clients.size > CLIENTS_MAX ? clients.keys() : [];
    if (oldest !== undefined) forget({ ...count, client: oldest });
    const [first] = all.size > countsMax ? all.values() : [];
    if (first !== undefined) forget(first);
  };
  return {
    add: (counts) => counts.forEach(addOne),
    clientsOf: (context, id) => [...(byId.get(idKey(context, id))?.values() ?? [])].reverse(),
    close: () => undefined,
  };
}

function idKey(context: string, id: number): string {
  return `${id} ${context}`;
}

function added(known: ClientUsage | undefined, more: ClientUsage): ClientUsage {
  const lastReadAt = later(known?.lastReadAt, more.lastReadAt);
  const lastRegisteredAt = later(known?.lastRegisteredAt, more.lastRegisteredAt);
  return {
    client: more.client,
    reads: (known?.reads ?? 0) + more.reads,
    registrations: (known?.registrations ?? 0) + more.registrations,
    ...(lastReadAt !== undefined && { lastReadAt }),
    ...(lastRegisteredAt !== undefined && { lastRegisteredAt }),
  };
}

function later(left: number | undefined, right: number | undefined): number | undefined {
  return left === undefined || right === undefined ? (left ?? right) : Math.max(left, right);
}
