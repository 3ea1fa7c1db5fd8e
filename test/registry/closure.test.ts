/** Schemas mean their closures: in every call that takes or gives a schema. */
import { beforeEach, describe, expect, test } from "vitest";
import type { SchemaReference } from "../../src/api/index.ts";
import { isRefusal } from "../../src/api/index.ts";
import type { NamedSchema } from "../../src/avro/index.ts";
import { namedTypes, parseSchema } from "../../src/avro/index.ts";
import type { RegistryService, RegistrySettings } from "../../src/registry/index.ts";
import { createRegistryService } from "../../src/registry/index.ts";
import { applyRecord } from "../../src/registry/state/apply.ts";
import { createSchemaTools } from "../../src/registry/state/schemas.ts";
import { createState } from "../../src/registry/state/state.ts";
import { createMemoryLog } from "../../src/store/index.ts";

let registry: RegistryService;
const start = async (settings: Partial<RegistrySettings> = {}): Promise<void> => {
  const log = createMemoryLog();
  registry = await createRegistryService({
    log,
    clock: () => 1,
    settings: { level: "NONE", ...settings },
  });
};
beforeEach(() => start());

const ref = (name: string, subject: string, version = 1): SchemaReference => ({
  name,
  subject,
  version,
});
const field = (name: string, type: unknown, more: object = {}) => ({ name, type, ...more });
const record = (name: string, ...fields: readonly object[]) => ({ type: "record", name, fields });

/** Registers, and gives back the text that was stored, or the sentence of the refusal. */
async function register(
  subject: string,
  schema: unknown,
  references: readonly SchemaReference[] = [],
): Promise<string> {
  const body = { schema: JSON.stringify(schema), references: [...references] };
  return said(await registry.register(subject, body, {}));
}

function said(answer: unknown): string {
  if (!isRefusal(answer)) return String((answer as { schema?: string }).schema ?? "taken");
  return `${answer.refusal}: ${String(answer.params["detail"])}`;
}

async function resolved(subject: string): Promise<string> {
  return said(await registry.version(subject, "latest", { format: "resolved" }));
}

const money = record("shop.Money", field("amount", "long"));
const money2 = record(
  "shop.Money",
  field("amount", "long"),
  field("currency", "string", { default: "EUR" }),
);
const point = record("shop.Point", field("x", "int"), field("y", "int"));
const turned = record("shop.Point", field("y", "int"), field("x", "int"));

describe("one name in two versions", () => {
  const order = record("shop.Order", field("t", "Money"));
  const invoice = record("shop.Invoice", field("t", "Money"));
  const both = ["shop.Order", "shop.Invoice"];
  const bothRefs = [ref("shop.Order", "o"), ref("shop.Invoice", "i")];
  const moneyRef = (version: number) => [ref("shop.Money", "m", version)];

  test.each([
    ["1 before 2", 1, 2, [field("amount", "long")]],
    ["2 before 1", 2, 1, money2.fields],
  ])("version %s: the first counts for both", async (_, ordered, invoiced, fields) => {
    await register("m", money);
    await register("m", money2);
    await register("o", order, moneyRef(ordered));
    await register("i", invoice, moneyRef(invoiced));
    await register("e", both, bothRefs);
    expect(JSON.parse(await resolved("e"))).toEqual([
      {
        ...order,
        name: "Order",
        namespace: "shop",
        fields: [field("t", { ...money, name: "Money", fields })],
      },
      { ...invoice, name: "Invoice", namespace: "shop" },
    ]);
    expect(JSON.parse(await resolved("i"))).toMatchObject({
      fields: [{ type: { fields: invoiced === 1 ? money.fields : money2.fields } }],
    });
  });

  test("also of the schema's own references and those of others", async () => {
    await register("m", money);
    await register("m", money2);
    await register("i", invoice, moneyRef(2));
    const paid = record("shop.Paid", field("sum", "Money"), field("invoice", "Invoice"));
    await register("e", paid, [...moneyRef(1), ref("shop.Invoice", "i")]);
    const text = await resolved("e");
    expect(text).not.toContain("currency");
    expect(() => parseSchema(text, { mode: "strict" })).not.toThrow();
  });

  test("the check of compatibility sees the meaning that data is written with", async () => {
    await start({ level: "FULL" });
    await registry.updateConfig("p", { compatibility: "NONE" });
    await register("p", point);
    await register("p", turned);
    await register("o", record("shop.O", field("at", "Point")), [ref("shop.Point", "p", 1)]);
    await register("i", record("shop.I", field("at", "Point")), [ref("shop.Point", "p", 2)]);
    await registry.updateConfig("q", { compatibility: "NONE" });
    await register("q", record("shop.Q", field("z", "int")));
    const widened = record("shop.Point", field("x", "int"), field("y", "string"));
    await register("p", widened);
    await register("j", record("shop.J", field("at", "Point")), [ref("shop.Point", "p", 3)]);
    await register("e", record("shop.E", field("i", "I")), [ref("shop.I", "i")]);
    // J alone means the third version of Point; here the first one of I's counts, so nothing breaks.
    const body = (references: SchemaReference[]) => ({
      schema: JSON.stringify(
        record("shop.E", field("i", "I"), field("j", ["null", "J"], { default: null })),
      ),
      references,
    });
    const ok = await registry.testCompatibility(
      "e",
      undefined,
      body([ref("shop.I", "i"), ref("shop.J", "j")]),
      {},
    );
    expect(ok).toEqual({ is_compatible: true });
    const broken = await registry.testCompatibility(
      "e",
      undefined,
      body([ref("shop.J", "j"), ref("shop.I", "i")]),
      {},
    );
    expect(broken).toEqual({ is_compatible: false });
  });

  test("is refused with reference.versions.strict, and both ways are named", async () => {
    await start({ referenceVersionsStrict: true });
    await register("m", money);
    await register("m", money2);
    await register("o", order, moneyRef(1));
    await register("i", invoice, moneyRef(2));
    const refusal =
      'INVALID_SCHEMA: Conflicting reference versions for "shop.Money": version 1 and version 2 ' +
      '(subject "o" version 1 → subject "m" version 1, but subject "i" version 1 → subject "m" version 2)';
    expect(await register("e", both, bothRefs)).toContain(refusal.slice("INVALID_SCHEMA: ".length));
    const body = { schema: JSON.stringify(both), references: bothRefs };
    expect(await registry.testCompatibility("e", undefined, body, { verbose: true })).toMatchObject(
      {
        is_compatible: false,
      },
    );
    await register("i", invoice, moneyRef(1));
    expect(await register("e", both, [ref("shop.Order", "o"), ref("shop.Invoice", "i", 2)])).toBe(
      JSON.stringify(both),
    );
  });

  test("strict or not, what an import brings is taken", async () => {
    await start({ referenceVersionsStrict: true });
    await register("m", money);
    await register("m", money2);
    await register("o", order, moneyRef(1));
    await register("i", invoice, moneyRef(2));
    await registry.updateMode("e", "IMPORT", {});
    const body = { schema: JSON.stringify(both), references: bothRefs, id: 77, version: 1 };
    expect(said(await registry.register("e", body, {}))).toBe(JSON.stringify(both));
  });
});

test("a name that the schema behind it uses for another one is taken already", async () => {
  await register("m", money);
  await register("o", record("shop.Order", field("t", "Money")), [ref("n", "m")]);
  expect(await register("e", ["shop.Order"], [ref("n", "o")])).toContain(
    'Type shop.Money at /fields/0/type is not defined, in subject "o" version 1',
  );
});

describe("one name with two definitions", () => {
  const enumOf = (symbols: readonly string[], more: object = {}) => ({
    type: "enum",
    name: "k.c.E",
    symbols,
    ...more,
  });
  const fixedOf = (more: object = {}) => ({ type: "fixed", name: "k.c.E", size: 4, ...more });
  const recordOf = (...fields: readonly object[]) => record("k.c.E", ...fields);
  const decimal = (more: object) => fixedOf({ logicalType: "decimal", precision: 5, ...more });
  const VARIANTS: readonly (readonly [string, object, object, "taken" | "refused"])[] = [
    ["the same", enumOf(["A"]), enumOf(["A"]), "taken"],
    ["a symbol more", enumOf(["A"]), enumOf(["A", "B"]), "refused"],
    ["symbols in another order", enumOf(["A", "B"]), enumOf(["B", "A"]), "refused"],
    ["a doc", enumOf(["A"]), enumOf(["A"], { doc: "d" }), "taken"],
    ["aliases", enumOf(["A"]), enumOf(["A"], { aliases: ["X"] }), "taken"],
    ["the default of an enum", enumOf(["A"]), enumOf(["A"], { default: "A" }), "taken"],
    ["an attribute", enumOf(["A"]), enumOf(["A"], { owner: "me" }), "refused"],
    ["the size", fixedOf(), fixedOf({ size: 5 }), "refused"],
    ["the scale", decimal({ scale: 1 }), decimal({ scale: 2 }), "refused"],
    ["a logical type", fixedOf(), decimal({}), "refused"],
    ["the kind", fixedOf(), recordOf(), "refused"],
    ["an error for a record", recordOf(), { ...recordOf(), type: "error" }, "taken"],
    ["a field's type", recordOf(field("x", "int")), recordOf(field("x", "long")), "refused"],
    ["a field more", recordOf(), recordOf(field("x", "int")), "refused"],
    [
      "fields in another order",
      recordOf(field("x", "int"), field("y", "int")),
      recordOf(field("y", "int"), field("x", "int")),
      "refused",
    ],
    [
      "a field's default",
      recordOf(field("x", "int")),
      recordOf(field("x", "int", { default: 1 })),
      "refused",
    ],
    [
      "a field's order",
      recordOf(field("x", "int")),
      recordOf(field("x", "int", { order: "ignore" })),
      "refused",
    ],
    [
      "a field's doc and aliases",
      recordOf(field("x", "int")),
      recordOf(field("x", "int", { doc: "d", aliases: ["z"] })),
      "taken",
    ],
  ];
  const holder = (name: string, type: object) => record(name, field("c", type));
  const union = { schema: '["k.A","k.B"]', references: [ref("k.A", "a"), ref("k.B", "b")] };
  const REDEFINED =
    /Can't redefine: k\.c\.E.*, in subject "b" version 1, defined first in subject "a"/;

  test.each(VARIANTS)("in two references, %s: as Java", async (_, one, two, verdict) => {
    await register("a", holder("k.A", one));
    await register("b", holder("k.B", two));
    const answer = said(await registry.register("r", union, {}));
    if (verdict === "taken") expect(answer).toBe(union.schema);
    else expect(answer).toMatch(REDEFINED);
  });

  test.each(VARIANTS)("in a reference and the root, %s: as Java", async (_, one, two, verdict) => {
    await register("a", holder("k.A", one));
    const answer = await register("r", holder("k.B", two), [ref("k.A", "a")]);
    if (verdict === "taken") expect(answer).toContain('"B"');
    else expect(answer).toContain("Can't redefine: k.c.E");
  });

  test("is refused by every call that takes a schema", async () => {
    await register("a", holder("k.A", fixedOf()));
    await register("b", holder("k.B", fixedOf({ size: 5 })));
    await register("r", "int");
    expect(said(await registry.lookup("r", union, {}))).toMatch(REDEFINED);
    const plan = await registry.plan("r", union, {});
    expect(plan).toMatchObject({ outcome: "refused" });
    const compatible = await registry.testCompatibility("r", undefined, union, { verbose: true });
    expect(JSON.stringify(compatible)).toContain("Can't redefine: k.c.E");
    const batch = await registry.batch([{ subject: "r", body: union }], {});
    expect(JSON.stringify(batch)).toContain("Can't redefine: k.c.E");
    await registry.updateMode("r", "IMPORT", { force: true });
    const imported = await registry.register("r", { ...union, id: 9, version: 9 }, {});
    expect(said(imported)).toMatch(REDEFINED);
  });
});

describe("work", () => {
  test("a version of a deep graph is parsed once for all that refer to it", async () => {
    const log = createMemoryLog();
    const deep = await createRegistryService({ log, clock: () => 1, settings: { level: "NONE" } });
    let below: string[] = [];
    for (let layer = 0; layer < 28; layer++) {
      const level = ["l", "r"].map((side) => `${side}${layer}`);
      for (const name of level) {
        const fields = below.map((each) => field(each, `k.${each}`));
        const references = below.map((each) => ref(`k.${each}`, each));
        const schema = JSON.stringify(record(`k.${name}`, ...fields));
        expect(said(await deep.register(name, { schema, references }, {}))).toContain(name);
      }
      below = level;
    }
    const state = createState();
    for await (const one of log.read()) applyRecord(state, one);
    const tools = createSchemaTools();
    const nodes = new Set<NamedSchema>();
    for (const { versions } of state.subjects.values()) {
      const content = versions[0]?.entry.content;
      if (content === undefined) continue;
      for (const type of namedTypes(tools.parsed(state, content)).values()) nodes.add(type);
    }
    expect(nodes.size).toBe(56);
  });
});
