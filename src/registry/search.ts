/**
 * Search in schemas: names of fields and types, words of docs.
 *
 * Invariants:
 * - The index is made at the first search and kept up with what is registered; a search looks at the
 *   terms with the asked prefix only.
 * - Hits are live versions, sorted by subject and version.
 */
import type { RecordField, Schema } from "../avro/index.ts";
import { namedTypes } from "../avro/index.ts";
import { compareUnits } from "./content.ts";
import type { SearchHit, SearchQuery } from "./extra-types.ts";
import type { StoredRecord } from "./log.ts";
import type { RegistryRecord } from "./records.ts";
import type { Rules } from "./rules.ts";
import type { SortedNames } from "./sorted-names.ts";
import { createSortedNames, withPrefix } from "./sorted-names.ts";
import type { Content, State } from "./state.ts";
import { findVersion } from "./state.ts";
import { ALL_CONTEXTS } from "./subjects.ts";
import { hasSubjectPrefix } from "./subjects-in.ts";

type Aspect = "field" | "type" | "doc";

/** Terms of one aspect. */
interface Terms {
  readonly sorted: SortedNames;
  readonly contents: Map<string, Map<Content, string[]>>;
}

/** An index over the contents of a state. */
export interface SearchIndex {
  search(state: State, query: SearchQuery): SearchHit[];
  /** Takes an applied record: a new version is indexed at the next search. */
  note(stored: StoredRecord, record: RegistryRecord): void;
  /** Forgets everything; the next search makes the index again. */
  reset(): void;
}

/** Makes an index. */
export function createSearchIndex(rules: Rules): SearchIndex {
  let indexed = new WeakSet<Content>();
  /** `undefined` before the first search. */
  let terms: AllTerms | undefined;
  let pending: { readonly subject: string; readonly version: number }[] = [];
  const add = (state: State, into: AllTerms, content: Content | undefined): void => {
    if (content === undefined || indexed.has(content)) return;
    indexed.add(content);
    addContent(into, state, rules, content);
  };
  return {
    search(state, query) {
      if (terms === undefined) {
        terms = emptyTerms();
        for (const { byGuid } of state.contexts.values()) {
          for (const content of byGuid.values()) add(state, terms, content);
        }
      }
      for (const { subject, version } of pending.splice(0)) {
        add(state, terms, findVersion(state.subjects.get(subject), version)?.entry.content);
      }
      return hits(state, terms, query);
    },
    note(_stored, record) {
      if (terms !== undefined && record.type === "schema") {
        pending.push({ subject: record.subject, version: record.version });
      }
    },
    reset() {
      indexed = new WeakSet();
      terms = undefined;
      pending = [];
    },
  };
}

type AllTerms = Readonly<Record<Aspect, Terms>>;

function emptyTerms(): AllTerms {
  const empty = (): Terms => ({ sorted: createSortedNames(), contents: new Map() });
  return { field: empty(), type: empty(), doc: empty() };
}

function addContent(terms: AllTerms, state: State, rules: Rules, content: Content): void {
  for (const [fullName, type] of typesOf(state, rules, content)) {
    addTerm(terms.type, fullName, content, fullName);
    addTerm(terms.type, fullName.slice(fullName.lastIndexOf(".") + 1), content, fullName);
    if ("doc" in type) addWords(terms.doc, type.doc, content, fullName);
    const fields: readonly RecordField[] = type.kind === "record" ? type.fields : [];
    for (const field of fields) {
      const path = `${fullName}.${field.name}`;
      addTerm(terms.field, field.name, content, path);
      addWords(terms.doc, field.doc, content, path);
    }
  }
}

function typesOf(state: State, rules: Rules, content: Content): Iterable<[string, Schema]> {
  try {
    return namedTypes(rules.schemas.parsed(state, content));
  } catch {
    // A schema that does not parse here has nothing that could be found.
    return [];
  }
}

function addWords(terms: Terms, doc: string | undefined, content: Content, path: string): void {
  for (const [word] of (doc ?? "").matchAll(/[\p{L}\p{N}_]+/gu)) {
    addTerm(terms, word, content, path);
  }
}

function addTerm(terms: Terms, text: string, content: Content, path: string): void {
  const term = text.toLowerCase();
  terms.sorted.add(term);
  const contents = terms.contents.get(term) ?? new Map<Content, string[]>();
  terms.contents.set(term, contents);
  const paths = contents.get(content) ?? [];
  contents.set(content, paths);
  if (!paths.includes(path)) paths.push(path);
}

function hits(state: State, terms: AllTerms, query: SearchQuery): SearchHit[] {
  const found = matching(terms, query);
  const all: SearchHit[] = [];
  for (const [content, paths] of found) {
    // Contents that were removed meanwhile are still in the index, but nothing uses them.
    if (content.context.byGuid.get(content.guid) !== content) continue;
    if (state.contexts.get(content.context.name) !== content.context) continue;
    const matches = [...new Set(paths)].sort(compareUnits);
    for (const { id, uses } of content.ids) {
      for (const { subject, version, deleted } of uses) {
        if (deleted || !hasSubjectPrefix(subject.name, query.subjectPrefix ?? ALL_CONTEXTS))
          continue;
        all.push({ subject: subject.name, version, id, matches });
      }
    }
  }
  all.sort(
    (left, right) => compareUnits(left.subject, right.subject) || left.version - right.version,
  );
  return all.slice(0, query.limit);
}

/** Contents that have a match for every aspect that is asked for. */
function matching(terms: AllTerms, query: SearchQuery): Map<Content, string[]> {
  let found: Map<Content, string[]> | undefined;
  for (const aspect of ["field", "type", "doc"] as const) {
    const text = query[aspect]?.toLowerCase();
    if (!text) continue;
    const own = matchingTerm(terms[aspect], text);
    found = found === undefined ? own : both(found, own);
  }
  return found ?? new Map();
}

function matchingTerm(terms: Terms, text: string): Map<Content, string[]> {
  const found = new Map<Content, string[]>();
  for (const term of withPrefix(terms.sorted, text)) {
    for (const [content, paths] of terms.contents.get(term) ?? []) {
      found.set(content, [...(found.get(content) ?? []), ...paths]);
    }
  }
  return found;
}

function both(
  left: ReadonlyMap<Content, string[]>,
  right: ReadonlyMap<Content, string[]>,
): Map<Content, string[]> {
  const found = new Map<Content, string[]>();
  for (const [content, paths] of left) {
    const others = right.get(content);
    if (others !== undefined) found.set(content, [...paths, ...others]);
  }
  return found;
}
