/** Descriptors as generated code has them, and a registry in memory. */
import type { Schema } from "../../src/avro/index.ts";
import { parseSchema, parsingCanonicalForm } from "../../src/avro/index.ts";
import { clientErrors } from "../../src/client/index.ts";
import type { SchemaLookup } from "../../src/kafka/index.ts";
import { avroType, noKey, stringType, topic } from "../../src/schema/index.ts";

export interface OrderV1 {
  orderId: string;
  amount: number;
  status: "NEW" | "PAID";
}
export interface OrderV2 extends OrderV1 {
  note: string | null;
}
export type OrderV2In = OrderV1 & { note?: string | null };

const status = { type: "enum", name: "Status", symbols: ["NEW", "PAID"], default: "NEW" };
const fieldsV1 = [
  { name: "orderId", type: "string" },
  { name: "amount", type: "int" },
  { name: "status", type: status },
];
const note = { name: "note", type: ["null", "string"], default: null };

export const orderV1 = avroType<OrderV1, OrderV1>({
  subject: "orders-value",
  name: "shop.Order",
  schema: JSON.stringify({ type: "record", name: "shop.Order", fields: fieldsV1 }),
  fingerprint: "0000000000000001",
});
export const orderV2 = avroType<OrderV2In, OrderV2>({
  subject: "orders-value",
  name: "shop.Order",
  schema: JSON.stringify({ type: "record", name: "shop.Order", fields: [...fieldsV1, note] }),
  fingerprint: "0000000000000002",
});
export const userKey = avroType<{ id: string }, { id: string }>({
  subject: "users-key",
  name: "shop.UserKey",
  schema: '{"type":"record","name":"shop.UserKey","fields":[{"name":"id","type":"string"}]}',
  fingerprint: "0000000000000003",
});
export const user = avroType<{ name: string }, { name: string }>({
  subject: "users-value",
  name: "shop.User",
  schema: '{"type":"record","name":"shop.User","fields":[{"name":"name","type":"string"}]}',
  fingerprint: "0000000000000004",
});

export const ordersV1 = topic({ name: "orders", key: stringType, value: orderV1 });
export const ordersV2 = topic({ name: "orders", key: stringType, value: orderV2 });
export const users = topic({ name: "users", key: userKey, value: user, compact: true });
export const audit = topic({ name: "audit", key: noKey, value: stringType });

/** A registry in memory that knows what it is given, and can be taken down. */
export class MemoryRegistry implements SchemaLookup {
  readonly #ids = new Map<string, number>();
  readonly #schemas = new Map<number, Schema>();
  readonly #fetched = new Set<number>();
  isDown = false;
  fetches = 0;

  constructor(...types: readonly { readonly subject: string; readonly schema: string }[]) {
    for (const { subject, schema } of types) this.register(subject, schema);
  }

  register(subject: string, text: string): number {
    const schema = parseSchema(text, { mode: "stored" });
    const known = this.#ids.get(`${subject} ${text}`);
    const id = known ?? this.#idOfForm(parsingCanonicalForm(schema));
    this.#ids.set(`${subject} ${text}`, id);
    this.#schemas.set(id, schema);
    return id;
  }

  idOf(subject: string, { schema }: { readonly schema: string }): Promise<number> {
    const id = this.#ids.get(`${subject} ${schema}`);
    if (id !== undefined) return Promise.resolve(id);
    const details = { subject, url: "memory:", reason: "not there" };
    return Promise.reject(clientErrors.create("CLIENT_SCHEMA_NOT_REGISTERED", details));
  }

  parsedById(id: number): Promise<Schema> {
    this.fetches++;
    if (this.isDown) {
      const details = {
        url: "memory:",
        method: "GET",
        path: `/schemas/ids/${id}`,
        attempts: 1,
        reason: "down",
        mayBeDone: false,
      };
      return Promise.reject(clientErrors.create("CLIENT_UNREACHABLE", details));
    }
    const schema = this.#schemas.get(id);
    if (schema === undefined) {
      return Promise.reject(
        clientErrors.create("CLIENT_SCHEMA_ID_UNKNOWN", { id, url: "memory:" }),
      );
    }
    this.#fetched.add(id);
    return Promise.resolve(schema);
  }

  peekParsed(id: number): Schema | undefined {
    return this.#fetched.has(id) ? this.#schemas.get(id) : undefined;
  }

  #idOfForm(form: string): number {
    const forms = [...this.#schemas].find(([, schema]) => parsingCanonicalForm(schema) === form);
    return forms?.[0] ?? this.#schemas.size + 1;
  }
}

/** A registry that knows every schema above: id 1 and 2 are the orders, 3 and 4 the users. */
export function fullRegistry(): MemoryRegistry {
  return new MemoryRegistry(orderV1, orderV2, userKey, user);
}
