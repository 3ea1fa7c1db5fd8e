/**
 * Avro's JSON encoding, as the conformance files spell data: union values other than null are
 * `{"<branch>": value}`, bytes and fixed are strings of code points 0–255. Compared with what the codec gives in
 * the mapping `{ long: "bigint", logical: "raw" }`.
 */
import type { Json, Schema, UnionSchema } from "../../src/avro/index.ts";
import { branchTag, JsonNumber, parseJson, shapeOf } from "../../src/avro/index.ts";

/** The mapping that shows every value of Avro's JSON encoding. */
export const RAW = { long: "bigint", logical: "raw" } as const;

/** The value that Avro's JSON encoding stands for. */
export function datumOf(schema: Schema, json: Json): unknown {
  switch (schema.kind) {
    case "array":
      return (json as readonly Json[]).map((item) => datumOf(schema.items, item));
    case "map":
      return objectOf([...(json as ReadonlyMap<string, Json>)], () => schema.values);
    case "record": {
      const members = json as ReadonlyMap<string, Json>;
      const entries = schema.fields.map(
        (field) => [field.name, members.get(field.name) as Json] as const,
      );
      return objectOf(entries, (name) => schema.fields.find((f) => f.name === name)?.schema);
    }
    case "union":
      return branchValue(schema, json);
    case "bytes":
    case "fixed":
      return new Uint8Array(Buffer.from(json as string, "latin1"));
    case "long":
      return BigInt((json as JsonNumber).text);
    case "int":
    case "float":
    case "double":
      return json instanceof JsonNumber ? Number(json.text) : Number(json);
    default:
      return json;
  }
}

function objectOf(
  entries: readonly (readonly [string, Json])[],
  schemaOf: (name: string) => Schema | undefined,
): object {
  const object = {};
  for (const [name, member] of entries) {
    Object.defineProperty(object, name, {
      value: datumOf(schemaOf(name) as Schema, member),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return object;
}

function branchValue(schema: UnionSchema, json: Json): unknown {
  if (json === null) return null;
  const [[tag, inner]] = [...(json as ReadonlyMap<string, Json>)] as [[string, Json]];
  const branch = schema.branches.find((b) => branchTag(b) === tag) as Schema;
  const value = datumOf(branch, inner);
  const shape = shapeOf(schema, RAW);
  if (shape.kind !== "union" || !shape.tagged) return value;
  return branch.kind === "record" ? { $type: tag, ...(value as object) } : { $type: tag, value };
}

/** The value that a text in Avro's JSON encoding stands for. */
export function datumOfText(schema: Schema, text: string): unknown {
  return datumOf(schema, parseJson(text));
}
