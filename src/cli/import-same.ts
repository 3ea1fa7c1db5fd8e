/**
 * Whether two registries mean the same content, whatever way each prints it: registries differ in
 * white space, in the order of members, and in how they write a primitive type.
 */
import { isDeepStrictEqual } from "node:util";
import type { NamedSchema, Schema } from "../avro/index.ts";
import { namedTypes, parseSchema, printSchema } from "../avro/index.ts";
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
    (version.schema === other.schema || textOf(version) === textOfOther(other));
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

/** The text of a schema as we print it; as it is when it can't be read. */
function createTexts(versions: readonly HeldVersion[]): (version: HeldVersion) => string {
  const usedBy = createReferenceFinder(versions);
  const parsed = new Map<HeldVersion, Schema>();
  const typesOf = (version: HeldVersion): Map<string, NamedSchema> => {
    const types = new Map<string, NamedSchema>();
    for (const used of usedBy(version)) {
      for (const each of [typesOf(used), namedTypes(parse(used))]) {
        for (const [name, type] of each) types.set(name, type);
      }
    }
    return types;
  };
  const parse = (version: HeldVersion): Schema => {
    const known = parsed.get(version);
    if (known !== undefined) return known;
    const schema = parseSchema(version.schema, { mode: "stored", types: typesOf(version) });
    parsed.set(version, schema);
    return schema;
  };
  return (version) => {
    try {
      return printSchema(parse(version), { external: typesOf(version) });
    } catch {
      return version.schema;
    }
  };
}
