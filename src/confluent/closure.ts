/**
 * The closure of a schema: its text and the texts of everything that it refers to, read as one.
 *
 * Invariants:
 * - Which texts take part, and in which order, is what Confluent's registry does
 *   (`AbstractSchemaProvider.resolveReferences`, without `reference.versions.strict`): depth first,
 *   in the order of the lists, a schema's own references before the schema; of two references with
 *   one name the first counts, at whatever depth, and the other one is left out with all that it
 *   refers to.
 * - The texts are read as one Java `Schema.Parser` reads them: into one table of names, in which a
 *   second definition of a name must equal the first. So what a text means depends on the texts
 *   before it: a schema may mean something else in another schema's closure than on its own.
 * - A text is read again only when it asks the table for something and gets another answer than
 *   before, so a closure of n texts costs at most n readings, and none when it is known.
 */

import type { NamedSchema, ParseOptions, ReadText, Schema } from "../avro/index.ts";
import { avroErrors, checkDepth, readSchema } from "../avro/index.ts";
import { isTypewireError } from "../base/index.ts";

/** A reference, with what it leads to in place of a subject and a version. */
export interface ClosureReference<T> {
  /** The name that tells references apart: the first of a name counts. */
  readonly name: string;
  readonly target: T;
}

/** A reference at the end of a chain of references. */
export interface ReferencePath<T> extends ClosureReference<T> {
  /** The reference of the schema that has this one; absent for the references of the root. */
  readonly parent?: ReferencePath<T>;
}

/** A reference that was left out because its name was taken, by another schema. */
export interface NameTaken<T> {
  readonly first: ReferencePath<T>;
  readonly other: ReferencePath<T>;
}

/** What a schema refers to. */
export interface ReferenceClosure<T> {
  /** Directly or not, in the order of reading. */
  readonly order: readonly T[];
  /** References that lead elsewhere than the first one of their name. */
  readonly taken: readonly NameTaken<T>[];
}

/** Guards against hostile graphs: each is far beyond what teams have. */
export const CLOSURE_LIMITS = {
  /** Names of references that one closure may have, which are the texts that are read. */
  schemas: 1_000,
  /** References that may stand in the lists of the root and of those schemas. */
  references: 20_000,
  /** Characters that the texts may have together. */
  characters: 2_000_000,
} as const;

/** As many references are told of that were left out. */
const TAKEN_MAX = 100;

interface Open<T> {
  readonly path?: ReferencePath<T>;
  readonly references: readonly ClosureReference<T>[];
  next: number;
}

/**
 * Finds what takes part in a closure.
 *
 * @param references - The references of the root.
 * @param referencesOf - The references of any other schema. What it throws is thrown.
 * @throws AVRO_CLOSURE_TOO_LARGE
 */
export function closeReferences<T>(
  references: readonly ClosureReference<T>[],
  referencesOf: (target: T) => readonly ClosureReference<T>[],
): ReferenceClosure<T> {
  const order: T[] = [];
  const taken: NameTaken<T>[] = [];
  const byName = new Map<string, ReferencePath<T>>();
  const open: Open<T>[] = [{ references, next: 0 }];
  let steps = 0;
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const reference = top.references[top.next++];
    if (reference === undefined) {
      if (top.path !== undefined) order.push(top.path.target);
      open.pop();
      continue;
    }
    if (++steps > CLOSURE_LIMITS.references) throw tooLarge("references");
    const { name, target } = reference;
    const first = byName.get(name);
    if (first === undefined) {
      if (byName.size === CLOSURE_LIMITS.schemas) throw tooLarge("schemas");
      const path = { name, target, ...(top.path && { parent: top.path }) };
      byName.set(name, path);
      open.push({ path, references: referencesOf(target), next: 0 });
    } else if (first.target !== target && taken.length < TAKEN_MAX) {
      taken.push({ first, other: { name, target, ...(top.path && { parent: top.path }) } });
    }
  }
  return { order, taken };
}

/** A path from the root's reference to the last, for messages. */
export function pathTargets<T>(path: ReferencePath<T>): T[] {
  const targets: T[] = [];
  for (let at: ReferencePath<T> | undefined = path; at !== undefined; at = at.parent) {
    targets.unshift(at.target);
  }
  return targets;
}

/** Any text that takes part in a closure. The object, not the text, is what is remembered. */
export interface ClosureText {
  readonly text: string;
}

/** A schema, read after all that it refers to. */
export interface Closure<T extends ClosureText> {
  readonly schema: Schema;
  /** The types that the schema's own text defines. */
  readonly own: ReadonlyMap<string, NamedSchema>;
  /** The types that the references bring, by full name. */
  readonly types: ReadonlyMap<string, NamedSchema>;
  /** Which text brought each of them. */
  readonly sources: ReadonlyMap<string, T>;
  /**
   * Root types of the references, which stay names in the schema's canonical text; types that are
   * nested in them do not.
   */
  readonly roots: ReadonlySet<string>;
}

/**
 * Remembers what texts meant, so that they need not be read again; a `Map` will do. It must not be
 * shared between readings with different modes for references.
 */
export interface ClosureMemory<T extends ClosureText> {
  get(text: T): readonly ReadText[] | undefined;
  set(text: T, known: readonly ReadText[]): unknown;
}

/** How {@link readClosure} reads. */
export interface ClosureOptions<T extends ClosureText> {
  /** How the schema itself is parsed. */
  readonly mode: ParseOptions["mode"];
  /** How the texts of the references are parsed. Default `"stored"`: they were accepted once. */
  readonly referenceMode?: ParseOptions["mode"];
  /** Default: what is remembered lasts as long as one reading. */
  readonly memory?: ClosureMemory<T>;
  /** Makes the error that is thrown of one that a text caused. Default: the error itself. */
  readonly explain?: (failure: ClosureFailure<T>) => unknown;
}

/** Which text can't be read, and why. */
export interface ClosureFailure<T extends ClosureText> {
  readonly error: unknown;
  /** The text; absent for the root's. */
  readonly source?: T;
  /** When it defines a name differently: the text that defined it first, if that is another one. */
  readonly earlier?: T;
}

/** How many meanings of one text are remembered. */
const MEANINGS_MAX = 4;

/**
 * Reads a schema after all that it refers to.
 *
 * @param root - The schema, or its text. An object is remembered, and taken from memory, when it is
 *   parsed as the references are.
 * @param order - Of {@link closeReferences}.
 * @throws the errors of `parseSchema`, AVRO_CLOSURE_TOO_LARGE, or what `explain` makes of them
 */
export function readClosure<T extends ClosureText>(
  root: T | string,
  order: readonly T[],
  options: ClosureOptions<T>,
): Closure<T> {
  const types = new Map<string, NamedSchema>();
  const sources = new Map<string, T>();
  const roots = new Set<string>();
  const explained = <R>(read: () => R, source?: T): R => {
    try {
      return read();
    } catch (error) {
      const earlier = sources.get(redefinedName(error) ?? "");
      const failure = { error, ...(source && { source }), ...(earlier && { earlier }) };
      throw options.explain === undefined ? error : options.explain(failure);
    }
  };
  const characters = order.reduce((sum, source) => sum + source.text.length, 0);
  if (characters > CLOSURE_LIMITS.characters) throw tooLarge("characters");
  const { referenceMode: mode = "stored", memory = new Map<T, readonly ReadText[]>() } = options;
  for (const source of order) {
    const { schema, own } = explained(() => readText(source, types, mode, memory), source);
    if ("name" in schema) roots.add(schema.name.fullName);
    for (const [name, type] of own) {
      if (types.has(name)) continue;
      types.set(name, type);
      sources.set(name, source);
    }
  }
  return explained(() => {
    const { schema, own, isBounded } =
      typeof root === "string" || options.mode !== mode
        ? readSchema(typeof root === "string" ? root : root.text, { mode: options.mode, types })
        : readText(root, types, mode, memory);
    // As in Java: a root that is defined once more, in equal words, is the one that was there.
    const known = "name" in schema ? types.get(schema.name.fullName) : undefined;
    if (!isBounded) checkDepth(known ?? schema);
    return { schema: known ?? schema, own, types, sources, roots };
  });
}

function readText<T extends ClosureText>(
  source: T,
  types: ReadonlyMap<string, NamedSchema>,
  mode: ParseOptions["mode"],
  memory: ClosureMemory<T>,
): ReadText {
  const known = memory.get(source) ?? [];
  const same = known.find(({ asked }) => answersAlike(asked, types));
  if (same !== undefined) return same;
  const read = readSchema(source.text, { mode, types });
  memory.set(source, [read, ...known.slice(0, MEANINGS_MAX - 1)]);
  return read;
}

function answersAlike(asked: ReadText["asked"], types: ReadonlyMap<string, NamedSchema>): boolean {
  for (const [name, answer] of asked) if (types.get(name) !== answer) return false;
  return true;
}

function redefinedName(error: unknown): string | undefined {
  if (!isTypewireError(error, "AVRO_NAME_REDEFINED")) return undefined;
  const { name } = error.details;
  return typeof name === "string" ? name : undefined;
}

function tooLarge(what: keyof typeof CLOSURE_LIMITS): Error {
  return avroErrors.create("AVRO_CLOSURE_TOO_LARGE", { limit: CLOSURE_LIMITS[what], what });
}
