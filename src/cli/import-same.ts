/**
 * Whether two registries hold the same content, however each prints it: registries differ in
 * white space, in the order of members, and in how they write a primitive type. What the references
 * lead to is part of it: the same words may mean different types.
 */
import { isDeepStrictEqual } from "node:util";
import type { ReadText } from "../avro/index.ts";
import { printSchema } from "../avro/index.ts";
import type { ClosureReference, ClosureText } from "../confluent/index.ts";
import { closeReferences, readClosure } from "../confluent/index.ts";
import type { HeldVersion } from "./import-names.ts";
import { createReferenceFinder } from "./import-names.ts";

/** Compares versions of one registry with versions of another. */
export function createSameContent(
  versions: readonly HeldVersion[],
  others: readonly HeldVersion[],
): (version: HeldVersion, other: HeldVersion) => boolean {
  const textOf = createTexts(versions);
  const textOfOther = createTexts(others);
  return (version, other) =>
    version.schemaType === other.schemaType &&
    isDeepStrictEqual(membersOf(version), membersOf(other)) &&
    ((version.schema === other.schema && version.references.length === 0) ||
      textOf(version) === textOfOther(other));
}

function membersOf({ references, metadata, ruleSet }: HeldVersion): unknown {
  const names = references.map(({ name, version }) => `${version} ${name}`).sort();
  return [names, present(metadata), present(ruleSet)];
}

/** Without `null` members, which mean the same as absent ones. */
function present(value: unknown): unknown {
  const text = JSON.stringify(value, (_, member: unknown) => member ?? undefined);
  return text === undefined ? undefined : (JSON.parse(text) as unknown);
}

/** The text of a schema as we print it, alone and written out; as it is when it can't be read. */
function createTexts(versions: readonly HeldVersion[]): (version: HeldVersion) => string {
  const usedBy = createReferenceFinder(versions);
  // References to what is not there are left out: the text may do without.
  const linkedTo = (version: HeldVersion): ClosureReference<HeldVersion>[] =>
    version.references.flatMap((reference) =>
      usedBy({ ...version, references: [reference] }).map((target) => ({
        name: reference.name,
        target,
      })),
    );
  const linked = new Map<HeldVersion, readonly ClosureReference<HeldVersion>[]>();
  const referencesOf = (version: HeldVersion): readonly ClosureReference<HeldVersion>[] => {
    const references = linked.get(version) ?? linkedTo(version);
    linked.set(version, references);
    return references;
  };
  const sources = new Map(versions.map((version) => [version, { text: version.schema }]));
  const sourceOf = (version: HeldVersion): ClosureText =>
    sources.get(version) ?? { text: version.schema };
  const memory = new Map<ClosureText, readonly ReadText[]>();
  return (version) => {
    try {
      const { order } = closeReferences(referencesOf(version), referencesOf);
      const { schema, roots } = readClosure(sourceOf(version), order.map(sourceOf), {
        mode: "stored",
        memory,
      });
      return `${printSchema(schema, { external: roots })}\n${printSchema(schema)}`;
    } catch {
      return version.schema;
    }
  };
}
