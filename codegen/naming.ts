/** Which names the module of a subject declares. */
import type {
  EnumSchema,
  FixedSchema,
  NamedSchema,
  RecordSchema,
  Schema,
} from "../src/avro/index.ts";
import { namedTypes } from "../src/avro/index.ts";
import { pascalName, reservedNames, safeName, shortNames } from "./names.ts";
import type { Face } from "./types.ts";

/** The names that a subject's module exports. */
export interface ModuleNames {
  /** The types that are defined in this module, outermost first. */
  readonly types: readonly NamedSchema[];
  /** The type's name; undefined when another module declares it. */
  nameOf(schema: RecordSchema | EnumSchema | FixedSchema, face: Face): string | undefined;
  /** What reading the root yields, and what writing it accepts. */
  readonly root: { readonly output: string; readonly input: string };
  /** Whether the root is a type alias that only this module needs (a union, an array, …). */
  readonly rootIsAlias: boolean;
  /** The constant with the descriptor. */
  readonly constant: string;
  /** Exported names that are types only. */
  readonly typeExports: readonly string[];
  /** Exported names that are values (an enum is both). */
  readonly valueExports: readonly string[];
  /** Every name that imports must keep clear of. */
  readonly taken: ReadonlySet<string>;
}

/**
 * Settles the names of a module. Types are told apart by their full names, not by identity: a schema
 * may define once more, in the same words, what a schema that it refers to defines.
 *
 * Helper names (`…Input`, `…Schema`) give way to the schema's own: they take a `$` at their end.
 *
 * @param foreign - Types that modules of referenced subjects declare, by full name.
 */
export function moduleNames(
  subject: string,
  root: Schema,
  foreign: ReadonlyMap<string, NamedSchema>,
): ModuleNames {
  const types = [...namedTypes(root).values()].filter(({ name }) => !foreign.has(name.fullName));
  const names = shortNames(types.map((type) => type.name.fullName));
  const taken = new Set(names.values());
  const input = new Map(
    types.map(({ kind, name: { fullName } }) => {
      const name = names.get(fullName) ?? "";
      return [fullName, kind === "record" ? claim(`${name}Input`, taken) : name];
    }),
  );
  const named = "name" in root && names.has(root.name.fullName) ? root.name.fullName : undefined;
  const rootOutput = named === undefined ? undefined : names.get(named);
  const rootInput = named === undefined ? undefined : input.get(named);
  const alias = rootOutput ?? claim(safeName(pascalName(subject)), taken);
  const aliasInput = rootInput ?? claim(`${alias}Input`, taken);
  const constant = claim(`${alias}Schema`, taken);
  const enums = types
    .filter((type) => type.kind === "enum")
    .map(({ name }) => names.get(name.fullName) ?? "");
  const all = [...names.values(), ...input.values(), alias, aliasInput];
  return {
    types,
    nameOf: (schema, face) => (face === "output" ? names : input).get(schema.name.fullName),
    root: { output: alias, input: aliasInput },
    rootIsAlias: named === undefined,
    constant,
    typeExports: [...new Set(all)].filter((name) => !enums.includes(name)),
    valueExports: [constant, ...enums],
    taken,
  };
}

function claim(wanted: string, taken: Set<string>): string {
  let name = wanted;
  while (taken.has(name) || reservedNames.has(name)) name += "$";
  taken.add(name);
  return name;
}
