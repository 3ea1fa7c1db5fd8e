import { describe, expect, test } from "vitest";
import type { ReadText } from "../../src/avro/index.ts";
import { printSchema } from "../../src/avro/index.ts";
import type { ClosureReference } from "../../src/confluent/index.ts";
import {
  CLOSURE_LIMITS,
  closeReferences,
  pathTargets,
  readClosure,
} from "../../src/confluent/index.ts";

/** A schema with what it refers to, as a registry has it. */
interface Node {
  readonly label: string;
  readonly text: string;
  readonly references: ClosureReference<Node>[];
}

const field = (name: string, type: unknown, more: object = {}) => ({ name, type, ...more });
const record = (name: string, ...fields: readonly object[]) => ({ type: "record", name, fields });

function node(label: string, schema: unknown, references: Record<string, Node> = {}): Node {
  const list = Object.entries(references).map(([name, target]) => ({ name, target }));
  return { label, text: JSON.stringify(schema), references: list };
}

const referencesOf = ({ references }: Node) => references;
const orderOf = (root: Node) => closeReferences(root.references, referencesOf).order;
const labels = (root: Node) => orderOf(root).map(({ label }) => label);
const closed = (root: Node, memory?: Map<Node, readonly ReadText[]>): string =>
  printSchema(
    readClosure(root, orderOf(root), { mode: "stored", ...(memory && { memory }) }).schema,
  );

describe("which texts take part", () => {
  const leaf = node("leaf", record("k.Leaf"));
  const leaf2 = node("leaf 2", record("k.Leaf", field("x", "int", { default: 0 })));
  const left = node("left", record("k.Left", field("l", "k.Leaf")), { "k.Leaf": leaf });
  const right = node("right", record("k.Right", field("l", "k.Leaf")), { "k.Leaf": leaf2 });

  test("a schema's references come before it, depth first, in the order of the list", () => {
    const root = node("root", ["k.Right", "k.Left"], { "k.Right": right, "k.Left": left });
    expect(labels(root)).toEqual(["leaf 2", "right", "left"]);
  });

  test("a reference whose name is taken is left out, with all that it leads to", () => {
    const below = node("below", record("k.Below"));
    const other = node("other", record("k.Left", field("b", "k.Below")), { "k.Below": below });
    const root = node("root", "int", { "k.Left": left, r: right });
    root.references.push({ name: "k.Left", target: other });
    expect(labels(root)).toEqual(["leaf", "left", "right"]);
    const { taken } = closeReferences(root.references, referencesOf);
    const paths = taken.map(({ first, other: second }) =>
      [first, second].map((path) => pathTargets(path).map(({ label }) => label)),
    );
    expect(paths).toEqual([
      [
        ["left", "leaf"],
        ["right", "leaf 2"],
      ],
      [["left"], ["other"]],
    ]);
  });

  test("a circle ends where it began", () => {
    const one = node("one", "int");
    const two = node("two", "int", { one });
    one.references.push({ name: "two", target: two });
    expect(labels(node("root", "int", { one }))).toEqual(["two", "one"]);
  });
});

describe("what they mean", () => {
  const point = (a: string, b: string) =>
    record("k.Point", field(a, "int", { default: 0 }), field(b, "int", { default: 0 }));
  const v1 = node("point 1", point("x", "y"));
  const v2 = node("point 2", point("y", "x"));
  const order = node("order", record("k.Order", field("at", "Point")), { "k.Point": v1 });
  const invoice = node("invoice", record("k.Invoice", field("at", "Point")), { "k.Point": v2 });

  test("a type compiled against another version means the first one of the closure", () => {
    const root = node("both", record("k.Both", field("o", "Order"), field("i", "Invoice")), {
      "k.Order": order,
      "k.Invoice": invoice,
    });
    const { schema, types } = readClosure(root, orderOf(root), { mode: "stored" });
    expect(printSchema(schema)).toBe(
      '{"type":"record","name":"Both","namespace":"k","fields":[{"name":"o","type":{"type":"record","name":"Order","fields":[{"name":"at","type":{"type":"record","name":"Point","fields":[{"name":"x","type":"int","default":0},{"name":"y","type":"int","default":0}]}}]}},{"name":"i","type":{"type":"record","name":"Invoice","fields":[{"name":"at","type":"Point"}]}}]}',
    );
    const at = (name: string) => {
      const type = types.get(name);
      return type?.kind === "record" ? type.fields[0]?.schema : undefined;
    };
    expect(at("k.Invoice")).toBe(at("k.Order"));
  });

  test("alone it means what it was compiled against, also when both were read before", () => {
    const memory = new Map<Node, readonly ReadText[]>();
    const both = node("both", "int", { "k.Order": order, "k.Invoice": invoice });
    const alone = closed(invoice);
    expect(closed(both, memory)).toBe('"int"');
    expect(closed(invoice, memory)).toBe(alone);
    expect(alone).toContain('[{"name":"y","type":"int","default":0},{"name":"x"');
  });

  test("a text sees no type of a text that comes after it", () => {
    const late = node("late", record("k.Late"));
    const early = node("early", record("k.Early", field("l", "k.Late")));
    const root = node("root", "int", { early, late });
    expect(() => closed(root)).toThrow(expect.objectContaining({ code: "AVRO_NAME_UNKNOWN" }));
  });

  test("a root that defines a referenced type once more is that type", () => {
    const root = node("root", { ...point("x", "y"), doc: "mine" }, { "k.Point": v1 });
    const { schema } = readClosure(root, orderOf(root), { mode: "stored" });
    expect(printSchema(schema)).not.toContain("mine");
  });

  test("a definition that differs is refused, with both places", () => {
    const root = node("root", "int", { one: v1, two: v2 });
    const explain = ({
      source,
      earlier,
      error,
    }: {
      source?: Node;
      earlier?: Node;
      error: unknown;
    }) => new Error(`${source?.label}, ${earlier?.label}: ${String(error)}`);
    expect(() => readClosure(root, orderOf(root), { mode: "stored", explain })).toThrow(
      /^point 2, point 1: .*Can't redefine: k\.Point/,
    );
  });
});

describe("work", () => {
  /** Two versions a layer, each of which refers to both of the layer below. */
  function layers(count: number): Node {
    const one = (depth: number, side: string, below: readonly Node[]): Node =>
      node(
        `${side}${depth}`,
        record(`k.${side}${depth}`, ...below.map((each) => field(each.label, `k.${each.label}`))),
        Object.fromEntries(below.map((each) => [`k.${each.label}`, each])),
      );
    let level: readonly Node[] = [];
    for (let depth = 0; depth < count; depth++) {
      const below = level;
      level = ["l", "r"].map((side) => one(depth, side, below));
    }
    return node("root", "int", Object.fromEntries(level.map((each) => [each.label, each])));
  }

  /** A memory that counts what is read. */
  function counting() {
    const memory = new Map<Node, readonly ReadText[]>();
    let reads = 0;
    return {
      reads: () => reads,
      memory: {
        get: (text: Node) => memory.get(text),
        set: (text: Node, known: readonly ReadText[]) => {
          reads++;
          memory.set(text, known);
        },
      },
    };
  }

  test("each version of a deep graph is read once, and not again", () => {
    const root = layers(28);
    const order = orderOf(root);
    expect(order).toHaveLength(56);
    const { memory, reads } = counting();
    readClosure(root, order, { mode: "stored", memory });
    expect(reads()).toBe(57);
    for (const each of order) readClosure(each, orderOf(each), { mode: "stored", memory });
    expect(reads()).toBe(57);
  });

  test("a text is read again only for another meaning", () => {
    const { memory, reads } = counting();
    const [v1, v2] = [1, 2].map((size) => node(`${size}`, { type: "fixed", name: "F", size }));
    const user = node("user", record("U", field("f", "F")));
    for (let round = 0; round < 3; round++) {
      for (const version of [v1, v2]) {
        const order = [version as Node, user];
        readClosure('"int"', order, { mode: "stored", memory });
      }
    }
    expect(reads()).toBe(4);
  });

  test.each([
    ["schemas", CLOSURE_LIMITS.schemas, (count: number) => wide(count, 0)],
    ["references", CLOSURE_LIMITS.references, (count: number) => wide(10, count - 10)],
  ] as const)("more than so many %s are refused", (what, limit, graph) => {
    const refused = { code: "AVRO_CLOSURE_TOO_LARGE", details: { what, limit } };
    expect(() => orderOf(graph(limit))).not.toThrow();
    expect(() => orderOf(graph(limit + 1))).toThrow(expect.objectContaining(refused));
  });

  test("more than so many characters are refused", () => {
    const big = node("big", { type: "string", doc: "x".repeat(CLOSURE_LIMITS.characters / 2) });
    const limit = CLOSURE_LIMITS.characters;
    const refused = { code: "AVRO_CLOSURE_TOO_LARGE", details: { what: "characters", limit } };
    expect(() => readClosure('"int"', [big, big], { mode: "stored" })).toThrow(
      expect.objectContaining(refused),
    );
  });

  /** So many schemas, and the last of them once more so often. */
  function wide(schemas: number, again: number): Node {
    const leaf = node("leaf", "int");
    const root = node("root", "int");
    for (let index = 0; index < schemas; index++) {
      root.references.push({ name: `${index}`, target: leaf });
    }
    for (let index = 0; index < again; index++) root.references.push({ name: "0", target: leaf });
    return root;
  }

  test("of names that mean two schemas, so many are told", () => {
    const root = node("root", "int");
    root.references.push({ name: "a", target: node("first", "int") });
    for (let index = 0; index < 150; index++) {
      root.references.push({ name: "a", target: node(`other ${index}`, "int") });
    }
    const { order, taken } = closeReferences(root.references, referencesOf);
    expect([order.length, taken.length]).toEqual([1, 100]);
  });

  test("a long chain is followed without recursion, and its depth is bounded once", () => {
    let last = node("0", record("R0"));
    for (let depth = 1; depth < 900; depth++) {
      const below = `R${depth - 1}`;
      const next = record(`R${depth}`, field("f", ["null", below]));
      last = node(`${depth}`, next, { [below]: last });
    }
    expect(() => closed(orderOf(last)[450] as Node)).not.toThrow();
    expect(() => closed(last)).toThrow(expect.objectContaining({ code: "AVRO_SCHEMA_TOO_DEEP" }));
  });
});
