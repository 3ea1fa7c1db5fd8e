/**
 * Random valid schemas, and random pairs of an old and a new version of one schema.
 *
 * A plan is drawn first and then turned into JSON: names are made unique, references point to types
 * that are defined before them, defaults fit their types. Recursion goes only through arrays, maps
 * and unions, so every schema has finite data.
 */
import fc from "fast-check";
import type { Json } from "../../src/avro/index.ts";
import { JsonNumber, prettyJson } from "../../src/avro/index.ts";

const PRIMITIVES = [
  "null",
  "boolean",
  "int",
  "long",
  "float",
  "double",
  "bytes",
  "string",
] as const;

const LOGICAL: Readonly<Record<string, readonly (readonly [string, Json][])[]>> = {
  int: [[["logicalType", "date"]], [["logicalType", "time-millis"]]],
  long: [
    [["logicalType", "timestamp-millis"]],
    [["logicalType", "timestamp-micros"]],
    [["logicalType", "timestamp-nanos"]],
    [["logicalType", "time-micros"]],
    [["logicalType", "local-timestamp-millis"]],
  ],
  string: [[["logicalType", "uuid"]], [["logicalType", "no-such-type"]]],
  bytes: [
    [
      ["logicalType", "decimal"],
      ["precision", new JsonNumber("9")],
      ["scale", new JsonNumber("2")],
    ],
    [
      ["logicalType", "decimal"],
      ["precision", new JsonNumber("-1")],
    ],
    [["logicalType", "big-decimal"]],
  ],
};

interface Extra {
  readonly key: string;
  readonly value: Json;
}

interface FieldPlan {
  name: string;
  type: Plan;
  hasDefault: boolean;
  salt: number;
  doc?: string | undefined;
  order?: string | undefined;
  aliases: string[];
  extras: Extra[];
}

/** A schema before names are settled. */
type Plan =
  | { t: "primitive"; kind: (typeof PRIMITIVES)[number]; logical: number; extras: Extra[] }
  | { t: "array" | "map"; of: Plan; extras: Extra[] }
  | { t: "union"; branches: Plan[] }
  | { t: "reference"; pick: number }
  | {
      t: "named";
      kind: "record" | "error" | "enum" | "fixed";
      name: string;
      namespace?: string | undefined;
      isDotted: boolean;
      doc?: string | undefined;
      aliases: string[];
      extras: Extra[];
      fields: FieldPlan[];
      symbols: string[];
      hasDefault: boolean;
      size: number;
    };

const names = fc.constantFrom("Order", "Item", "Node", "Status", "int8", "record", "constructor");
const fieldNames = fc.constantFrom(
  "id",
  "a",
  "b",
  "next",
  "value",
  "__proto__",
  "toString",
  "name",
);
const namespaces = fc.constantFrom(undefined, undefined, undefined, "", "shop", "shop.inner", "x");
const texts = fc.oneof(
  fc.constantFrom("", "plain", 'quote " slash \\ line \n', "*/ é € 😀", "\u2028\u0001\u007f"),
  fc.string({ maxLength: 12, unit: "grapheme" }),
);
const docs = fc.option(texts, { nil: undefined, freq: 3 });

const numbers = fc
  .constantFrom("0", "1", "-1", "1.0", "1.50", "1e3", "0.001", "9007199254740993", "1E-7", "-0.0")
  .map((text) => new JsonNumber(text));
const extras: fc.Arbitrary<Extra[]> = fc.uniqueArray(
  fc.record({
    key: fc.constantFrom("x-note", "1", "10", "2", "__proto__", "owner", 'k"ey', "precision"),
    value: fc.oneof<fc.Arbitrary<Json>[]>(
      texts,
      numbers,
      fc.constantFrom<Json>(null, true, [], new Map()),
      fc.constant<Json>(["x", new JsonNumber("2.50"), new Map([["b", false]])]),
    ),
  }),
  { selector: ({ key }) => key, maxLength: 2 },
);
const rareExtras: fc.Arbitrary<Extra[]> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Extra[]>([]) },
  { weight: 1, arbitrary: extras },
);

const { plan } = fc.letrec<{ plan: Plan; leaf: Plan; field: FieldPlan }>((tie) => ({
  plan: fc.oneof(
    { maxDepth: 4, depthSize: "small", withCrossShrink: true },
    { weight: 6, arbitrary: tie("leaf") },
    {
      weight: 2,
      arbitrary: fc.record({
        t: fc.constantFrom("array", "map"),
        of: tie("plan"),
        extras: rareExtras,
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        t: fc.constant("union"),
        branches: fc.array(tie("plan"), { minLength: 1, maxLength: 4 }),
      }),
    },
    { weight: 5, arbitrary: named(fc.constantFrom("record", "record", "error"), tie("field")) },
  ),
  leaf: fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        t: fc.constant("primitive"),
        kind: fc.constantFrom(...PRIMITIVES),
        logical: fc.nat(12),
        extras: rareExtras,
      }),
    },
    { weight: 2, arbitrary: fc.record({ t: fc.constant("reference"), pick: fc.nat(20) }) },
    { weight: 2, arbitrary: named(fc.constantFrom("enum", "fixed"), tie("field")) },
  ),
  field: fc.record({
    name: fieldNames,
    type: tie("plan"),
    hasDefault: fc.boolean(),
    salt: fc.nat(50),
    doc: docs,
    order: fc.constantFrom(undefined, undefined, "ascending", "descending", "ignore", "IGNORE"),
    aliases: fc.array(fc.constantFrom("old", "b", "was"), { maxLength: 1 }),
    extras: rareExtras,
  }),
}));

function named(
  kind: fc.Arbitrary<"record" | "error" | "enum" | "fixed">,
  field: fc.Arbitrary<FieldPlan>,
): fc.Arbitrary<Plan> {
  return fc.record({
    t: fc.constant("named" as const),
    kind,
    name: names,
    namespace: namespaces,
    isDotted: fc.boolean(),
    doc: docs,
    aliases: fc.array(fc.constantFrom("Old", "x.Old", "Item", ".Root"), { maxLength: 2 }),
    extras: rareExtras,
    fields: fc.array(field, { maxLength: 5 }),
    symbols: fc.uniqueArray(fc.constantFrom("A", "B", "C", "D", "valueOf"), {
      minLength: 1,
      maxLength: 4,
    }),
    hasDefault: fc.boolean(),
    size: fc.constantFrom(0, 1, 4, 12, 16),
  });
}

/** A built type: its JSON, the name that unions tell it apart by, and a default if it can have one. */
interface Built {
  readonly json: Json;
  readonly branch: string;
  readonly sample: (salt: number) => Json | undefined;
  /** Set on a reference to a type that is still being defined: an object might be taken for one. */
  readonly isOpen?: boolean;
}

interface Defined extends Built {
  readonly fullName: string;
  isOpen: boolean;
}

class Builder {
  readonly #defined: Defined[] = [];
  readonly #taken = new Set<string>();

  build(plan: Plan, namespace: string, mayRecurse: boolean): Built {
    switch (plan.t) {
      case "primitive":
        return primitive(plan.kind, plan.logical, plan.extras);
      case "array":
      case "map":
        return this.#container(plan, namespace);
      case "union":
        return this.#union(plan.branches, namespace);
      case "reference":
        return this.#reference(plan.pick, mayRecurse, namespace);
      case "named":
        return this.#named(plan, namespace);
    }
  }

  #container(plan: Plan & { t: "array" | "map" }, namespace: string): Built {
    const inner = this.build(plan.of, namespace, true);
    const json: Json = new Map([
      ["type", plan.t],
      [plan.t === "array" ? "items" : "values", inner.json],
      ...extraMembers(plan.extras),
    ]);
    const sample = (salt: number): Json => {
      const item = salt % 3 === 0 ? undefined : inner.sample(salt + 1);
      if (plan.t === "array") return item === undefined ? [] : [item, item];
      return new Map(item === undefined ? [] : [[salt % 2 === 0 ? "__proto__" : "k", item]]);
    };
    return { json, branch: plan.t, sample };
  }

  #union(plans: readonly Plan[], namespace: string): Built {
    const branches: Built[] = [];
    for (const plan of plans) {
      if (plan.t === "union") continue;
      const isTaken = plan.t !== "reference" && plan.t !== "named";
      if (isTaken && branches.some(({ branch }) => branch === branchOf(plan))) continue;
      const built = this.build(plan, namespace, true);
      if (!branches.some(({ branch }) => branch === built.branch)) branches.push(built);
    }
    if (branches.every(({ branch }) => branch !== "null"))
      branches.unshift(primitive("null", 99, []));
    const isRecursive = branches.some(({ isOpen }) => isOpen === true);
    return {
      json: branches.map(({ json }) => json),
      branch: "union",
      sample: (salt) => (isRecursive ? null : branches[salt % branches.length]?.sample(salt)),
    };
  }

  #reference(pick: number, mayRecurse: boolean, namespace: string): Built {
    const usable = this.#defined.filter(
      ({ isOpen, fullName }) =>
        !isOpen || (mayRecurse && (namespace === "" || fullName.includes("."))),
    );
    const target = usable[pick % Math.max(usable.length, 1)];
    if (target === undefined) return primitive("string", 99, []);
    const sample = (salt: number): Json | undefined =>
      target.isOpen ? undefined : target.sample(salt);
    return { json: target.fullName, branch: target.fullName, sample, isOpen: target.isOpen };
  }

  #named(plan: Plan & { t: "named" }, outer: string): Built {
    const simple = this.#freshName(plan.name);
    const namespace = plan.namespace ?? outer;
    const fullName = namespace === "" ? simple : `${namespace}.${simple}`;
    const members: [string, Json][] = [["type", plan.kind]];
    if (plan.isDotted && namespace !== "") members.push(["name", fullName]);
    else members.push(["name", simple]);
    if (plan.namespace !== undefined) members.push(["namespace", plan.namespace]);
    if (plan.doc !== undefined) members.push(["doc", plan.doc]);
    if (plan.aliases.length > 0) members.push(["aliases", [...new Set(plan.aliases)]]);
    const self: Defined = {
      json: new Map([...members, ...extraMembers(plan.extras)]),
      branch: fullName,
      fullName,
      isOpen: true,
      sample: () => undefined,
    };
    this.#defined.push(self);
    const body = this.#body(plan, namespace);
    const done = {
      ...self,
      isOpen: false,
      json: new Map([...members, ...body.members, ...extraMembers(plan.extras)]),
      sample: body.sample,
    };
    this.#defined[this.#defined.indexOf(self)] = done;
    return done;
  }

  #body(plan: Plan & { t: "named" }, namespace: string): Body {
    if (plan.kind === "fixed") {
      const text = "\u00ff".repeat(plan.size);
      return { members: [["size", new JsonNumber(String(plan.size))]], sample: () => text };
    }
    if (plan.kind === "enum") {
      const { symbols } = plan;
      const members: [string, Json][] = [["symbols", symbols]];
      if (plan.hasDefault && symbols[0] !== undefined) members.push(["default", symbols[0]]);
      return { members, sample: (salt) => symbols[salt % symbols.length] };
    }
    const used = new Set<string>();
    const fields = plan.fields
      .filter(({ name }) => !used.has(name) && used.add(name))
      .map((field) => this.#field(field, namespace, used));
    return {
      members: [["fields", fields.map(({ json }) => json)]],
      sample: (salt) => recordSample(fields, salt),
    };
  }

  #field(plan: FieldPlan, namespace: string, used: ReadonlySet<string>): BuiltField {
    const built = this.build(plan.type, namespace, false);
    const members: [string, Json][] = [
      ["name", plan.name],
      ["type", built.json],
    ];
    const value = plan.hasDefault ? built.sample(plan.salt) : undefined;
    if (plan.doc !== undefined) members.push(["doc", plan.doc]);
    if (value !== undefined) members.push(["default", value]);
    if (plan.order !== undefined) members.push(["order", plan.order]);
    const aliases = plan.aliases.filter((alias) => !used.has(alias));
    if (aliases.length > 0) members.push(["aliases", aliases]);
    members.push(...extraMembers(plan.extras));
    const { name } = plan;
    return { name, hasDefault: value !== undefined, json: new Map(members), sample: built.sample };
  }

  #freshName(base: string): string {
    let name = base;
    for (let count = 2; this.#taken.has(name); count++) name = `${base}${count}`;
    this.#taken.add(name);
    return name;
  }
}

interface Body {
  readonly members: [string, Json][];
  readonly sample: (salt: number) => Json | undefined;
}

interface BuiltField {
  readonly name: string;
  readonly hasDefault: boolean;
  readonly json: Json;
  readonly sample: (salt: number) => Json | undefined;
}

function recordSample(fields: readonly BuiltField[], salt: number): Json | undefined {
  const members = new Map<string, Json>();
  for (const { name, hasDefault, sample } of fields) {
    if (hasDefault && salt % 2 === 0) continue;
    const value = sample(salt);
    if (value !== undefined) members.set(name, value);
    else if (!hasDefault) return undefined;
  }
  return members;
}

function branchOf(plan: Plan): string {
  return plan.t === "primitive" ? plan.kind : plan.t;
}

function extraMembers(list: readonly Extra[]): [string, Json][] {
  return list.map(({ key, value }) => [key, value]);
}

function primitive(kind: string, logical: number, list: readonly Extra[]): Built {
  const attributes = LOGICAL[kind]?.[logical] ?? [];
  const taken = new Set(attributes.map(([key]) => key));
  const rest = extraMembers(list.filter(({ key }) => !taken.has(key)));
  const members: [string, Json][] = [["type", kind], ...attributes, ...rest];
  const json = members.length === 1 ? kind : new Map(members);
  return { json, branch: kind, sample: (salt) => primitiveSample(kind, salt) };
}

const INTEGERS = ["0", "1", "-1", "2147483647", "-2147483648"];
const LONGS = [...INTEGERS, "9223372036854775807", "-9223372036854775808", "9007199254740993"];
const DOUBLES = ["0.0", "1.5", "-2.25", "1e3", "7", "1E10", "0.001"];
const STRINGS = ["", "text", "\u00e9\u0000", 'quote "'];

function primitiveSample(kind: string, salt: number): Json {
  switch (kind) {
    case "null":
      return null;
    case "boolean":
      return salt % 2 === 0;
    case "int":
      return new JsonNumber(INTEGERS[salt % INTEGERS.length] ?? "0");
    case "long":
      return new JsonNumber(LONGS[salt % LONGS.length] ?? "0");
    case "float":
    case "double":
      return new JsonNumber(DOUBLES[salt % DOUBLES.length] ?? "0");
    default:
      return STRINGS[salt % STRINGS.length] ?? "";
  }
}

function buildSchema(plan: Plan): Json {
  return new Builder().build(plan, "", false).json;
}

/** A random valid schema as JSON; a primitive without attributes is a JSON string. */
export const arbSchemaJson: fc.Arbitrary<Json> = plan.map(buildSchema);

/** A random valid schema as text. */
export const arbSchemaText: fc.Arbitrary<string> = arbSchemaJson.map((json) => prettyJson(json));

/** Two versions of one random schema, as texts; they differ by up to four random changes. */
export const arbSchemaPair: fc.Arbitrary<readonly [string, string]> = fc
  .tuple(plan, fc.array(fc.tuple(fc.nat(1000), fc.nat(1000)), { maxLength: 4 }))
  .map(([before, changes]) => {
    const after = structuredClone(withoutNumbers(before));
    const root = { of: after };
    for (const [where, how] of changes) change(root, where, how);
    return [
      prettyJson(buildSchema(withoutNumbers(before))),
      prettyJson(buildSchema(root.of)),
    ] as const;
  });

/** Extras may hold class instances, which cannot be cloned; they play no part in compatibility. */
function withoutNumbers(from: Plan): Plan {
  return JSON.parse(
    JSON.stringify(from, (key, value: unknown) => (key === "extras" ? [] : value)),
  ) as Plan;
}

type Slot = { of: Plan };

function change(root: Slot, where: number, how: number): void {
  const slots: Slot[] = [root];
  for (let at = 0; at < slots.length; at++) slots.push(...children((slots[at] as Slot).of));
  const slot = slots[where % slots.length] as Slot;
  const { of } = slot;
  const kind = PRIMITIVES[how % PRIMITIVES.length] ?? "string";
  const other: Plan = { t: "primitive", kind, logical: 99, extras: [] };
  if (how % 7 === 0) {
    slot.of = { t: "union", branches: of.t === "union" ? [other, ...of.branches] : [of, other] };
  } else if (of.t === "primitive") {
    slot.of = other;
  } else if (of.t === "union") {
    of.branches.splice(how % of.branches.length, 1);
    if (of.branches.length === 0) of.branches.push(other);
  } else if (of.t === "named") {
    changeNamed(of, how, other);
  }
}

function changeNamed(of: Plan & { t: "named" }, how: number, other: Plan): void {
  const field: FieldPlan = {
    name: how % 2 === 0 ? "added" : "old",
    type: other,
    hasDefault: how % 3 === 0,
    salt: how,
    aliases: [],
    extras: [],
  };
  const actions = [
    () => of.fields.splice(how % (of.fields.length + 1), 0, field),
    () => of.fields.splice(how % Math.max(of.fields.length, 1), 1),
    () => of.fields.reverse(),
    () => of.symbols.splice(how % of.symbols.length, of.symbols.length > 1 ? 1 : 0),
    () => of.symbols.push(`E${how}`),
    () => Object.assign(of, { size: of.size + 1 }),
    () => Object.assign(of, { name: "Renamed", aliases: how % 2 === 0 ? [of.name] : [] }),
    () => Object.assign(of, { namespace: "moved" }),
    () => Object.assign(of, { hasDefault: !of.hasDefault }),
    () => {
      for (const each of of.fields) each.hasDefault = how % 2 === 0;
    },
  ];
  actions[how % actions.length]?.();
}

function children(from: Plan): Slot[] {
  if (from.t === "array" || from.t === "map") return [from];
  if (from.t === "union") {
    return from.branches.map((_, index) => ({
      get of(): Plan {
        return from.branches[index] as Plan;
      },
      set of(value: Plan) {
        from.branches[index] = value;
      },
    }));
  }
  if (from.t !== "named") return [];
  return from.fields.map((field) => ({
    get of(): Plan {
      return field.type;
    },
    set of(value: Plan) {
      field.type = value;
    },
  }));
}

const PIECES = [
  ...["null", "true", "1", "1.0", "-1", '"x"', '"int"', '"record"', '"Order"', '"shop.Item"'],
  ...["[]", "{}", '["null","int"]', '{"type":"int"}', '{"type":"Order"}', '"a.b"', '""', '".Q"'],
  ...['"a..b"', "9999999999", "1e400", '"é"', '"namespace"', '/*c*/ "string"', '"\\ud800"', "[1,]"],
  ...['{"type":"fixed","name":"Order","size":3}', "123456789.123", "01", '"\\u00"', "0.00012345"],
  ...["1e21", "123456789012345678901234567890.5", '"__proto__"', '"aliases"', "\u0000", "//"],
];

/** The text of a schema with one token removed, or replaced by another or by something odd. */
export const arbDamagedText: fc.Arbitrary<string> = fc
  .tuple(arbSchemaText, fc.nat(10_000), fc.nat(10_000), fc.nat(5))
  .map(([text, where, which, how]) => {
    const tokens = [...text.matchAll(/"(?:[^"\\]|\\.)*"|[-\w.+]+|[[\]{},:]/g)];
    const token = tokens[where % tokens.length];
    if (token === undefined) return text;
    const other = tokens[which % tokens.length]?.[0] ?? "";
    const piece = PIECES[which % PIECES.length] ?? "";
    const middle = how === 0 ? "" : how === 1 ? other : piece;
    return text.slice(0, token.index) + middle + text.slice(token.index + token[0].length);
  });
