/**
 * JSON Schemas that carry the TypeScript type of what they accept, so that a body is defined once.
 *
 * Invariants:
 * - A schema is plain JSON data (draft 7, the part that the API and `typewire.json` need): it is sent in
 *   `/openapi.json`, and ajv checks values against it.
 * - Which members are optional is known to types and to `Type.Object` only: it is kept under a symbol,
 *   which JSON does not show.
 * - No package is loaded: the registry client and generated code import this, and start with it.
 */

/** A schema of values of type `T`; the member `static` exists in types only. */
export interface TSchema<T = unknown> {
  readonly [keyword: string]: unknown;
  readonly static?: T;
}

/** The type of the values that a schema accepts. */
export type Static<S extends TSchema> = S extends TSchema<infer T> ? T : never;

const OPTIONAL = Symbol("optional");

/** A member of an object that may be absent. */
export type TOptional<S extends TSchema> = S & { readonly [OPTIONAL]: true };

/** The schema of an object; its members are there for other objects to take over. */
export interface TObject<P extends Members> extends TSchema<ObjectOf<P>> {
  readonly properties: P;
}

type Members = Readonly<Record<string, TSchema>>;
/** Further keywords, such as `description` or `minItems`. */
type Keywords = Readonly<Record<string, unknown>>;
type OptionalKeys<P extends Members> = {
  [K in keyof P]: P[K] extends { readonly [OPTIONAL]: true } ? K : never;
}[keyof P];
type ObjectOf<P extends Members> = Flat<
  { [K in Exclude<keyof P, OptionalKeys<P>>]: Static<P[K]> } & {
    [K in OptionalKeys<P>]?: Static<P[K]>;
  }
>;
type Flat<T> = { [K in keyof T]: T[K] };

function object<const P extends Members>(properties: P, keywords?: Keywords): TObject<P> {
  const required = Object.keys(properties).filter((name) => !isOptional(properties[name]));
  return {
    ...keywords,
    type: "object",
    ...(required.length > 0 && { required }),
    properties,
  };
}

function isOptional(schema: TSchema | undefined): boolean {
  return schema !== undefined && OPTIONAL in schema;
}

function record<V extends TSchema>(
  keys: TSchema<string>,
  values: V,
  keywords?: Keywords,
): TSchema<Record<string, Static<V>>> {
  const pattern = typeof keys["pattern"] === "string" ? keys["pattern"] : "^(.*)$";
  return { ...keywords, type: "object", patternProperties: { [pattern]: values } };
}

function simple<T>(type: string): (keywords?: Keywords) => TSchema<T> {
  return (keywords) => ({ ...keywords, type });
}

/** Makes schemas; `keywords` are added to them as they are. */
export const Type = {
  String: simple<string>("string"),
  Integer: simple<number>("integer"),
  Number: simple<number>("number"),
  Boolean: simple<boolean>("boolean"),
  Null: simple<null>("null"),
  Unknown: (keywords: Keywords = {}): TSchema<unknown> => ({ ...keywords }),
  Literal: <const T extends string>(value: T): TSchema<T> => ({ const: value, type: "string" }),
  Array: <S extends TSchema>(items: S, keywords?: Keywords): TSchema<Static<S>[]> => ({
    ...keywords,
    type: "array",
    items,
  }),
  Object: object,
  /** Any object whose names match the pattern of `keys`, or any names when it has none. */
  Record: record,
  Union: <S extends TSchema>(schemas: readonly S[]): TSchema<Static<S>> => ({ anyOf: schemas }),
  Optional: <S extends TSchema>(schema: S): TOptional<S> => ({ ...schema, [OPTIONAL]: true }),
};
