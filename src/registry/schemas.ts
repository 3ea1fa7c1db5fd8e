/**
 * Parsed schemas: of stored contents and of requests, each parsed once while it is remembered.
 *
 * Invariants:
 * - Every function is pure: the memory only saves time. A remembered result is used only while the
 *   references that it was parsed with still mean the same contents.
 * - The text of a request becomes Confluent's canonical text; types that come from references stay
 *   names in it.
 */
import type { Refusal, SchemaReference } from "../api/index.ts";
import { isRefusal, refuse } from "../api/index.ts";
import type { NamedSchema, Schema } from "../avro/index.ts";
import {
  equalText,
  namedTypes,
  normalizedSchema,
  parseSchema,
  printSchema,
} from "../avro/index.ts";
import { compareUnits } from "./content.ts";
import type { Lru } from "./lru.ts";
import { createLru } from "./lru.ts";
import type { Content, State, VersionState } from "./state.ts";
import { findVersion, latestVersion } from "./state.ts";
import { qualifySubject } from "./subjects.ts";

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
  /** Whether references may mean soft-deleted versions. */
  readonly deletedReferences: boolean;
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

interface HasText {
  readonly text: string;
}

/** Bound of each memory, in characters of schema text. */
const TEXT_CHARS_MAX = 4_000_000;
/** What an entry counts besides its text. */
const ENTRY_CHARS = 200;

interface Remembered<T> {
  readonly value: T;
  /** The contents that the references meant. */
  readonly resolved: readonly Content[];
}

/** Makes a parsed-schema cache. */
export function createSchemaTools(): SchemaTools {
  const requests = createRequests();
  const contents = createLru<Content, Remembered<Schema>>(TEXT_CHARS_MAX);
  const letters = remembering(letterSum);
  const tools: SchemaTools = {
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
  tools: SchemaTools,
  requests: Requests,
  state: State,
  source: SchemaSource,
): PreparedSchema | Refusal {
  const uses = resolveReferences(
    state,
    source.context,
    source.references,
    source.deletedReferences,
  );
  if (isRefusal(uses)) return uses;
  const references = source.references.map((reference, index) => ({
    ...reference,
    version: uses[index]?.version ?? reference.version,
  }));
  const memory = memoryOf(requests, source);
  const key = memoryKey(source.context, references, source.text);
  const resolved = uses.map((use) => use.entry.content);
  const known = memory.get(key);
  if (known && sameContents(known.resolved, resolved)) return known.value;
  const value = parseRequest(tools, state, source, references, resolved);
  if (!isRefusal(value)) {
    memory.set(key, { value, resolved }, source.text.length + value.text.length + ENTRY_CHARS);
  }
  return value;
}

/**
 * Prepared requests, a memory for each way of preparing. Without references the key is the text
 * itself, so that nothing is copied, and its hash is computed once for all look-ups of a request.
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
  tools: SchemaTools,
  state: State,
  source: SchemaSource,
  references: readonly SchemaReference[],
  resolved: readonly Content[],
): PreparedSchema | Refusal {
  try {
    const { types, roots } = typesOf(tools, state, references, resolved);
    const parsed = parseSchema(source.text, { mode: source.validation, types });
    return {
      schema: parsed,
      text: (source.normalize ? normalizedSchema : printSchema)(parsed, { external: roots }),
      references: source.normalize ? normalizedReferences(references) : references,
    };
  } catch (error) {
    return refuse("INVALID_SCHEMA", { detail: messageOf(error) });
  }
}

function parsedContent(
  tools: SchemaTools,
  memory: Lru<Content, Remembered<Schema>>,
  state: State,
  content: Content,
): Schema {
  const uses = resolveReferences(state, content.context.name, content.references, true);
  if (isRefusal(uses)) throw new Error(String(uses.params["detail"]));
  const resolved = uses.map((use) => use.entry.content);
  const known = memory.get(content);
  if (known && sameContents(known.resolved, resolved)) return known.value;
  const value = parseSchema(content.text, {
    mode: "stored",
    types: typesOf(tools, state, content.references, resolved).types,
  });
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
  for (const reference of references) {
    const name = qualifySubject(context, reference.subject);
    const subject = state.subjects.get(name);
    const use =
      reference.version === -1 ? latestVersion(subject) : findVersion(subject, reference.version);
    if (use === undefined || (use.deleted && !deleted)) {
      return refuse("INVALID_SCHEMA", {
        detail: `No schema reference found for subject "${name}" and version ${reference.version}`,
      });
    }
    uses.push(use);
  }
  return uses;
}

/** The types that references bring, and the names that stay names in canonical text. */
interface ForeignTypes {
  readonly types: Map<string, NamedSchema>;
  /** Root types of the references and of their references, as Java keeps them. */
  readonly roots: Set<string>;
  /** Names of the references: of two with the same name the first counts, at whatever depth. */
  readonly names: Set<string>;
}

function typesOf(
  tools: SchemaTools,
  state: State,
  references: readonly SchemaReference[],
  resolved: readonly Content[],
): ForeignTypes {
  const found: ForeignTypes = { types: new Map(), roots: new Set(), names: new Set() };
  addReferences(tools, state, references, resolved, found);
  return found;
}

function addReferences(
  tools: SchemaTools,
  state: State,
  references: readonly SchemaReference[],
  resolved: readonly Content[],
  found: ForeignTypes,
): void {
  for (const [index, content] of resolved.entries()) {
    const name = references[index]?.name ?? "";
    if (found.names.has(name)) continue;
    found.names.add(name);
    addTypes(tools, state, content, found);
  }
}

function addTypes(tools: SchemaTools, state: State, content: Content, found: ForeignTypes): void {
  const schema = tools.parsed(state, content);
  if ("name" in schema) {
    if (found.roots.has(schema.name.fullName)) return;
    found.roots.add(schema.name.fullName);
  }
  for (const [name, type] of namedTypes(schema)) found.types.set(name, type);
  const uses = resolveReferences(state, content.context.name, content.references, true);
  if (isRefusal(uses)) return;
  const resolved = uses.map(({ entry }) => entry.content);
  addReferences(tools, state, content.references, resolved, found);
}

function sameContents(left: readonly Content[], right: readonly Content[]): boolean {
  return left.length === right.length && left.every((content, index) => content === right[index]);
}

// Sorted by subject and version, each once: Confluent normalises references with the text.
function normalizedReferences(references: readonly SchemaReference[]): SchemaReference[] {
  const distinct = new Map(references.map((reference) => [JSON.stringify(reference), reference]));
  return [...distinct.values()].sort(
    (left, right) => compareUnits(left.subject, right.subject) || left.version - right.version,
  );
}

/** The sentence of an error. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
