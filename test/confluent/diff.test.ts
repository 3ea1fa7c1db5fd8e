import { fc, test as prop } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import type { Schema } from "../../src/avro/index.ts";
import { parseSchema, printSchema, readerIncompatibilities } from "../../src/avro/index.ts";
import type { Level, SchemaChange } from "../../src/confluent/index.ts";
import { diffSchemas, LEVELS, satisfiedLevels } from "../../src/confluent/index.ts";
import { arbSchemaPair, arbSchemaText } from "../avro/arbitraries.ts";

const BACKWARD: readonly Level[] = ["BACKWARD", "BACKWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE"];
const FORWARD: readonly Level[] = ["FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE"];
const BOTH: readonly Level[] = LEVELS.filter((level) => level !== "NONE");

function diff(before: unknown, after: unknown): readonly SchemaChange[] {
  return diffSchemas(
    parseSchema(JSON.stringify(before), { mode: "strict" }),
    parseSchema(JSON.stringify(after), { mode: "strict" }),
  );
}

function record(...fields: readonly object[]): object {
  return { type: "record", name: "Order", namespace: "shop", fields };
}

const id = { name: "id", type: "string" };
const status = (symbols: readonly string[], extra: object = {}): object =>
  record({ name: "s", type: { type: "enum", name: "Status", symbols, ...extra } });
const decimal = (precision: number, scale: number): object => ({
  type: "bytes",
  logicalType: "decimal",
  precision,
  scale,
});

describe("diffSchemas", () => {
  test.each<[string, unknown, unknown, readonly SchemaChange[]]>([
    [
      "a field without a default breaks reading old data",
      record(id),
      record(id, { name: "total", type: "long" }),
      [{ kind: "field-added", path: "/fields/1", after: "total", breaks: BACKWARD }],
    ],
    [
      "a field with a default breaks nothing",
      record(id),
      record({ name: "total", type: "long", default: 0 }, id),
      [{ kind: "field-added", path: "/fields/0", after: "total", breaks: [] }],
    ],
    [
      "removing a field without a default breaks old readers",
      record(id, { name: "total", type: "long" }),
      record(id),
      [{ kind: "field-removed", path: "/fields/1", before: "total", breaks: FORWARD }],
    ],
    [
      "a field renamed by alias breaks old readers only",
      record(id),
      record({ name: "key", type: "string", aliases: ["id"] }),
      [
        { kind: "aliases-changed", path: "/fields/0", before: "[]", after: '["id"]', breaks: [] },
        { kind: "field-renamed", path: "/fields/0", before: "id", after: "key", breaks: FORWARD },
      ],
    ],
    [
      "widening a number breaks old readers",
      record({ name: "n", type: "int" }),
      record({ name: "n", type: "long" }),
      [
        {
          kind: "type-changed",
          path: "/fields/0/type",
          before: '"int"',
          after: '"long"',
          breaks: FORWARD,
        },
      ],
    ],
    [
      "an added symbol breaks old readers, a removed one new readers",
      status(["A", "B"]),
      status(["C", "A"]),
      [
        { kind: "symbol-added", path: "/fields/0/type", after: "C", breaks: FORWARD },
        { kind: "symbol-removed", path: "/fields/0/type", before: "B", breaks: BACKWARD },
      ],
    ],
    [
      "an enum default rescues",
      status(["A", "B"], { default: "A" }),
      status(["A"], { default: "A" }),
      [{ kind: "symbol-removed", path: "/fields/0/type", before: "B", breaks: [] }],
    ],
    [
      "an added branch breaks old readers",
      ["null", "string"],
      ["null", "string", "boolean"],
      [{ kind: "branch-added", path: "/2", after: "boolean", breaks: FORWARD }],
    ],
    [
      "an added branch that another one can read breaks nothing",
      ["null", "long"],
      ["null", "int", "long"],
      [{ kind: "branch-added", path: "/1", after: "int", breaks: [] }],
    ],
    [
      "a decimal with another scale is accepted everywhere, so it warns",
      decimal(9, 2),
      decimal(9, 3),
      [
        {
          kind: "logical-type-changed",
          path: "",
          before: '{"logicalType":"decimal","precision":9,"scale":2}',
          after: '{"logicalType":"decimal","precision":9,"scale":3}',
          breaks: [],
          warning:
            "Data written with scale 2 is read with scale 3: amounts change by powers of ten.",
        },
      ],
    ],
    [
      "another name without an alias breaks both ways",
      { type: "fixed", name: "A", size: 4 },
      { type: "fixed", name: "B", size: 4 },
      [{ kind: "type-renamed", path: "", before: "A", after: "B", breaks: BOTH }],
    ],
    [
      "another namespace breaks nothing",
      { type: "fixed", name: "A", size: 4 },
      { type: "fixed", name: "x.A", size: 8 },
      [
        { kind: "namespace-changed", path: "", before: "A", after: "x.A", breaks: [] },
        { kind: "size-changed", path: "/size", before: "4", after: "8", breaks: BOTH },
      ],
    ],
    [
      "docs, orders, defaults and attributes break nothing",
      record({ name: "n", type: "int", default: 1, order: "ignore" }),
      record({ name: "n", type: "int", default: 2, doc: "count", owner: "us" }),
      [
        { kind: "doc-changed", path: "/fields/0", after: "count", breaks: [] },
        { kind: "default-changed", path: "/fields/0", before: "1", after: "2", breaks: [] },
        {
          kind: "field-order-changed",
          path: "/fields/0",
          before: "ignore",
          after: "ascending",
          breaks: [],
        },
        {
          kind: "attributes-changed",
          path: "/fields/0",
          before: "{}",
          after: '{"owner":"us"}',
          breaks: [],
        },
      ],
    ],
    [
      "what moved is told",
      record(id, { name: "n", type: ["null", "int"] }),
      record({ name: "n", type: ["int", "null"], default: 0 }, id),
      [
        { kind: "default-added", path: "/fields/0", after: "0", breaks: [] },
        { kind: "branches-reordered", path: "/fields/0/type", breaks: [] },
        { kind: "fields-reordered", path: "/fields", breaks: [] },
      ],
    ],
  ])("%s", (_, before, after, changes) => {
    expect(diff(before, after)).toEqual(changes);
  });

  prop.prop([arbSchemaText], { numRuns: 200, seed: 20_261_121 })(
    "a schema does not differ from itself",
    (text) => {
      expect(
        diffSchemas(parseSchema(text, { mode: "strict" }), parseSchema(text, { mode: "strict" })),
      ).toEqual([]);
    },
  );

  prop.prop([arbSchemaPair], { numRuns: 400, seed: 20_261_121 })(
    "there are changes exactly when the stored texts differ",
    ([first, second]) => {
      const [before, after] = [
        parseSchema(first, { mode: "strict" }),
        parseSchema(second, { mode: "strict" }),
      ];
      const isSame = printSchema(before) === printSchema(after);
      expect(diffSchemas(before, after).length === 0).toBe(isSame);
    },
  );

  prop.prop([arbSchemaPair], { numRuns: 400, seed: 20_261_121 })(
    "the changes break together what registration refuses",
    ([first, second]) => {
      const [before, after] = [
        parseSchema(first, { mode: "strict" }),
        parseSchema(second, { mode: "strict" }),
      ];
      fc.pre(canJudge(before, after) && canJudge(after, before));
      const satisfied = satisfiedLevels(after, [{ schema: before }]);
      const broken = new Set(diffSchemas(before, after).flatMap(({ breaks }) => breaks));
      expect(LEVELS.filter((level) => !broken.has(level))).toEqual(
        LEVELS.filter((level) => satisfied.has(level)),
      );
    },
  );

  prop.prop([arbSchemaPair], { numRuns: 300, seed: 20_261_121 })(
    "every finding of the checker points into the reader",
    ([first, second]) => {
      const [writer, reader] = [
        parseSchema(first, { mode: "strict" }),
        parseSchema(second, { mode: "strict" }),
      ];
      fc.pre(canJudge(reader, writer));
      const lost = readerIncompatibilities(reader, writer).filter(
        ({ readerPath, writerPath }) =>
          memberAt(reader, readerPath) === undefined || memberAt(writer, writerPath) === undefined,
      );
      expect(lost).toEqual([]);
    },
  );
});

/** Aliases that fit several fields end Java's check, whatever changed. */
function canJudge(reader: Schema, writer: Schema): boolean {
  try {
    readerIncompatibilities(reader, writer);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: "AVRO_ALIAS_AMBIGUOUS" });
    return false;
  }
}

/** What a pointer of a finding points at, references followed. */
function memberAt(schema: Schema, pointer: string): unknown {
  let at: unknown = schema;
  for (const step of pointer.split("/").slice(1)) {
    const node = at as Record<string, unknown>;
    if (Array.isArray(at)) at = (at as readonly unknown[])[Number(step)];
    else if (Array.isArray(node["branches"])) at = (node["branches"] as unknown[])[Number(step)];
    else at = node[step === "type" ? "schema" : step];
  }
  return at;
}
