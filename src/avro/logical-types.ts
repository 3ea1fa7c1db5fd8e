/**
 * Recognising logical types.
 *
 * Invariant: a logical type that is unknown, on the wrong base or with wrong attributes is ignored
 * and never an error; its attributes stay on the type as metadata.
 */

import { isIntegerText } from "./json-print.ts";
import type { Json, JsonObject, LogicalType } from "./model.ts";
import { JsonNumber } from "./model.ts";

type PlainKind = Exclude<LogicalType["kind"], "decimal">;

/** Where each logical type may stand; a number is the size that a fixed must have. */
const BASES: ReadonlyMap<string, { readonly kind: PlainKind; readonly on: string }> = new Map(
  (
    [
      ["big-decimal", "bytes"],
      ["uuid", "string fixed16"],
      ["date", "int"],
      ["time-millis", "int"],
      ["time-micros", "long"],
      ["timestamp-millis", "long"],
      ["timestamp-micros", "long"],
      ["timestamp-nanos", "long"],
      ["local-timestamp-millis", "long"],
      ["local-timestamp-micros", "long"],
      ["local-timestamp-nanos", "long"],
      ["duration", "fixed12"],
    ] as const
  ).map(([kind, on]) => [kind, { kind, on }]),
);

/** The logical type of a type with these attributes, if it applies; `size` is that of a fixed. */
export function logicalTypeOf(
  base: string,
  attributes: JsonObject,
  size?: number,
): LogicalType | undefined {
  if (attributes.size === 0) return undefined;
  const name = attributes.get("logicalType");
  if (typeof name !== "string") return undefined;
  if (name === "decimal") return decimalOf(base, attributes, size);
  const known = BASES.get(name);
  const place = base === "fixed" ? `fixed${size}` : base;
  return known?.on.split(" ").includes(place) ? { kind: known.kind } : undefined;
}

function decimalOf(base: string, attributes: JsonObject, size = 0): LogicalType | undefined {
  if (base !== "bytes" && base !== "fixed") return undefined;
  const precision = int32Of(attributes.get("precision"));
  const scale = attributes.has("scale") ? int32Of(attributes.get("scale")) : 0;
  if (precision === undefined || scale === undefined) return undefined;
  const digitsMax = base === "bytes" ? 0x7fffffff : Math.floor(Math.log10(2) * (8 * size - 1));
  if (precision <= 0 || precision > digitsMax || scale < 0 || scale > precision) return undefined;
  return { kind: "decimal", precision, scale };
}

/** The value of a JSON integer that fits 32 bits. */
export function int32Of(value: Json | undefined): number | undefined {
  if (!(value instanceof JsonNumber) || !isIntegerText(value.text)) return undefined;
  const number = Number(value.text);
  return number >= -0x80000000 && number <= 0x7fffffff ? number + 0 : undefined;
}
