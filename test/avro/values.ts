/** Random values of a schema, as the codec takes them in a mapping. Recursion ends after a few levels. */
import fc from "fast-check";
import type {
  LogicalType,
  MappingOptions,
  RecordSchema,
  Schema,
  ValueShape,
} from "../../src/avro/index.ts";
import { FRACTION_DIGITS, fieldShape, shapeOf } from "../../src/avro/index.ts";

const DEPTH_MAX = 4;

/** Values that reading yields (not the wider ones that writing accepts too). */
export function valuesOf(schema: Schema, mapping: MappingOptions = {}): fc.Arbitrary<unknown> {
  return ofShape(shapeOf(schema, mapping), mapping, 0);
}

const texts = fc.oneof(
  fc.constantFrom("", "plain", "é€😀", "__proto__", "constructor", "x".repeat(63), "y".repeat(64)),
  fc.string({ unit: "grapheme", maxLength: 40 }),
);
const longs = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -70n, max: 70n }),
  fc.constantFrom(2n ** 53n, -(2n ** 53n), 2n ** 53n - 1n, 2n ** 63n - 1n, -(2n ** 63n)),
);
const safeNumbers = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -70, max: 70 }));

function ofShape(shape: ValueShape, mapping: MappingOptions, depth: number): fc.Arbitrary<unknown> {
  switch (shape.kind) {
    case "scalar":
      return ofScalar(shape);
    case "enum":
      return fc.constantFrom(...shape.schema.symbols);
    case "fixed":
      return bytes(shape.schema.size, shape.schema.size);
    case "array":
      if (depth > DEPTH_MAX) return fc.constant([]);
      return fc.array(ofShape(shape.items, mapping, depth + 1), { maxLength: 3 });
    case "map":
      if (depth > DEPTH_MAX) return fc.constant({});
      return fc
        .array(fc.tuple(texts, ofShape(shape.values, mapping, depth + 1)), { maxLength: 3 })
        .map(objectOf);
    case "record":
      return ofRecord(shape.schema, mapping, depth);
    case "union":
      return ofUnion(shape, mapping, depth);
  }
}

function ofRecord(
  schema: RecordSchema,
  mapping: MappingOptions,
  depth: number,
): fc.Arbitrary<object> {
  const fields = schema.fields.map((field) =>
    ofShape(fieldShape(schema, field, mapping), mapping, depth + 1),
  );
  return fc
    .tuple(...fields)
    .map((values) => objectOf(values.map((value, i) => [schema.fields[i]?.name ?? "", value])));
}

function ofUnion(
  shape: ValueShape & { kind: "union" },
  mapping: MappingOptions,
  depth: number,
): fc.Arbitrary<unknown> {
  const ends = shape.branches.filter((branch) => isLeaf(branch.shape));
  const usable = depth > DEPTH_MAX && ends.length > 0 ? ends : shape.branches;
  return fc.oneof(
    ...usable.map((branch) => {
      if (!shape.tagged || branch.tag === "null")
        return fc.constant(null).chain(() => ofShape(branch.shape, mapping, depth + 1));
      return fc
        .constant(null)
        .chain(() => ofShape(branch.shape, mapping, depth + 1))
        .map((value) =>
          branch.boxed
            ? { $type: branch.tag, value }
            : objectOf([["$type", branch.tag], ...Object.entries(value as object)]),
        );
    }),
  );
}

function isLeaf(shape: ValueShape): boolean {
  return (
    shape.kind === "scalar" ||
    shape.kind === "enum" ||
    shape.kind === "fixed" ||
    shape.kind === "array" ||
    shape.kind === "map"
  );
}

function ofScalar(shape: ValueShape & { kind: "scalar" }): fc.Arbitrary<unknown> {
  switch (shape.conversion) {
    case "null":
      return fc.constant(null);
    case "boolean":
      return fc.boolean();
    case "int":
      return fc.oneof(fc.integer(), fc.integer({ min: -70, max: 70 }));
    case "long-bigint":
      return longs;
    case "long-number":
      return safeNumbers;
    case "float":
      return fc.float();
    case "double":
      return fc.double();
    case "bytes":
      return bytes(0, 60);
    case "string":
      return texts;
    case "date-text":
      return dates.map((date) => date.toISOString().slice(0, 10));
    case "timestamp-date":
      return fc.date({ noInvalidDate: true });
    case "local-timestamp-text":
      return dates.map((date) => {
        const digits =
          FRACTION_DIGITS[shape.schema.logicalType?.kind as keyof typeof FRACTION_DIGITS];
        return date
          .toISOString()
          .slice(0, 23)
          .padEnd(20 + digits, "7");
      });
    case "decimal-text":
      return decimals(shape.schema.logicalType);
    case "big-decimal-text":
      return fc
        .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat(40))
        .map(([value, scale]) => decimalText(value, scale));
    case "uuid-text":
      return fc.uuid();
    case "duration-object": {
      const part = fc.nat(0xffff_ffff);
      return fc.record({ months: part, days: part, millis: part }, { noNullPrototype: true });
    }
  }
}

const dates = fc.date({
  noInvalidDate: true,
  min: new Date("0000-01-01"),
  max: new Date("9999-12-31"),
});

function decimals(logicalType: LogicalType | undefined): fc.Arbitrary<string> {
  const { precision, scale } =
    logicalType?.kind === "decimal" ? logicalType : { precision: 1, scale: 0 };
  const max = 10n ** BigInt(precision) - 1n;
  return fc.bigInt({ min: -max, max }).map((value) => decimalText(value, scale));
}

function decimalText(value: bigint, scale: number): string {
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const text = scale === 0 ? whole : `${whole}.${digits.slice(digits.length - scale)}`;
  return value < 0n ? `-${text}` : text;
}

function bytes(minLength: number, maxLength: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength, maxLength });
}

function objectOf(entries: readonly (readonly [string, unknown])[]): object {
  const object = {};
  for (const [name, value] of entries) {
    Object.defineProperty(object, name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return object;
}
