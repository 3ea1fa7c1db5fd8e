/**
 * Search in schemas: names of fields and types, words of docs.
 *
 * Invariants:
 * - The index is made at the first search, a few schemas in a turn of the event loop, and kept up with
 *   what is registered; a search looks at the terms with the asked prefix only.
 * - The index holds terms and which contents have them. Where in a schema a match is gets worked out
 *   for the hits of the page.
 * - Hits are live versions, sorted by subject and version.
 */

import type { RecordField, Schema } from "../../avro/index.ts";
import { namedTypes } from "../../avro/index.ts";
import { byUnits } from "../../base/index.ts";
import { ALL_CONTEXTS } from "../../confluent/index.ts";
import type {
  Content,
  RegistryRecord,
  SchemaTools,
  SortedNames,
  State,
  StoredRecord,
  VersionState,
  World,
} from "../state/index.ts";
import {
  compareVersions,
  createSchemaTools,
  createSortedNames,
  findVersion,
  hasSubjectPrefix,
  subjectsWithPrefix,
  withPrefix,
} from "../state/index.ts";
import { paged } from "./paging.ts";

/** What to search for: texts are compared without regard to case, from the start of a word. */
export interface SearchQuery {
  /** Name of a field. */
  readonly field?: string;
  /** Name of a type: the full one or its last part. */
  readonly type?: string;
  /** A word of a doc. */
  readonly doc?: string;
  /** Which subjects, as in listings. Default: all of every context. */
  readonly subjectPrefix?: string;
  readonly offset?: number;
  readonly limit?: number;
}

/** A live version whose schema matches. */
export interface SearchHit {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  /** What matched: full name of the type, with `.field` for fields. */
  readonly matches: readonly string[];
}

/** What is done in one turn, some milliseconds: schemas, characters of them, terms of the index. */
const TURN = 50;
const TURN_CHARS = 50_000;
const TURN_TERMS = 5_000;
/** How many places are told of one hit. */
const PLACES_MAX = 100;
/** A longer word or name is found by its beginning. */
const TERM_CHARS_MAX = 256;
/** Up to so many contents that match are sorted; more are met while walking the subjects in order. */
const SORTED_MAX = 1000;
/** Contents that were removed and may still be indexed, besides as many as there are. */
const STALE_MAX = 1000;

type Aspect = "field" | "type" | "doc";
const ASPECTS: readonly Aspect[] = ["field", "type", "doc"];

/** An index over the contents of a state. */
export interface SearchIndex {
  search(state: () => State, query: SearchQuery): Promise<SearchHit[]>;
  /** Takes an applied record: a new version is indexed at the next search. */
  note(stored: StoredRecord, record: RegistryRecord): void;
  /** Forgets everything; the next search makes the index again. */
  reset(): void;
}

/** What is indexed, and what is still to be. */
interface Index {
  /** Contents by their number, and back. */
  readonly contents: Content[];
  readonly numbers: Map<Content, number>;
  readonly terms: Readonly<Record<Aspect, Terms>>;
  readonly todo: Content[];
  readonly fresh: { readonly subject: string; readonly version: number }[];
  /** Versions that were made anew since are not announced by a record. */
  readonly remakes: number;
  /** The work of the search that came first, while it lasts. */
  work: Promise<void> | undefined;
}

/** Terms of one aspect, with the numbers of the contents that have them, ascending. */
interface Terms {
  readonly sorted: SortedNames;
  readonly numbers: Map<string, number[]>;
}

/** Makes an index; `turn` lets others run. */
export function createSearchIndex(
  { schemas }: Pick<World, "schemas">,
  turn: () => Promise<void>,
): SearchIndex {
  // Of its own: passing everything through the memory of requests would empty that.
  const parser = createSchemaTools();
  let index: Index | undefined;
  const current = (state: State): Index => {
    const isStale =
      index?.remakes !== state.remakes || index.contents.length > 2 * state.guids.size + STALE_MAX;
    if (index === undefined || isStale) index = emptyIndex(state);
    return index;
  };
  return {
    async search(state, query) {
      for (;;) {
        const own = current(state());
        own.work ??= catchUp(own, parser, state, turn).finally(() => {
          own.work = undefined;
        });
        await own.work;
        if (own !== index || own.fresh.length > 0) continue;
        return hits(own, schemas, state, query, turn);
      }
    },
    note(_stored, record) {
      if (index !== undefined && record.type === "schema") {
        index.fresh.push({ subject: record.subject, version: record.version });
      }
    },
    reset() {
      index = undefined;
    },
  };
}

function emptyIndex(state: State): Index {
  const terms = (): Terms => ({ sorted: createSortedNames(), numbers: new Map() });
  return {
    contents: [],
    numbers: new Map(),
    terms: { field: terms(), type: terms(), doc: terms() },
    todo: [...state.contexts.values()].flatMap(({ byGuid }) => [...byGuid.values()]),
    fresh: [],
    remakes: state.remakes,
    work: undefined,
  };
}

/** Indexes what is still to be. Searches at the same time share the work. */
async function catchUp(
  index: Index,
  parser: SchemaTools,
  state: () => State,
  turn: () => Promise<void>,
): Promise<void> {
  const pause = createPause(turn);
  for (;;) {
    for (const { subject, version } of index.fresh.splice(0)) {
      const found = findVersion(state().subjects.get(subject), version);
      if (found !== undefined) index.todo.push(found.entry.content);
    }
    const content = index.todo.pop();
    if (content === undefined) return;
    await add(index, parser, state(), content, turn);
    await pause(content.text.length);
  }
}

/** Lets others run after so many schemas, or so many characters of them. */
function createPause(turn: () => Promise<void>): (chars: number) => Promise<void> | undefined {
  let done = 0;
  let sum = 0;
  return (chars) => {
    sum += chars;
    if (++done < TURN && sum < TURN_CHARS) return undefined;
    [done, sum] = [0, 0];
    return turn();
  };
}

async function add(
  index: Index,
  parser: SchemaTools,
  state: State,
  content: Content,
  turn: () => Promise<void>,
): Promise<void> {
  if (index.numbers.has(content)) return;
  const number = index.contents.push(content) - 1;
  index.numbers.set(content, number);
  let terms = 0;
  for (const { aspect, term: whole } of termsOf(parser, state, content)) {
    const term = whole.slice(0, TERM_CHARS_MAX);
    const { sorted, numbers } = index.terms[aspect];
    const known = numbers.get(term);
    if (known === undefined) {
      sorted.add(term);
      numbers.set(term, [number]);
    } else if (known.at(-1) !== number) {
      known.push(number);
    }
    if (++terms % TURN_TERMS === 0) await turn();
  }
}

/** Something that a schema can be found by, in lower case, and where it is. */
interface Term {
  readonly aspect: Aspect;
  readonly term: string;
  readonly path: string;
}

function* termsOf(parser: SchemaTools, state: State, content: Content): Generator<Term> {
  for (const [fullName, type] of typesOf(parser, state, content)) {
    const shortName = fullName.slice(fullName.lastIndexOf(".") + 1);
    for (const name of new Set([fullName, shortName])) {
      yield { aspect: "type", term: name.toLowerCase(), path: fullName };
    }
    if ("doc" in type) yield* wordsOf(type.doc, fullName);
    const fields: readonly RecordField[] = type.kind === "record" ? type.fields : [];
    for (const { name, doc } of fields) {
      const path = `${fullName}.${name}`;
      yield { aspect: "field", term: name.toLowerCase(), path };
      yield* wordsOf(doc, path);
    }
  }
}

function typesOf(parser: SchemaTools, state: State, content: Content): Iterable<[string, Schema]> {
  try {
    return namedTypes(parser.parsed(state, content));
  } catch {
    // A schema that does not parse here has nothing that could be found.
    return [];
  }
}

function* wordsOf(doc: string | undefined, path: string): Generator<Term> {
  for (const [word] of (doc ?? "").matchAll(/[\p{L}\p{N}_]+/gu)) {
    yield { aspect: "doc", term: word.toLowerCase(), path };
  }
}

/** What is asked for, by aspect, in lower case. */
type Wanted = ReadonlyMap<Aspect, string>;

async function hits(
  index: Index,
  schemas: SchemaTools,
  state: () => State,
  query: SearchQuery,
  turn: () => Promise<void>,
): Promise<SearchHit[]> {
  const wanted: Wanted = new Map(
    ASPECTS.flatMap((aspect) => {
      const text = query[aspect]?.toLowerCase().slice(0, TERM_CHARS_MAX);
      return text ? [[aspect, text] as const] : [];
    }),
  );
  const matches = matching(index, wanted);
  const prefix = query.subjectPrefix ?? ALL_CONTEXTS;
  const versions =
    matches.length <= SORTED_MAX
      ? versionsOf(index, state(), matches, prefix)
      : versionsAmong(index, state(), new Set(matches), prefix);
  const found: SearchHit[] = [];
  const pause = createPause(turn);
  for (const { subject, version, entry } of paged(versions, query)) {
    const places = placesIn(schemas, state(), entry.content, wanted);
    found.push({ subject: subject.name, version, id: entry.id, matches: places });
    await pause(entry.content.text.length);
  }
  return found;
}

/** Numbers of the contents that have a match for everything that is wanted. */
function matching({ contents, terms }: Index, wanted: Wanted): number[] {
  // How many of the aspects so far were met; a content that misses one stays behind.
  const met = new Uint8Array(contents.length);
  let found: number[] = [];
  for (const [place, [aspect, text]] of [...wanted].entries()) {
    found = [];
    const { sorted, numbers } = terms[aspect];
    for (const term of withPrefix(sorted, text)) {
      for (const number of numbers.get(term) ?? []) {
        if (met[number] !== place) continue;
        met[number] = place + 1;
        found.push(number);
      }
    }
  }
  return found;
}

/** The live versions of few contents. */
function versionsOf(
  { contents }: Index,
  state: State,
  numbers: readonly number[],
  prefix: string,
): VersionState[] {
  return numbers
    .flatMap((number) => {
      const content = contents[number];
      return content !== undefined && isThere(state, content) ? content.ids : [];
    })
    .flatMap(({ uses }) => uses)
    .filter(({ deleted, subject }) => !deleted && hasSubjectPrefix(subject.name, prefix))
    .sort(compareVersions);
}

/** Contents that were removed meanwhile are still in the index. */
function isThere(state: State, content: Content): boolean {
  const { context, guid } = content;
  return state.contexts.get(context.name)?.byGuid.get(guid) === content;
}

/** The live versions of many contents. */
function* versionsAmong(
  { numbers }: Index,
  state: State,
  wanted: ReadonlySet<number>,
  prefix: string,
): Generator<VersionState> {
  for (const { versions } of subjectsWithPrefix(state, prefix)) {
    for (const version of versions) {
      const number = numbers.get(version.entry.content);
      if (!version.deleted && number !== undefined && wanted.has(number)) yield version;
    }
  }
}

/** Where in a schema the matches are; of very many the first ones. */
function placesIn(
  schemas: SchemaTools,
  state: State,
  content: Content,
  wanted: Wanted,
): readonly string[] {
  const places = new Set<string>();
  for (const { aspect, term, path } of termsOf(schemas, state, content)) {
    const text = wanted.get(aspect);
    if (text !== undefined && term.startsWith(text)) places.add(path);
    if (places.size === PLACES_MAX) break;
  }
  return [...places].sort(byUnits);
}
