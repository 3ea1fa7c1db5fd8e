/**
 * The registry as a service: names resolved, reads from memory, writes through the log.
 *
 * Invariants:
 * - A read that misses waits for what was committed before it and asks again, so a replica never
 *   denies what another one has acknowledged.
 * - A write is decided inside `log.transact`; a schema that is registered already is answered
 *   before, without the log.
 * - Every answer is a value; only a failing store throws.
 */

import type { Serialize, UsageStore } from "../queries/index.ts";
import { createHotReads, createMemoryUsage, createSearchIndex } from "../queries/index.ts";
import type { RegistrySettings } from "../state/index.ts";
import { createSchemaTools, createState, DEFAULT_SETTINGS } from "../state/index.ts";
import { extraCalls } from "./calls-extra.ts";
import { schemaCalls } from "./calls-schemas.ts";
import { settingCalls } from "./calls-settings.ts";
import { subjectCalls } from "./calls-subjects.ts";
import { createChangeFeed } from "./changes.ts";
import { Core } from "./core.ts";
import type { Log } from "./log.ts";
import type { RegistryService } from "./service-types.ts";

/** What {@link createRegistryService} needs. */
export interface RegistryOptions {
  /** Where the state lives; opened by the service, closed by whoever made it. */
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Settings that differ from {@link DEFAULT_SETTINGS}. */
  readonly settings?: Partial<RegistrySettings>;
  /** Where counts of usage are kept; closed by whoever made it. Default: in memory. */
  readonly usage?: UsageStore;
  /** Lets others run between parts of long work. Default: all in one go. */
  readonly turn?: () => Promise<void>;
  /** How hot answers become text. Default `JSON.stringify`. */
  readonly serialize?: Serialize;
}

/**
 * Opens the log, replays it, and answers from then on.
 *
 * @throws what the log throws when it cannot be opened
 */
export async function createRegistryService(options: RegistryOptions): Promise<RegistryService> {
  const { log, serialize = (entity) => JSON.stringify(entity) } = options;
  const world = {
    state: createState(),
    settings: { ...DEFAULT_SETTINGS, ...options.settings },
    schemas: createSchemaTools(),
  };
  const { turn = async () => undefined, usage = createMemoryUsage() } = options;
  const core = new Core(log, world, options.clock);
  const changes = createChangeFeed(log, { afterCommit: queueMicrotask, turn });
  const index = createSearchIndex(world, turn);
  core.watch(changes);
  core.watch(index);
  await log.open({ apply: (record) => core.apply(record), reset: () => core.reset() });
  const subjectOf = (text: string): string => core.subject(text);
  return {
    ...subjectCalls(core),
    ...schemaCalls(core),
    ...settingCalls(core),
    ...extraCalls(core, changes, index, usage, turn),
    hot: createHotReads(() => core.world, subjectOf, serialize),
    stats: () => core.stats(),
  };
}
