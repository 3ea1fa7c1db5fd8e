/**
 * Requests that look for what costs more than it should: legal ones of about `size` bytes, from a seed.
 * The bench prints the worst of them, and a slow test asserts what each may cost.
 *
 * A case is a list of requests `[method, path, body]`; those before the last one prepare, and must be
 * accepted. Subjects begin with the name of the case, so that cases share a registry.
 */

/** A small generator of numbers (mulberry32): the same for the same seed, everywhere. */
export function random(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const record = (name, fields, more = {}) => ({ type: "record", name, ...more, fields });
const list = (count, make) =>
  Array.from({ length: Math.max(1, Math.floor(count)) }, (_, n) => make(n));
const register = (subject, schema, more = {}) => [
  "POST",
  `/subjects/${subject}/versions`,
  { schema: JSON.stringify(schema), ...more },
];
const level = (subject, compatibility) => ["PUT", `/config/${subject}`, { compatibility }];

/** The ways on which a schema is compared with what is there. */
const DOORS = [
  (subject, schema) => register(subject, schema),
  (subject, schema) => [
    "POST",
    `/compatibility/subjects/${subject}/versions?verbose=true`,
    { schema: JSON.stringify(schema) },
  ],
  (subject, schema) => ["POST", `/subjects/${subject}/plan`, { schema: JSON.stringify(schema) }],
  (subject, schema) => [
    "POST",
    "/batch?dryRun=true",
    { items: list(5, () => ({ subject, schema: JSON.stringify(schema) })) },
  ],
];
const LEVELS = ["BACKWARD", "FORWARD", "FULL", "FULL_TRANSITIVE"];

/** Two schemas, compared on some way at some level. */
function compared(kind, make) {
  return ({ name, size, pick }) => {
    const subject = `${name}-${kind}`;
    const [before, after] = make({ size, pick });
    const door = DOORS[pick(DOORS.length)];
    const rule = LEVELS[pick(LEVELS.length)];
    return [level(subject, rule), register(subject, before), door(subject, after)];
  };
}

const wrapped = [
  (type) => type,
  (type) => ({ type: "array", items: type }),
  (type) => ({ type: "map", values: type }),
  (type) => ["null", type],
];

/** Types that use the next one several times, level after level, above two leaves that differ. */
function bomb({ pick }) {
  const depth = 10 + pick(200);
  const width = 2 + pick(6);
  const wrap = wrapped[pick(wrapped.length)];
  const long = "x".repeat(1 + pick(2) * pick(900));
  const at = (leaf, n) =>
    n === depth
      ? leaf
      : record(
          `R${n}`,
          list(width, (f) => ({
            name: `f${f}${long}`,
            type: wrap(f === 0 ? at(leaf, n + 1) : `R${n + 1}`),
          })),
        );
  const leaf = (symbols) => ({ type: "enum", name: `R${depth}`, symbols });
  const symbols = (letter) => list(1 + pick(20_000), (n) => `${letter}${n}`);
  return [at(leaf(symbols("A")), 0), at(leaf(symbols("B")), 0)];
}

/** Unions of many records, each of them tried with each. */
function unions({ size, pick }) {
  const fields = 1 + pick(12);
  const count = size / (80 + fields * 28);
  const sameName = pick(2) === 0;
  const aliases = pick(3) === 0;
  const union = (letter) =>
    list(count, (n) =>
      record(
        sameName ? "R" : `${letter}${n}`,
        [
          ...list(fields, (f) => ({ name: `f${f}`, type: "int" })),
          { name: `${letter}x`, type: "int" },
        ],
        {
          ...(sameName && { namespace: `${letter}${n}` }),
          ...(aliases && { aliases: [`z.${letter}${n}`] }),
        },
      ),
    );
  return [union("a"), union("b")];
}

/** Records and fields with thousands of aliases. */
function aliases({ size, pick }) {
  const names = list(size / 16, (n) => `a${n}`);
  const isType = pick(2) === 0;
  const many = (name, own) => record(name, [{ name: "f", type: "int", ...own }]);
  const union = (letter) => list(500, (n) => record(`${letter}${n}`, []));
  return isType
    ? [union("W"), [{ ...record("R", []), aliases: names }, ...union("V")]]
    : [
        record(
          "R",
          names.map((name) => ({ name, type: "int" })),
        ),
        many("R", { aliases: ["b"], default: 0 }),
      ];
}

/** Layers in which each type meets each: the pairs are the square of the types. */
function layers({ size, pick }) {
  const width = 20 + pick(40);
  const fields = 8;
  const depth = Math.max(2, Math.floor(size / (width * fields * 40)));
  const side = (letter, leaf) => {
    const defined = new Set();
    const type = (l, n) => {
      const name = `L${l}n${n}`;
      if (l === depth) return leaf;
      if (defined.has(name)) return name;
      defined.add(name);
      const step = letter === "a" ? 1 : 3;
      return record(
        name,
        list(fields, (f) => ({ name: `f${f}`, type: type(l + 1, (n + f * step + 1) % width) })),
      );
    };
    return type(0, 0);
  };
  return [side("a", "int"), side("b", "string")];
}

function wide({ size, pick }) {
  const long = "x".repeat(pick(2) * pick(300));
  const count = size / (40 + long.length);
  const side = (letter) =>
    record(
      "F",
      list(count, (n) => ({ name: `${letter}${n}${long}`, type: "int" })),
    );
  return [side("a"), side("b")];
}

function enums({ size }) {
  const side = (letter) => ({
    type: "enum",
    name: "E",
    symbols: list(size / 9, (n) => `${letter}${n}`),
  });
  return [side("a"), side("b")];
}

function cycles({ pick }) {
  const cycle = (length, leaf) => {
    const at = (n) =>
      record(`C${n}`, [
        { name: "x", type: leaf },
        { name: "next", type: ["null", n + 1 < length ? at(n + 1) : "C0"], default: null },
      ]);
    return at(0);
  };
  const length = 2 + pick(25);
  return [cycle(length, "int"), cycle(length + 1, "string")];
}

/** One schema that is hard to read. */
function single(kind, make) {
  return ({ name, size, pick }) => [register(`${name}-${kind}`, make({ size, pick }))];
}

function namespaces({ size, pick }) {
  const segments = 20 + pick(2) * pick(20_000);
  return record(
    "R",
    list(size / 75, (n) => ({ name: `f${n}`, type: record(`T${n}`, []) })),
    { namespace: `n${".n".repeat(segments)}` },
  );
}

function defaults({ size }) {
  const items = list(size / 80, (n) => record(`D${n}`, [{ name: "x", type: "int" }]));
  return record("R", [
    { name: "a", type: { type: "array", items }, default: list(size / 8, () => ({})) },
  ]);
}

function deepDefaults({ size }) {
  const at = (n) =>
    n === 0
      ? record(
          "Leaf",
          list(size / 45, (f) => ({ name: `f${f}`, type: "int", default: 0 })),
        )
      : record(`D${n}${"d".repeat(20)}`, [{ name: "in", type: at(n - 1) }]);
  return at(300);
}

function text(kind, make) {
  return ({ name, size }) => [
    ["POST", `/subjects/${name}-${kind}/versions`, { schema: make(size) }],
  ];
}

function reserved({ name, size }) {
  const subject = `${name}-reserved`;
  const properties = { "confluent:reserved": list(size / 7, (n) => `f${n}`).join() };
  return [
    ["PUT", `/config/${subject}`, { validateFields: true }],
    register(subject, record("R", []), { metadata: { properties } }),
    register(subject, record("R", [], { doc: "2" }), { metadata: { properties: {} } }),
  ];
}

/** Small items that ask for much: the text, the metadata of a large version. */
function heirs({ name, size, pick }) {
  const subject = `${name}-heirs`;
  const properties = Object.fromEntries(list(pick(2) * (size / 40), (n) => [`p${n}`, "v"]));
  const schema = record("R", [], { doc: "d".repeat(size / 2) });
  const item = pick(2) === 0 ? { schema: "" } : { schema: '"int"' };
  return [
    register(subject, schema, { metadata: { properties } }),
    ["POST", "/batch?dryRun=true", { items: list(1000, () => ({ subject, ...item })) }],
  ];
}

function tags({ name, size }) {
  const subject = `${name}-tags`;
  const union = list(size / 160, (n) =>
    record("R", [{ name: `f${n}`, type: "int" }], { namespace: `n${n}` }),
  );
  return [
    [
      "POST",
      `/subjects/${subject}/versions`,
      {
        schema: JSON.stringify(union),
        schemaTagsToAdd: list(size / 160, (n) => ({
          schemaEntity: { entityPath: `R.f${n}`, entityType: "sr_field" },
          tags: ["t"],
        })),
      },
    ],
  ];
}

function references({ name, size }) {
  const subject = `${name}-reference`;
  return [
    register(subject, record("R", [])),
    register(`${name}-referrer`, "R", {
      references: list(size / 70, (n) => ({ name: `r${n}`, subject, version: -1 })),
    }),
  ];
}

function search({ name, size }) {
  const words = list(size / 8, (n) => `w${n}`).join(" ");
  return [
    register(`${name}-search`, record("R", [], { doc: words })),
    ["GET", "/search?doc=w&limit=10"],
  ];
}

/** Many versions of one subject, made in batches; then one more, at a level that looks at all. */
function versions({ name, pick }) {
  const subject = `${name}-versions`;
  const at = (n, fields) =>
    JSON.stringify(
      record(
        "R",
        list(fields, (f) => ({ name: `f${f}`, type: "int", default: n })),
      ),
    );
  const batch = (from, count) => [
    "POST",
    "/batch",
    { items: list(count, (n) => ({ subject, schema: at(from + n, 20), force: true })) },
  ];
  const prepare = [level(subject, "FULL_TRANSITIVE"), ...list(20, (n) => batch(n * 100, 100))];
  const next = JSON.parse(at(-1, 20));
  const items = list(500, (n) => ({ subject, schema: at(-2 - n, 20) }));
  const last = [
    ...DOORS.map((door) => door(subject, next)),
    ["POST", "/batch?dryRun=true", { items }],
  ];
  return [...prepare, last[pick(last.length)]];
}

const KINDS = [
  compared("bomb", bomb),
  compared("bomb", bomb),
  compared("unions", unions),
  compared("unions", unions),
  compared("aliases", aliases),
  compared("layers", layers),
  compared("wide", wide),
  compared("enums", enums),
  compared("cycles", cycles),
  single("namespaces", namespaces),
  single("defaults", defaults),
  single("deep-defaults", deepDefaults),
  text("brackets", (size) => "[".repeat(size)),
  text("digits", (size) => "1".repeat(size)),
  text("comments", (size) => "/**/".repeat(size / 4)),
  text("unions", (size) => `[${'"int",'.repeat(size / 6)}"int"]`),
  reserved,
  heirs,
  heirs,
  tags,
  references,
  search,
  versions,
];

/** The cases of a seed: every kind once, of about `size` bytes. */
export function hostileCases(seed, size) {
  const pick = random(seed);
  return KINDS.map((make, n) => ({
    name: `s${seed}k${n}`,
    requests: make({ name: `s${seed}k${n}`, size, pick }),
  }));
}
