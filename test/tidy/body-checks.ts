/**
 * The checks of the API's bodies as JavaScript, made by ajv ahead of time: a registry that starts loads
 * no ajv and compiles no schema.
 *
 * A part that several schemas share becomes one function: the text is a tenth of what it would be.
 */
import { Ajv } from "ajv";
import standaloneCode from "ajv/dist/standalone/index.js";
import type { TSchema } from "../../src/base/index.ts";

const HEAD = `/**
 * What the bodies of the API look like, as ajv's own code; \`npm run tidy\` writes it from \`src/api/\`.
 * The first error of a check is the one that users see.
 */
`;

/** The text of a module with a check for the body of each operation. */
export function bodyChecks(bodies: ReadonlyMap<string, TSchema>): string {
  const schemas = [...new Set(bodies.values())];
  const { parts, linked } = withSharedParts(schemas);
  const ajv = new Ajv({
    strict: false,
    validateFormats: false,
    inlineRefs: false,
    code: { source: true, esm: true, lines: true },
  });
  for (const [name, part] of parts) ajv.addSchema(part, name);
  for (const [i, schema] of linked.entries()) ajv.addSchema(schema, `body${i}`);
  const names = Object.fromEntries(linked.map((_, i) => [`body${i}`, `body${i}`]));
  const code = standaloneCode
    .default(ajv, names)
    .replace('"use strict";\n', "")
    .replaceAll(/^export const /gm, "const ");
  const rows = [...bodies].map(
    ([operation, schema]) => `  ${JSON.stringify(operation)}: body${schemas.indexOf(schema)},\n`,
  );
  return `${HEAD}${code.trimEnd()}\n\nexport const checks = {\n${rows.join("")}};\n`;
}

interface Linked {
  readonly parts: ReadonlyMap<string, TSchema>;
  readonly linked: readonly TSchema[];
}

/** Takes out every part that stands in more than one place, and refers to it. */
function withSharedParts(schemas: readonly TSchema[]): Linked {
  const uses = new Map<string, number>();
  const count = (schema: TSchema): void => {
    const text = JSON.stringify(schema);
    const seen = uses.get(text) ?? 0;
    uses.set(text, seen + 1);
    if (seen > 0) return;
    mapParts(schema, (part) => {
      count(part);
      return part;
    });
  };
  for (const schema of schemas) count(schema);
  const names = new Map<string, string>();
  const parts = new Map<string, TSchema>();
  const link = (schema: TSchema): TSchema => {
    const text = JSON.stringify(schema);
    if ((uses.get(text) ?? 0) < 2 || !isCompound(schema)) return mapParts(schema, link);
    let name = names.get(text);
    if (name === undefined) {
      name = `part${names.size}`;
      names.set(text, name);
      parts.set(name, mapParts(schema, link));
    }
    return { $ref: name };
  };
  return { linked: schemas.map((schema) => mapParts(schema, link)), parts };
}

function isCompound(schema: TSchema): boolean {
  return ["properties", "patternProperties", "anyOf"].some((keyword) => keyword in schema);
}

/** A schema with other parts in the places of its own, without its description. */
function mapParts(
  { description: _, ...schema }: TSchema,
  change: (part: TSchema) => TSchema,
): TSchema {
  const each = (members: unknown): Record<string, TSchema> =>
    Object.fromEntries(
      Object.entries(members as Record<string, TSchema>).map(([name, part]) => [
        name,
        change(part),
      ]),
    );
  return {
    ...schema,
    ...("properties" in schema && { properties: each(schema["properties"]) }),
    ...("patternProperties" in schema && { patternProperties: each(schema["patternProperties"]) }),
    ...("anyOf" in schema && { anyOf: (schema["anyOf"] as TSchema[]).map(change) }),
    ...("items" in schema && { items: change(schema["items"] as TSchema) }),
  };
}
