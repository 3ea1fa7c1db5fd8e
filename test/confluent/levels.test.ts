import { describe, expect, test } from "vitest";
import { parseSchema, readerIncompatibilities } from "../../src/avro/index.ts";
import type { Level } from "../../src/confluent/index.ts";
import { checkCompatibility, LEVELS, satisfiedLevels } from "../../src/confluent/index.ts";

interface Field {
  readonly name: string;
  readonly type: unknown;
  readonly default?: unknown;
  readonly aliases?: readonly string[];
}

function order(...fields: readonly Field[]): string {
  return JSON.stringify({ type: "record", name: "Order", fields });
}

function versions(
  ...texts: readonly string[]
): { schema: ReturnType<typeof parseSchema>; text: string; version: number }[] {
  return texts.map((text, index) => ({
    schema: parseSchema(text, { mode: "strict" }),
    text,
    version: index + 1,
  }));
}

function messages(
  level: Level,
  candidate: string,
  ...history: readonly string[]
): readonly string[] {
  const check = {
    level,
    candidate: { schema: parseSchema(candidate, { mode: "strict" }) },
    history: versions(...history),
  };
  return checkCompatibility(check).messages;
}

const id: Field = { name: "id", type: "string" };
const total: Field = { name: "total", type: "long" };
const note: Field = { name: "note", type: "string", default: "" };

const missing = (field: string, at: number, reader: string, writer: string): string =>
  `{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE', description:'The field '${field}' at path '/fields/${at}' in the ${reader} schema has no default value and is missing in the ${writer} schema', additionalInfo:'${field}'}`;
const end = (level: Level): string => `{validateFields: 'false', compatibility: '${level}'}`;

describe("Confluent's messages", () => {
  test("backward: findings, version, text, level", () => {
    const old = order(id);
    expect(messages("BACKWARD", order(id, total), old)).toEqual([
      missing("total", 1, "new", "old"),
      "{oldSchemaVersion: 1}",
      `{oldSchema: '${old}'}`,
      end("BACKWARD"),
    ]);
  });

  test("forward: old and new swap", () => {
    const old = order(id, total);
    expect(messages("FORWARD", order(id), old)).toEqual([
      missing("total", 1, "old", "new"),
      "{oldSchemaVersion: 1}",
      `{oldSchema: '${old}'}`,
      end("FORWARD"),
    ]);
  });

  test("full: forward findings first; the old schema only after backward ones", () => {
    expect(messages("FULL", order(id), order(id, total))).toEqual([
      missing("total", 1, "old", "new"),
      end("FULL"),
    ]);
    expect(messages("FULL", order(total), order(id))).toEqual([
      missing("id", 0, "old", "new"),
      missing("total", 0, "new", "old"),
      "{oldSchemaVersion: 1}",
      `{oldSchema: '${order(id)}'}`,
      end("FULL"),
    ]);
  });

  test("transitive levels go from newest to oldest and stop at the first that fails", () => {
    const history = [order(total), order(id), order(id, note)];
    expect(messages("BACKWARD_TRANSITIVE", order(id, note), ...history)).toEqual([
      missing("id", 0, "new", "old"),
      "{oldSchemaVersion: 1}",
      `{oldSchema: '${order(total)}'}`,
      end("BACKWARD_TRANSITIVE"),
    ]);
    expect(messages("BACKWARD", order(id, note), ...history)).toEqual([]);
  });

  test("a long old schema is cut, and a version that has no number is not told", () => {
    const text = order({ ...id, name: "x".repeat(11_000) });
    const check = {
      level: "BACKWARD",
      candidate: { schema: parseSchema('"int"', { mode: "strict" }) },
      history: [{ schema: parseSchema(text, { mode: "strict" }), text }],
      validateFields: true,
    } as const;
    expect(checkCompatibility(check).messages.slice(1)).toEqual([
      `{oldSchema: <truncated> '${text.slice(0, 10_240)}...'}`,
      "{validateFields: 'true', compatibility: 'BACKWARD'}",
    ]);
  });

  test("an ambiguous alias is an exception there, and a failure", () => {
    const reader = order({ ...id, aliases: ["key"] });
    const writer = order(id, { name: "key", type: "string" });
    const verdict = checkCompatibility({
      level: "BACKWARD",
      candidate: { schema: parseSchema(reader, { mode: "strict" }) },
      history: versions(writer),
    });
    expect(verdict.isCompatible).toBe(false);
    expect(verdict.failures).toMatchObject([
      {
        version: 1,
        direction: "backward",
        incompatibilities: [],
        error: { code: "AVRO_ALIAS_AMBIGUOUS" },
      },
    ]);
    expect(verdict.messages[0]).toBe(
      `Unexpected exception during compatibility check: Reader record field id type:STRING pos:0 matches multiple fields in writer record schema ${writer}`,
    );
    expect(() =>
      readerIncompatibilities(
        parseSchema(reader, { mode: "strict" }),
        parseSchema(writer, { mode: "strict" }),
      ),
    ).toThrow("Reader field id matches several fields of writer record Order: id, key");
  });
});

describe("levels", () => {
  test("no level refuses the first version, NONE refuses nothing", () => {
    for (const level of LEVELS) expect(messages(level, '"int"')).toEqual([]);
    expect(messages("NONE", '"int"', '"string"')).toEqual([]);
  });

  test.each<[string, string, readonly string[], readonly Level[]]>([
    ["the same again", order(id), [order(id), order(id)], LEVELS],
    ["a new field with a default", order(id, note), [order(id)], LEVELS],
    [
      "a new field without",
      order(id, total),
      [order(id)],
      ["NONE", "FORWARD", "FORWARD_TRANSITIVE"],
    ],
    ["nothing fits", '"int"', ['"string"'], ["NONE"]],
    [
      "only the newest fits",
      '"int"',
      ['"string"', '"int"'],
      ["NONE", "BACKWARD", "FORWARD", "FULL"],
    ],
    [
      "wider than the newest, other than the oldest",
      '"long"',
      ['"string"', '"int"'],
      ["NONE", "BACKWARD"],
    ],
    ["no version yet", '"int"', [], LEVELS],
  ])("%s", (_, candidate, history, expected) => {
    const satisfied = satisfiedLevels(
      parseSchema(candidate, { mode: "strict" }),
      versions(...history),
    );
    expect(LEVELS.filter((level) => satisfied.has(level))).toEqual(expected);
    for (const level of LEVELS) {
      expect(messages(level, candidate, ...history).length === 0).toBe(satisfied.has(level));
    }
  });
});

describe("findings", () => {
  const named = (name: string, more: object): object => ({
    type: "record",
    name,
    fields: [],
    ...more,
  });

  test("carry full pointers into both schemas where Java's location starts again", () => {
    const inner = (type: string): object => named("I", { fields: [{ name: "x", type }] });
    const outer = (type: string, first: object): string =>
      order(first as Field, { name: "u", type: ["null", inner(type)] });
    const reader = parseSchema(outer("int", note), { mode: "strict" });
    const writer = parseSchema(order({ name: "u", type: ["null", inner("string")] }), {
      mode: "strict",
    });
    expect(readerIncompatibilities(reader, writer)).toEqual([
      {
        type: "MISSING_UNION_BRANCH",
        location: "/fields/1/type/1",
        message: "reader union lacking writer type: RECORD",
        readerPath: "/fields/1/type",
        writerPath: "/fields/0/type/1",
      },
    ]);
  });

  test("of a type that is met again come back with their first location, as in Java", () => {
    const twice = (type: string): string =>
      order(
        { name: "a", type: named("I", { fields: [{ name: "x", type }] }) },
        { name: "b", type: "I" },
      );
    const found = readerIncompatibilities(
      parseSchema(twice("int"), { mode: "strict" }),
      parseSchema(twice("string"), { mode: "strict" }),
    );
    expect(found.map(({ location }) => location)).toEqual([
      "/fields/0/type/fields/0/type",
      "/fields/0/type/fields/0/type",
    ]);
  });

  test("of a new enum field with a symbol for unknown ones compare it with the record, as in Java", () => {
    const color = { type: "enum", name: "Color", symbols: ["RED"], default: "RED" };
    const found = (type: object) =>
      readerIncompatibilities(
        parseSchema(order({ name: "c", type } as Field), { mode: "strict" }),
        parseSchema(order(), { mode: "strict" }),
      ).map(({ type: kind, location, message }) => [kind, location, message]);
    expect(found(color)).toEqual([
      [
        "TYPE_MISMATCH",
        "/fields/0/type",
        "reader type: ENUM not compatible with writer type: RECORD",
      ],
    ]);
    const { default: _, ...plain } = color;
    expect(found(plain)).toEqual([["READER_FIELD_MISSING_DEFAULT_VALUE", "/fields/0", "c"]]);
  });

  test("do not come from a pair that is still being compared", () => {
    const list = (type: string): string =>
      JSON.stringify(
        named("L", {
          fields: [
            { name: "v", type },
            { name: "next", type: ["null", "L"] },
          ],
        }),
      );
    expect(
      readerIncompatibilities(
        parseSchema(list("long"), { mode: "strict" }),
        parseSchema(list("int"), { mode: "strict" }),
      ),
    ).toEqual([]);
  });

  test("an alias of the null namespace on a type of another one matches nothing, as in Java", () => {
    const reader = parseSchema(JSON.stringify(named("x.New", { aliases: [".Old"] })), {
      mode: "strict",
    });
    const writer = parseSchema(JSON.stringify(named("Old", {})), { mode: "strict" });
    expect(readerIncompatibilities(reader, writer)).toMatchObject([{ type: "NAME_MISMATCH" }]);
    const near = parseSchema(JSON.stringify(named("x.New", { aliases: ["Old"] })), {
      mode: "strict",
    });
    expect(
      readerIncompatibilities(
        near,
        parseSchema(JSON.stringify(named("x.Old", {})), { mode: "strict" }),
      ),
    ).toEqual([]);
  });

  test("two cycles of different lengths end in an error, not in a stack overflow", () => {
    const cycle = (length: number): string =>
      JSON.stringify(
        Array.from({ length }, (_, index) =>
          named(`R${index}`, {
            aliases: ["Any"],
            fields: [{ name: "n", type: ["null", `R${(index + 1) % length}`] }],
          }),
        ),
      );
    const [reader, writer] = [
      parseSchema(cycle(89), { mode: "strict" }),
      parseSchema(cycle(97), { mode: "strict" }),
    ];
    const check = {
      level: "BACKWARD",
      candidate: { schema: reader },
      history: [{ schema: writer, text: "" }],
    } as const;
    expect(checkCompatibility(check)).toMatchObject({
      isCompatible: false,
      failures: [{ error: { code: "AVRO_SCHEMA_TOO_DEEP" } }],
    });
  });
});
