/** Descriptors as generated code has them, and a registry in memory. */
import type { Schema } from "../../src/avro/index.ts";
import { parseSchema, parsingCanonicalForm } from "../../src/avro/index.ts";
import type { RegisteredSchema } from "../../src/client/index.ts";
import { clientErrors } from "../../src/client/index.ts";
import { guidOfIdentity } from "../../src/confluent/index.ts";
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
  readonly #contents = new Map<number, RegisteredSchema & { readonly guid: string }>();
  isDown = false;
  fetches = 0;

  constructor(...types: readonly { readonly subject: string; readonly schema: string }[]) {
    for (const { subject, schema } of types) this.register(subject, schema);
  }

  /** A schema with rules has an id of its own, which {@link MemoryRegistry.idOf} gives from then on. */
  register(subject: string, text: string, ruleSet?: RegisteredSchema["ruleSet"]): number {
    const schema = parseSchema(text, { mode: "stored" });
    const known = ruleSet === undefined ? this.#ids.get(`${subject} ${text}`) : undefined;
    const form = ruleSet === undefined ? parsingCanonicalForm(schema) : undefined;
    const id = known ?? this.#idOfForm(form);
    this.#ids.set(`${subject} ${text}`, id);
    this.#schemas.set(id, schema);
    const rules = ruleSet === undefined ? {} : { ruleSet };
    const guid = guidOfIdentity({ schema: text, ...rules });
    this.#contents.set(id, {
      id,
      schema: text,
      schemaType: "AVRO",
      references: [],
      guid,
      ...rules,
    });
    return id;
  }

  /** The GUID of a schema by its id. */
  guidOf(id: number): string {
    return this.#contents.get(id)?.guid ?? "";
  }

  idOf(subject: string, { schema }: { readonly schema: string }): Promise<number> {
    const id = this.#ids.get(`${subject} ${schema}`);
    if (id !== undefined) return Promise.resolve(id);
    const details = { subject, url: "memory:", reason: "not there" };
    return Promise.reject(clientErrors.create("CLIENT_SCHEMA_NOT_REGISTERED", details));
  }

  async parsedById(id: number): Promise<Schema> {
    this.fetches++;
    this.#answer(id);
    return this.#schemas.get(id) as Schema;
  }

  async schemaById(id: number): Promise<RegisteredSchema> {
    return this.#answer(id);
  }

  async parsedByGuid(guid: string): Promise<Schema> {
    this.fetches++;
    return this.#schemas.get(this.#ofGuid(guid).id) as Schema;
  }

  async schemaByGuid(guid: string): Promise<RegisteredSchema> {
    return this.#ofGuid(guid);
  }

  #answer(id: number): RegisteredSchema {
    this.#assertUp(`/schemas/ids/${id}`);
    const found = this.#contents.get(id);
    if (found !== undefined) return found;
    throw clientErrors.create("CLIENT_SCHEMA_ID_UNKNOWN", { id, url: "memory:" });
  }

  #ofGuid(guid: string): RegisteredSchema {
    this.#assertUp(`/schemas/guids/${guid}`);
    const found = [...this.#contents.values()].find((one) => one.guid === guid);
    if (found !== undefined) return found;
    throw clientErrors.create("CLIENT_SCHEMA_GUID_UNKNOWN", { guid, url: "memory:" });
  }

  #assertUp(path: string): void {
    if (!this.isDown) return;
    const asked = { url: "memory:", method: "GET", path, attempts: 1 };
    const details = { ...asked, reason: "down", mayBeDone: false };
    throw clientErrors.create("CLIENT_UNREACHABLE", details);
  }

  #idOfForm(form: string | undefined): number {
    const forms = [...this.#schemas].find(([, schema]) => parsingCanonicalForm(schema) === form);
    return forms?.[0] ?? this.#schemas.size + 1;
  }
}

/** A registry that knows every schema above: id 1 and 2 are the orders, 3 and 4 the users. */
export function fullRegistry(): MemoryRegistry {
  return new MemoryRegistry(orderV1, orderV2, userKey, user);
}
