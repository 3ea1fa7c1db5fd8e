/**
 * What a registry holds, read through its REST API.
 *
 * Invariants:
 * - Only the list of subjects is needed. `GET /schemas` and `GET /contexts` are used where they are
 *   there; what they leave out, or say strangely, is asked for one by one.
 * - One thing that can't be read is a problem of its own; the rest is read. A problem is never silent.
 * - Contexts are listed one by one, under their path: the prefix for all of them (`:*:`) is a name like
 *   any other to registries that do not know it, which then list nothing.
 * - Subjects are spelt with their context, whether a registry's answers do that or not.
 * - A question about an alias is answered by the subject that it stands for; the alias itself has no
 *   versions. A list with aliases also shows their targets in other contexts; those are read there.
 * - A version is soft-deleted when only the list with `deleted=true` has it: answers of older registries
 *   lack the member `deleted`.
 * - What is read is bounded, whatever the registry sends.
 */

import { isObject, isTypewireError, show } from "../base/index.ts";
import type { RegistryClient } from "../client/index.ts";
import {
  DEFAULT_CONTEXT,
  GLOBAL_KEY,
  isQualified,
  qualifySubject,
  splitSubject,
} from "../confluent/index.ts";
import { cliErrors } from "./errors.ts";
import type { Met, Query } from "./import-ask.ts";
import { Asker } from "./import-ask.ts";
import type { Members } from "./import-entries.ts";
import { isName, toContext, toNumber, toVersion } from "./import-entries.ts";
import type { HeldVersion, Holdings } from "./import-names.ts";
import { contextScope, keyOf, nameOf, versionsPath } from "./import-names.ts";
import { readConfigs, readModes } from "./import-settings.ts";
import { needsReferences } from "./import-standing.ts";
import { inParallel } from "./in-parallel.ts";

const PAGE = 1000;

/** What one import may read: a registry's state has to fit into memory. */
export interface ReadLimits {
  readonly versions: number;
  /** Characters of all schemas together. */
  readonly chars: number;
  readonly contexts: number;
  /** Pages of one list. */
  readonly pages: number;
}

const LIMITS: ReadLimits = { versions: 1_000_000, chars: 2 ** 30, contexts: 10_000, pages: 2000 };

/** What else to read, and when to stop. */
export interface ReadOptions {
  /** Further scopes whose settings are wanted. */
  readonly scopes?: Iterable<string>;
  readonly signal?: AbortSignal;
  /** Other limits than the standard ones. */
  readonly limits?: Partial<ReadLimits>;
}

/**
 * Reads a registry.
 *
 * @throws CLI_IMPORT_ANSWER_INVALID when it lists no subjects, CLI_IMPORT_TOO_LARGE,
 *   CLI_IMPORT_STOPPED, and what the client throws when the registry does not answer
 */
export async function readHoldings(
  client: RegistryClient,
  { scopes = [], signal, limits = {} }: ReadOptions = {},
): Promise<Holdings> {
  const reading = new Reading(new Asker(client, signal), { ...LIMITS, ...limits });
  const named = await reading.contexts();
  for (const scope of [GLOBAL_KEY, ...named]) await reading.context(scope);
  return reading.holdings([...named, ...scopes]);
}

/** Where the lists of a context are, and how names in them are spelt everywhere else. */
interface Context {
  readonly scope: string;
  readonly path: string;
  qualified(subject: string): string;
  /** Whether a name surely is in this context: names without a context may be the default one's. */
  spells(subject: string): boolean;
}

function contextOf(scope: string): Context {
  const { context } = splitSubject(scope);
  return {
    scope,
    path: context === DEFAULT_CONTEXT ? "" : `/contexts/${encodeURIComponent(context)}`,
    qualified: (subject) => qualifySubject(context, subject),
    spells: (subject) => {
      const isSaid = context === DEFAULT_CONTEXT || isQualified(subject);
      return isSaid && splitSubject(subject).context === context;
    },
  };
}

/** What `GET /schemas` tells. */
interface Bulk {
  readonly versions: ReadonlyMap<string, ReadonlyMap<number, HeldVersion>>;
  /** Whether a subject that it has is there with all its versions and their right state. */
  readonly isWhole: boolean;
}

class Reading {
  readonly #asker: Asker;
  readonly #limits: ReadLimits;
  readonly #versions = new Map<string, HeldVersion>();
  readonly #aliases = new Set<string>();
  readonly #unread = new Map<string, { subject: string; version?: number }>();
  readonly #problems: string[] = [];
  readonly #notes: string[] = [];
  #chars = 0;
  /** Routes whose lists know no pages; every list may be the first page of a longer one. */
  readonly #pageless = new Set<string>();

  constructor(asker: Asker, limits: ReadLimits) {
    this.#asker = asker;
    this.#limits = limits;
  }

  /** The scopes of the named contexts. */
  async contexts(): Promise<string[]> {
    const met = await this.#asker.get("/contexts");
    if (met.kind === "absent") return [];
    const list = met.kind === "found" ? met.body : undefined;
    if (!Array.isArray(list)) {
      const why = met.kind === "failed" ? met.reason : "GET /contexts: it is no list";
      this.#notes.push(`contexts were not looked for (${why})`);
      return [];
    }
    const scopes = new Set<string>();
    for (const name of list as unknown[]) {
      const scope = toContext(name);
      if (scope === undefined)
        this.#notes.push(`the list of contexts has ${show(name)}, which is no name`);
      else if (scope !== GLOBAL_KEY) scopes.add(scope);
      if (scopes.size + this.#notes.length > this.#limits.contexts) {
        throw this.#tooLarge(`${this.#limits.contexts} contexts`);
      }
    }
    return [...scopes];
  }

  /** Reads the versions of a context. */
  async context(scope: string): Promise<void> {
    const context = contextOf(scope);
    const bulk = await this.#bulk(context);
    const subjects = await this.#subjects(context);
    for (const versions of bulk.versions.values()) {
      for (const version of versions.values()) this.#keep(version);
    }
    const open = subjects.filter((subject) => !bulk.isWhole || !bulk.versions.has(subject));
    await inParallel(open, async (subject) => {
      await this.#subject(subject, bulk.versions.get(subject) ?? new Map());
    });
  }

  async holdings(scopes: readonly string[]): Promise<Holdings> {
    const versions = [...this.#versions.values()];
    const all = new Set([GLOBAL_KEY, ...scopes, ...this.#aliases]);
    const live = new Set<string>();
    for (const { subject, deleted } of versions) {
      all.add(subject);
      if (!deleted) live.add(subject);
    }
    // The empty subject has no settings of its own: its path is that of the default context.
    all.delete("");
    const problem = (line: string) => this.#problems.push(line);
    const configs = await readConfigs(this.#asker, { all, live }, problem);
    const modes = await readModes(this.#asker, { all, live }, problem);
    return {
      versions,
      configs: configs.own,
      modes: modes.own,
      untold: { configs: configs.untold, modes: modes.untold },
      unread: [...this.#unread.values()],
      problems: this.#problems,
      notes: this.#notes,
    };
  }

  async #bulk(context: Context): Promise<Bulk> {
    const path = `${context.path}/schemas`;
    const all = await this.#pages(path, { deleted: true, aliases: true });
    const live = all.entries.size === 0 ? all : await this.#pages(path, {});
    const versions = new Map<string, Map<number, HeldVersion>>();
    let isWhole = all.isWhole && live.isWhole;
    let hasDeleted = false;
    for (const [key, entry] of all.entries) {
      const parsed = toVersion(entry, !live.entries.has(key));
      if ("reason" in parsed || needsReferences(parsed.value)) {
        isWhole = false;
        continue;
      }
      const aliases = Array.isArray(entry["aliases"]) ? (entry["aliases"] as unknown[]) : [];
      for (const alias of aliases) if (isName(alias)) this.#aliases.add(context.qualified(alias));
      if (aliases.length > 0 && !context.spells(parsed.value.subject)) continue;
      const subject = context.qualified(parsed.value.subject);
      const held = { ...parsed.value, subject };
      hasDeleted ||= held.deleted;
      const known = versions.get(subject) ?? new Map<number, HeldVersion>();
      versions.set(subject, known.set(held.version, held));
    }
    // Where none in the bulk is soft-deleted, it may be that the bulk never has those (Karapace).
    return { versions, isWhole: isWhole && hasDeleted };
  }

  /** The entries of all pages, by subject and version. */
  async #pages(path: string, query: Query) {
    const entries = new Map<string, Members>();
    let isWhole = true;
    for (let offset = 0, pages = 1; ; pages++) {
      this.#checkPages(path, pages);
      const met = await this.#asker.get(path, { ...query, offset, limit: PAGE });
      const page: unknown[] = met.kind === "found" && Array.isArray(met.body) ? met.body : [];
      if (page.length === 0) return { entries, isWhole: isWhole && met.kind === "found" };
      const before = entries.size;
      for (const entry of page) {
        const { subject, version } = isObject(entry) ? entry : {};
        const isKnown = isName(subject) && toNumber(version) !== undefined;
        if (!isKnown || !isObject(entry)) isWhole = false;
        else this.#addTo(entries, JSON.stringify([subject, toNumber(version)]), entry);
      }
      if (entries.size === before) return { entries, isWhole: false };
      offset += page.length;
    }
  }

  #addTo(entries: Map<string, Members>, key: string, entry: Members): void {
    if (entries.has(key)) return;
    entries.set(key, entry);
    if (entries.size > this.#limits.versions)
      throw this.#tooLarge(`${this.#limits.versions} versions`);
  }

  async #subjects(context: Context): Promise<string[]> {
    const path = `${context.path}/subjects`;
    const all = await this.#list(path, { deleted: true });
    const live = await this.#list(path, {});
    let names = union(all, live);
    let met = all.met;
    if (names === undefined && context.scope !== GLOBAL_KEY) {
      // The route of a context may be missing where its prefix is known.
      const prefixed = await this.#list("/subjects", {
        subjectPrefix: context.scope,
        deleted: true,
      });
      const own = prefixed.items?.filter((name) => isName(name) && name.startsWith(context.scope));
      names = own?.length ? own : undefined;
      met = all.met;
    }
    if (names === undefined) return this.#withoutSubjects(context, path, met);
    const usable = names.filter(isName);
    const strange =
      names.length - usable.length + Math.max(all.strange.length, live.strange.length);
    if (strange > 0 && usable.length === 0 && context.scope === GLOBAL_KEY) {
      throw this.#invalid(path, all.met.kind === "found" ? all.met.body : names);
    }
    if (strange > 0) {
      this.#problems.push(`not read: ${strange} entries of GET ${path} are no names of subjects`);
    }
    return [...new Set(usable.map(context.qualified))];
  }

  #withoutSubjects({ scope }: Context, path: string, met: Met): string[] {
    if (scope === GLOBAL_KEY) {
      throw met.kind === "found" ? this.#invalid(path, met.body) : met.error;
    }
    const isListed = [...this.#versions.values()].some(({ subject }) => subject.startsWith(scope));
    if (isListed) return [];
    const why = met.kind === "found" ? "it is no list" : met.reason;
    this.#problems.push(`not read: the context ${JSON.stringify(scope)}: ${why}`);
    return [];
  }

  #invalid(path: string, found: unknown) {
    const { url } = this.#asker.client;
    return cliErrors.create("CLI_IMPORT_ANSWER_INVALID", { url, path, found });
  }

  /** A list, all its pages; `items` is undefined where there is none. */
  async #list(path: string, query: Query): Promise<List> {
    const met = await this.#asker.get(path, query);
    if (met.kind !== "found" || !Array.isArray(met.body)) {
      return { met, items: undefined, strange: [] };
    }
    const strange = (met.body as unknown[]).filter((item) => typeof item === "object");
    const items = new Set<unknown>(met.body.filter((item) => typeof item !== "object"));
    const route = path.slice(path.lastIndexOf("/"));
    let added = items.size;
    for (let pages = 1; added > 0 && !this.#pageless.has(route); pages++) {
      this.#checkPages(path, pages);
      const page = await this.#nextPage(path, route, { ...query, offset: items.size });
      const before = items.size;
      for (const item of page) if (typeof item !== "object") items.add(item);
      added = items.size - before;
      if (page.length > 0 && added === 0) this.#pageless.add(route);
      if (items.size > this.#limits.versions) {
        throw this.#tooLarge(`${this.#limits.versions} entries of ${path}`);
      }
    }
    return { met, items: [...items], strange };
  }

  async #nextPage(path: string, route: string, query: Query): Promise<unknown[]> {
    const met = await this.#asker.get(path, query);
    if (met.kind === "found") return Array.isArray(met.body) ? met.body : [];
    if (isTypewireError(met.error, "CLIENT_UNREACHABLE")) {
      this.#problems.push(`not read: what follows in the list of ${path}: ${met.reason}`);
    } else {
      this.#pageless.add(route);
    }
    return [];
  }

  #checkPages(path: string, pages: number): void {
    if (pages > this.#limits.pages) throw this.#tooLarge(`${this.#limits.pages} pages of ${path}`);
  }

  /** The versions of a subject; `known` are those that the bulk has. */
  async #subject(subject: string, known: ReadonlyMap<number, HeldVersion>): Promise<void> {
    const path = versionsPath(subject);
    const all = await this.#list(path, { deleted: true });
    const live = await this.#list(path, {});
    const listed = union(all, live);
    const met = live.met.kind === "absent" ? all.met : live.met;
    if (listed === undefined || (live.items === undefined && live.met.kind !== "absent")) {
      return this.#unreadable({ subject }, whyNoList(met));
    }
    const numbers = new Set(listed.map((item) => toNumber(item)));
    const strange = all.strange.length + live.strange.length;
    if (numbers.delete(undefined) || strange > 0)
      this.#unreadable({ subject }, "a version is no number");
    if (numbers.size === 0) return this.#unreadable({ subject }, "it has no versions");
    const alive = new Set(live.items?.map((item) => toNumber(item)));
    for (const version of numbers) {
      if (version === undefined) continue;
      const held = known.get(version);
      if (held === undefined) await this.#version(subject, version, !alive.has(version));
      else this.#keep({ ...held, deleted: !alive.has(version) });
    }
  }

  async #version(subject: string, version: number, deleted: boolean) {
    const met = await this.#asker.get(`${versionsPath(subject)}/${version}`, { deleted: true });
    if (met.kind !== "found") return this.#unreadable({ subject, version }, met.reason);
    const parsed = toVersion(met.body, deleted);
    if ("reason" in parsed) return this.#unreadable({ subject, version }, parsed.reason);
    const { value } = parsed;
    if (value.version !== version) {
      return this.#unreadable({ subject, version }, `it is answered with version ${value.version}`);
    }
    // Registries answer with or without the context; another subject's version is an alias's answer.
    const owner = contextOf(contextScope(subject)).qualified(value.subject);
    if (owner === subject) this.#keep({ ...value, subject });
  }

  #keep(held: HeldVersion): void {
    const key = keyOf(held);
    if (!this.#versions.has(key)) this.#chars += held.schema.length;
    this.#versions.set(key, held);
    if (this.#versions.size > this.#limits.versions)
      throw this.#tooLarge(`${this.#limits.versions} versions`);
    if (this.#chars > this.#limits.chars)
      throw this.#tooLarge(`${this.#limits.chars} characters of schemas`);
  }

  #unreadable(what: { subject: string; version?: number }, why: string): void {
    const { subject, version } = what;
    const name =
      version === undefined ? `subject ${JSON.stringify(subject)}` : nameOf({ subject, version });
    const line = `not read: ${name}: ${why}`;
    if (this.#unread.has(name)) return;
    this.#unread.set(name, what);
    this.#problems.push(line);
  }

  #tooLarge(limit: string) {
    return cliErrors.create("CLI_IMPORT_TOO_LARGE", { url: this.#asker.client.url, limit });
  }
}

interface List {
  readonly met: Met;
  /** Undefined where there is none. */
  readonly items: readonly unknown[] | undefined;
  /** What is neither text nor number. */
  readonly strange: readonly unknown[];
}

/** What is in either list; undefined when there is none. */
function union(one: List, other: List): unknown[] | undefined {
  if (one.items === undefined && other.items === undefined) return undefined;
  return [...new Set([...(one.items ?? []), ...(other.items ?? [])])];
}

function whyNoList(met: Met): string {
  return met.kind === "found" ? "its versions are no list" : met.reason;
}
