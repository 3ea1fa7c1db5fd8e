/** What every call of the service shares: the state, names, the way of reads and of writes. */
import type { Refusal } from "../../api/index.ts";
import { isRefusal, refusalRows } from "../../api/index.ts";
import { DEFAULT_CONTEXT, GLOBAL_KEY, qualifySubject, scopeKey } from "../../confluent/index.ts";
import type { Outcome } from "../commands/index.ts";
import type { RegistryRecord, State, StoredRecord, World } from "../state/index.ts";
import { aliasTarget, applyRecord, contextNames, createState } from "../state/index.ts";
import type { Log } from "./log.ts";
import type { Answer, RegistryStats } from "./service-types.ts";

/** Somebody who follows the fold. */
export interface Watcher {
  note(stored: StoredRecord, record: RegistryRecord): void;
  reset(): void;
}

/** The service's inside. */
export class Core {
  readonly #log: Log;
  readonly #clock: () => number;
  #world: World;
  /** Called with what was applied, and when everything is forgotten. */
  readonly #watchers: Watcher[] = [];

  constructor(log: Log, world: World, clock: () => number) {
    this.#log = log;
    this.#world = world;
    this.#clock = clock;
  }

  /** What is known now; another one after a reset. */
  get world(): World {
    return this.#world;
  }

  get state(): State {
    return this.#world.state;
  }

  get log(): Log {
    return this.#log;
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return this.#clock();
  }

  watch(watcher: Watcher): void {
    this.#watchers.push(watcher);
  }

  apply(stored: StoredRecord): void {
    const record = applyRecord(this.state, stored);
    for (const watcher of this.#watchers) watcher.note(stored, record);
  }

  reset(): void {
    this.#world = { ...this.#world, state: createState() };
    for (const watcher of this.#watchers) watcher.reset();
  }

  /** The registry's spelling of a subject, its alias resolved. */
  subject(text: string): string {
    const name = qualifySubject(DEFAULT_CONTEXT, text);
    const alias = this.state.configs.get(name)?.alias;
    return alias ? aliasTarget(name, alias) : name;
  }

  /** The scope key of a subject, a context (`:.ctx:`), or of everything in the default context. */
  scopeKey(text: string | undefined): string {
    return text === undefined ? GLOBAL_KEY : scopeKey(text);
  }

  /** Asks; what is not there is asked for again once everything committed has arrived. */
  async read<T>(query: () => T | Refusal): Answer<T> {
    const answer = query();
    if (!isMiss(answer)) return answer;
    await this.#log.barrier();
    return query();
  }

  /** Decides against the current state and appends. */
  write<T>(decide: () => Outcome<T>): Answer<T> {
    return this.#log.transact(decide);
  }

  stats(): RegistryStats {
    const state = this.state;
    const { counts, subjects, guids } = state;
    return {
      // Counted only for whoever looks at them.
      get subjects() {
        let live = 0;
        for (const subject of subjects.values()) if (subject.live > 0) live++;
        return live;
      },
      versions: counts.live,
      deletedVersions: counts.deleted,
      schemas: guids.size,
      get contexts() {
        return contextNames(state).length;
      },
      logEnd: this.#log.end,
    };
  }

  /** Names of the contexts. */
  contexts(): string[] {
    return contextNames(this.state);
  }
}

function isMiss(answer: unknown): boolean {
  if (!isRefusal(answer)) return false;
  return refusalRows[answer.refusal].status === 404 || answer.refusal === "INVALID_SCHEMA";
}
