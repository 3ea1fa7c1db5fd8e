/**
 * Parsed schemas: of stored contents and of requests, each parsed once while it is remembered.
 *
 * Invariants:
 * - Every function is pure: the memory only saves time. A remembered result is used only while the
 *   references that it was parsed with still mean the same contents.
 * - The text of a request becomes Confluent's canonical text; types that come from references stay
 *   names in it.
 * - What a schema means is its closure (`confluent/closure.ts`): a stored content's own model is not what
 *   it means among the references of another.
 */

import type { Refusal, SchemaReference } from "../../api/index.ts";
import { isRefusal, refuse } from "../../api/index.ts";
import type { ReadText, Schema } from "../../avro/index.ts";
import { printSchema } from "../../avro/index.ts";
import type { Lru } from "../../base/index.ts";
import { byUnits, createLru, isTypewireError, reasonOf } from "../../base/index.ts";
import type {
  Closure,
  ClosureFailure,
  ReferenceClosure,
  ReferencePath,
} from "../../confluent/index.ts";
import {
  closeReferences,
  equalText,
  normalizedSchema,
  pathTargets,
  qualifySubject,
  readClosure,
  SUBJECT_CHARS_MAX,
} from "../../confluent/index.ts";
import type { Content, State, VersionState } from "./state.ts";
import { findVersion, latestVersion } from "./state.ts";

const VALIDATIONS = ["strict", "lenient", "stored"] as const;

/** Text to parse, with its references as the client gave them. */
export interface SchemaSource {
  /** Name of the context in which unqualified references are looked for. */
  readonly context: string;
  readonly text: string;
  readonly references: readonly SchemaReference[];
  /**
   * `strict`: as a new schema (names, defaults); `lenient`: names in any script, any namespace, any
   * default;
   * `stored`: as one that some registry holds already, with any names.
   */
  readonly validation: (typeof VALIDATIONS)[number];
  readonly normalize: boolean;
  /** Whether references may mean soft-deleted versions, at whatever depth. */
  readonly deletedReferences: boolean;
  /** Whether two versions of one name among all references are refused. */
  readonly strictVersions: boolean;
}

/** A request's schema, ready to be compared and stored. */
export interface PreparedSchema {
  readonly schema: Schema;
  /** Canonical (or normalised) text. */
  readonly text: string;
  /** With numbers in place of -1. */
  readonly references: readonly SchemaReference[];
}

/** The parsed-schema cache. */
export interface SchemaTools {
  /** Parses, resolves and prints a request's schema; a refusal says why it can't. */
  prepare(state: State, source: SchemaSource): PreparedSchema | Refusal;
  /** Lets go of what was prepared for a request that is stored now: from here on its content counts. */
  forget(source: SchemaSource): void;
  /** The model of a stored content; throws when it does not parse. */
  parsed(state: State, content: Content): Schema;
  /** The text of a stored content with its references inlined; throws when it does not parse. */
  resolvedText(state: State, content: Content): string;
  /** The text of a model with everything written out. */
  inlined(schema: Schema): string;
  /** The text by which models are compared: equal for equal schemas. */
  compared(schema: Schema): string;
  /** Whether canonical texts can be of equal schemas, which differ in their order at most. */
  mayEqual(left: HasText, right: HasText): boolean;
}

interface Tools extends SchemaTools {
  /** Reads a schema after all that it refers to. */
  read(
    root: Content | string,
    uses: readonly VersionState[],
    mode: SchemaSource["validation"],
  ): Closure<Content>;
}

interface HasText {
  readonly text: string;
}

/** Bound of each memory, in characters of schema text. */
const TEXT_CHARS_MAX = 4_000_000;
/** What an entry counts besides its text. */
const ENTRY_CHARS = 200;

interface Remembered<T> {
  readonly value: T;
  /** The contents that the references meant, directly or not, in the order of reading. */
  readonly resolved: readonly Content[];
}

/** Makes a parsed-schema cache. */
export function createSchemaTools(): SchemaTools {
  const requests = createRequests();
  const contents = createLru<Content, Remembered<Schema>>(TEXT_CHARS_MAX);
  const letters = remembering(letterSum);
  const tools: Tools = {
    read: createReader(),
    prepare: (state, source) => prepare(tools, requests, state, source),
    forget: (source) =>
      memoryOf(requests, source).delete(memoryKey(source.context, source.references, source.text)),
    parsed: (state, content) => parsedContent(tools, contents, state, content),
    resolvedText: (state, content) => tools.inlined(tools.parsed(state, content)),
    inlined: remembering((schema: Schema) => printSchema(schema)),
    compared: remembering(equalText),
    mayEqual: (left, right) => letters(left) === letters(right),
  };
  return tools;
}

function remembering<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const values = new WeakMap<K, V>();
  return (key) => {
    const value = values.get(key) ?? make(key);
    values.set(key, value);
    return value;
  };
}

/** The same for all texts of the same letters, whatever their order. */
function letterSum({ text }: HasText): number {
  let sum = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    sum = (sum + Math.imul(unit, unit)) | 0;
  }
  return sum;
}

function prepare(
  tools: Tools,
  requests: Requests,
  state: State,
  source: SchemaSource,
): PreparedSchema | Refusal {
  const { context, deletedReferences: deleted } = source;
  const long = source.references.find(({ name }) => name.length > SUBJECT_CHARS_MAX);
  if (long !== undefined) {
    const detail = `The name of a reference has ${long.name.length} characters, more than ${SUBJECT_CHARS_MAX}`;
    return refuse("INVALID_SCHEMA", { detail });
  }
  const direct = resolveReferences(state, context, source.references, deleted);
  if (isRefusal(direct)) return direct;
  const closure = closureOf(state, context, source.references, { deleted });
  if (isRefusal(closure)) return closure;
  const refusal = source.strictVersions ? versionsRefusal(closure) : undefined;
  if (refusal !== undefined) return refusal;
  const references = source.references.map((reference, index) => ({
    ...reference,
    version: direct[index]?.version ?? reference.version,
  }));
  const memory = memoryOf(requests, source);
  const key = memoryKey(source.context, references, source.text);
  const resolved = closure.order.map(contentOf);
  const known = memory.get(key);
  if (known && sameContents(known.resolved, resolved)) return known.value;
  const value = parseRequest(tools, source, references, closure.order);
  if (!isRefusal(value)) {
    memory.set(key, { value, resolved }, source.text.length + value.text.length + ENTRY_CHARS);
  }
  return value;
}

/**
 * Prepared requests, a memory for each way of preparing. Without references the key is the text
 * itself, so that nothing is copied, and its hash is computed once for all look-ups of a request. V8
 * hashes a text of more than 16,383 units by its length alone; the bound on characters is one on how many
 * of them there can be, and a look-up compares with those of its length.
 */
type Requests = readonly Lru<string, Remembered<PreparedSchema>>[];

const WAYS = 4 * VALIDATIONS.length;

function createRequests(): Requests {
  return Array.from({ length: WAYS }, () => createLru(TEXT_CHARS_MAX));
}

function memoryOf(requests: Requests, source: SchemaSource): Requests[number] {
  const { validation, normalize, references } = source;
  const way =
    4 * VALIDATIONS.indexOf(validation) + (normalize ? 1 : 0) + (references.length > 0 ? 2 : 0);
  const memory = requests[way];
  if (memory === undefined) throw new RangeError(`no memory ${way}`);
  return memory;
}

function memoryKey(context: string, references: readonly SchemaReference[], text: string): string {
  if (references.length === 0) return text;
  return `${context}\u0000${JSON.stringify(references)}\u0000${text}`;
}

function parseRequest(
  tools: Tools,
  source: SchemaSource,
  references: readonly SchemaReference[],
  uses: readonly VersionState[],
): PreparedSchema | Refusal {
  try {
    const closure = tools.read(source.text, uses, source.validation);
    return {
      schema: closure.schema,
      text: (source.normalize ? normalizedSchema : printSchema)(closure.schema, {
        external: closure.roots,
      }),
      references: source.normalize ? normalizedReferences(references) : references,
    };
  } catch (error) {
    return refuse("INVALID_SCHEMA", { detail: messageOf(error) });
  }
}

function parsedContent(
  tools: Tools,
  memory: Lru<Content, Remembered<Schema>>,
  state: State,
  content: Content,
): Schema {
  const closure = closureOf(state, content.context.name, content.references, { deleted: true });
  if (isRefusal(closure)) throw new Error(String(closure.params["detail"]));
  const resolved = closure.order.map(contentOf);
  const known = memory.get(content);
  if (known && sameContents(known.resolved, resolved)) return known.value;
  const value = tools.read(content, closure.order, "stored").schema;
  memory.set(content, { value, resolved }, content.text.length + ENTRY_CHARS);
  return value;
}

/** What references mean, in their order; unqualified subjects are looked for in `context`. */
export function resolveReferences(
  state: State,
  context: string,
  references: readonly SchemaReference[],
  deleted: boolean,
): readonly VersionState[] | Refusal {
  const uses: VersionState[] = [];
  const latest = new Map<string, VersionState | undefined>();
  const latestOf = (name: string): VersionState | undefined => {
    if (!latest.has(name)) latest.set(name, latestVersion(state.subjects.get(name)));
    return latest.get(name);
  };
  for (const reference of references) {
    const name = qualifySubject(context, reference.subject);
    const use =
      reference.version === -1
        ? latestOf(name)
        : findVersion(state.subjects.get(name), reference.version);
    if (use === undefined || (use.deleted && !deleted)) {
      return refuse("INVALID_SCHEMA", {
        detail: `No schema reference found for subject "${name}" and version ${reference.version}`,
      });
    }
    uses.push(use);
  }
  return uses;
}

/** Carries a refusal out of a walk. */
class Refused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super("refused");
    this.refusal = refusal;
  }
}

/** All that references lead to, or why they lead nowhere. */
function closureOf(
  state: State,
  context: string,
  references: readonly SchemaReference[],
  { deleted }: { readonly deleted: boolean },
): ReferenceClosure<VersionState> | Refusal {
  const targets = (from: string, list: readonly SchemaReference[]) => {
    const uses = resolveReferences(state, from, list, deleted);
    if (isRefusal(uses)) throw new Refused(uses);
    return uses.map((target, index) => ({ name: list[index]?.name ?? "", target }));
  };
  try {
    return closeReferences(targets(context, references), ({ entry: { content } }) =>
      targets(content.context.name, content.references),
    );
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    return refuse("INVALID_SCHEMA", { detail: messageOf(error) });
  }
}

/** The refusal of references that mean two versions of one name, where that is not allowed. */
function versionsRefusal({ taken }: ReferenceClosure<VersionState>): Refusal | undefined {
  const conflict = taken.find(
    ({ first: { target: one }, other: { target: two } }) =>
      one.version !== two.version || one.entry.content !== two.entry.content,
  );
  if (conflict === undefined) return undefined;
  const { first, other } = conflict;
  return refuse("INVALID_SCHEMA", {
    detail:
      `Conflicting reference versions for "${first.name}": version ${first.target.version} and ` +
      `version ${other.target.version} (${pathText(first)}, but ${pathText(other)})`,
  });
}

/** How a reference is reached, from the root's own references on. */
function pathText(path: ReferencePath<VersionState>): string {
  return pathTargets(path)
    .map(({ subject, version }) => `subject "${subject.name}" version ${version}`)
    .join(" → ");
}

/** Reads texts as one, and says of a type that is defined differently by whom. */
function createReader(): Tools["read"] {
  const lru = createLru<Content, readonly ReadText[]>(TEXT_CHARS_MAX);
  const memory = {
    get: (content: Content) => lru.get(content),
    set: (content: Content, known: readonly ReadText[]) =>
      lru.set(content, known, known.length * (content.text.length + ENTRY_CHARS)),
  };
  return (root, uses, mode) =>
    readClosure(root, uses.map(contentOf), {
      mode,
      memory,
      explain: (failure) => explained(failure, uses),
    });
}

/** The sentence names the schema that can't be read, unless it is the one that is asked about. */
function explained(
  { error, source, earlier }: ClosureFailure<Content>,
  uses: readonly VersionState[],
): Error {
  const nameOf = (content: Content): string => {
    const use = uses.find(({ entry }) => entry.content === content);
    return `subject "${use?.subject.name}" version ${use?.version}`;
  };
  const where = source === undefined ? "" : `, in ${nameOf(source)}`;
  const before = earlier === undefined ? "" : `, defined first in ${nameOf(earlier)}`;
  const sentence = reasonOf(error);
  return new Error(`${sentence}${where}${before}`, { cause: error });
}

function contentOf({ entry }: VersionState): Content {
  return entry.content;
}

function sameContents(left: readonly Content[], right: readonly Content[]): boolean {
  return left.length === right.length && left.every((content, index) => content === right[index]);
}

// Sorted by subject and version, each once: Confluent normalises references with the text.
function normalizedReferences(references: readonly SchemaReference[]): SchemaReference[] {
  const distinct = new Map(references.map((reference) => [JSON.stringify(reference), reference]));
  return [...distinct.values()].sort(
    (left, right) => byUnits(left.subject, right.subject) || left.version - right.version,
  );
}

/** What an error says, and the next step where it knows one: clients see no hints. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const known = [error, error.cause].find((each) => isTypewireError(each));
  return known === undefined ? error.message : `${error.message}. ${known.hint.replace(/\.$/, "")}`;
}
