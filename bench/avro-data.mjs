/** The records of the Avro scenario: schema, an evolved reader, a value in each library's form. */

const record = (name, fields, more = {}) => ({ type: "record", name, fields, ...more });

/** The order that all measurements of this project use: about 125 bytes. */
const order = {
  name: "order",
  schema: record("Order", [
    { name: "orderId", type: "string" },
    { name: "customerId", type: "string" },
    { name: "status", type: { type: "enum", name: "Status", symbols: ["NEW", "PAID", "SHIPPED"] } },
    { name: "placedAt", type: "long" },
    { name: "total", type: "double" },
    { name: "currency", type: "string" },
    { name: "note", type: ["null", "string"], default: null },
    {
      name: "items",
      type: {
        type: "array",
        items: record("Item", [
          { name: "sku", type: "string" },
          { name: "quantity", type: "int" },
          { name: "price", type: "double" },
        ]),
      },
    },
  ]),
  added: { name: "channel", type: "string", default: "web" },
  value: (i) => ({
    orderId: `order-2026-${String(100000 + i)}`,
    customerId: `customer-${String(5000000 + i)}`,
    status: ["NEW", "PAID", "SHIPPED"][i % 3],
    placedAt: 1767225600000 + i * 1000,
    total: 149.9 + i,
    currency: "EUR",
    note: i % 2 === 0 ? null : "leave at door",
    items: [
      { sku: `item-${String(10000 + i)}`, quantity: 1 + (i % 5), price: 19.95 },
      { sku: `item-${String(20000 + i)}`, quantity: 2, price: 5.5 },
      { sku: `item-${String(30000 + i)}`, quantity: 70, price: 99 },
    ],
  }),
};

const kinds = ["int", "long", "double", "string", "boolean", "float"];
const flat = {
  name: "flat, 30 fields",
  schema: record(
    "Flat",
    Array.from({ length: 30 }, (_, n) => ({ name: `field${n}`, type: kinds[n % kinds.length] })),
  ),
  added: { name: "extra", type: "int", default: 7 },
  value: (i) =>
    Object.fromEntries(
      Array.from({ length: 30 }, (_, n) => {
        const by = {
          int: i * 100 + n,
          long: 1767225600000 + i,
          double: 0.1 * i,
          string: `text ${i * n}`,
          boolean: (i + n) % 2 === 0,
          float: 0.5 * n,
        };
        return [`field${n}`, by[kinds[n % kinds.length]]];
      }),
    ),
};

const nested = {
  name: "nested, arrays and maps",
  schema: record("Nested", [
    { name: "id", type: "long" },
    {
      name: "address",
      type: record("Address", [
        { name: "street", type: "string" },
        { name: "city", type: "string" },
        {
          name: "position",
          type: record("Position", [
            { name: "lat", type: "double" },
            { name: "lon", type: "double" },
          ]),
        },
      ]),
    },
    { name: "tags", type: { type: "array", items: "string" } },
    { name: "counts", type: { type: "map", values: "int" } },
    {
      name: "history",
      type: {
        type: "array",
        items: record("Event", [
          { name: "at", type: "long" },
          {
            name: "kind",
            type: { type: "enum", name: "Kind", symbols: ["OPENED", "CLOSED", "MOVED"] },
          },
          { name: "points", type: { type: "array", items: "int" } },
        ]),
      },
    },
  ]),
  added: { name: "flags", type: { type: "array", items: "int" }, default: [] },
  value: (i) => ({
    id: 1000 + i,
    address: {
      street: `${i} Main Street`,
      city: "Amsterdam",
      position: { lat: 52.37 + i / 1000, lon: 4.89 },
    },
    tags: ["new", "customer", `tag${i}`],
    counts: { clicks: i, views: 10 * i, orders: 3 },
    history: Array.from({ length: 4 }, (_, n) => ({
      at: 1767225600000 + n,
      kind: ["OPENED", "CLOSED", "MOVED"][n % 3],
      points: [n, i, 1000 + i, 70],
    })),
  }),
};

const optional = (type) => ["null", type];
const unions = {
  name: "union-heavy",
  schema: record("Unions", [
    ...Array.from({ length: 4 }, (_, n) => ({ name: `text${n}`, type: optional("string") })),
    ...Array.from({ length: 4 }, (_, n) => ({ name: `count${n}`, type: optional("int") })),
    ...Array.from({ length: 4 }, (_, n) => ({
      name: `mixed${n}`,
      type: ["null", "string", "int", "boolean"],
    })),
    {
      name: "event",
      type: [
        record("Created", [{ name: "by", type: "string" }]),
        record("Renamed", [
          { name: "from", type: "string" },
          { name: "to", type: "string" },
        ]),
        record("Deleted", [{ name: "at", type: "int" }]),
      ],
    },
  ]),
  added: { name: "more", type: optional("string"), default: null },
  value: (i) => ({
    ...Object.fromEntries(
      Array.from({ length: 4 }, (_, n) => [`text${n}`, (i + n) % 2 ? null : `text ${i}`]),
    ),
    ...Object.fromEntries(
      Array.from({ length: 4 }, (_, n) => [`count${n}`, (i + n) % 3 ? i * 50 : null]),
    ),
    ...Object.fromEntries(
      Array.from({ length: 4 }, (_, n) => [
        `mixed${n}`,
        [null, `mixed ${i}`, i, i % 2 === 0][(i + n) % 4],
      ]),
    ),
    event: [
      { $type: "Created", by: `user${i}` },
      { $type: "Renamed", from: "a", to: `b${i}` },
      { $type: "Deleted", at: i },
    ][i % 3],
  }),
  /** avsc wraps the branches of an ambiguous union. */
  toAvsc: ({ event: { $type, ...rest }, ...value }) => ({ ...value, event: { [$type]: rest } }),
};

export const records = [order, flat, nested, unions];
