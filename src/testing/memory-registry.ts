/**
 * A schema registry in memory: what typed clients look up, without HTTP.
 *
 * Invariants: ids count from 1, one for each content whatever its subject, as registries give them; a
 * schema has to be asked for once before it is known without asking, so that an outage is felt.
 */
import type { Schema } from "../avro/index.ts";
import { parseSchema } from "../avro/index.ts";
import type { SchemaDefinition } from "../client/index.ts";
import { clientErrors } from "../client/index.ts";
import type { SchemaLookup, VersionLookup } from "../kafka/index.ts";
import type { AnyTopic, AvroType, WireType } from "../schema/index.ts";
import type { Faults } from "./faults.ts";
import { REGISTRY_URL } from "./faults.ts";

/** What the typed clients ask of a registry, and registering. */
export interface TestRegistry extends SchemaLookup, VersionLookup {
  /** Registers a type under its subject and returns its id. A type that is there keeps its id. */
  register(type: AnyAvroType): number;
}

/** Any type that can be registered. */
export type AnyAvroType = Pick<
  AvroType<unknown, unknown>,
  "subject" | "schema" | "references" | "closedSchema"
>;

interface Entry {
  readonly id: number;
  readonly closed: string;
  readonly schema: Schema;
}

/** One registry. */
export class MemoryRegistry implements TestRegistry {
  readonly #faults: Faults;
  readonly #byContent = new Map<string, Entry>();
  readonly #byId = new Map<number, Entry>();
  readonly #subjects = new Map<string, Entry[]>();
  readonly #asked = new Set<number>();

  constructor(faults: Faults) {
    this.#faults = faults;
  }

  register(type: AnyAvroType, wantedId?: number): number {
    const content = contentOf(type);
    const entry = this.#byContent.get(content) ?? this.#add(content, type, wantedId);
    const versions = this.#subjects.get(type.subject) ?? [];
    this.#subjects.set(type.subject, versions);
    if (!versions.includes(entry)) versions.push(entry);
    return entry.id;
  }

  /** Registers the key and the value of a topic. */
  registerTopic({ key, value }: AnyTopic): void {
    for (const type of [key, value] as readonly WireType<never, unknown>[]) {
      if (type.kind === "avro") this.register(type);
    }
  }

  async idOf(subject: string, definition: SchemaDefinition): Promise<number> {
    await this.#answer("POST", `/subjects/${subject}`);
    const entry = this.#byContent.get(contentOf(definition));
    if (entry !== undefined && this.#subjects.get(subject)?.includes(entry) === true)
      return entry.id;
    const details = { subject, url: REGISTRY_URL, reason: "nobody registered it" };
    throw clientErrors.create("CLIENT_SCHEMA_NOT_REGISTERED", details);
  }

  async parsedById(id: number): Promise<Schema> {
    await this.#answer("GET", `/schemas/ids/${id}`);
    const schema = this.schemaOf(id);
    this.#asked.add(id);
    return schema;
  }

  peekParsed(id: number): Schema | undefined {
    return this.#asked.has(id) ? this.#byId.get(id)?.schema : undefined;
  }

  async versions(subject: string): Promise<readonly number[]> {
    await this.#answer("GET", `/subjects/${subject}/versions`);
    return (this.#subjects.get(subject) ?? []).map((_, i) => i + 1);
  }

  async closedSchema(subject: string, version: number | "latest"): Promise<string> {
    const path = `/subjects/${subject}/versions/${version}`;
    await this.#answer("GET", path);
    const entries = this.#subjects.get(subject) ?? [];
    const found = entries.at(version === "latest" ? -1 : version - 1);
    if (found !== undefined && version !== 0) return found.closed;
    const details = { url: REGISTRY_URL, method: "GET", path, status: 404, errorCode: 40402 };
    throw clientErrors.create("CLIENT_REFUSED", { ...details, reason: "Version not found." });
  }

  /** The schema with an id, whatever fails. @throws CLIENT_SCHEMA_ID_UNKNOWN */
  schemaOf(id: number): Schema {
    const entry = this.#byId.get(id);
    if (entry !== undefined) return entry.schema;
    throw clientErrors.create("CLIENT_SCHEMA_ID_UNKNOWN", { id, url: REGISTRY_URL });
  }

  #add(content: string, type: AnyAvroType, wantedId: number | undefined): Entry {
    const closed = type.closedSchema ?? type.schema;
    const id = wantedId ?? this.#byId.size + 1;
    const entry = { id, closed, schema: parseSchema(closed, { mode: "stored" }) };
    this.#byContent.set(content, entry);
    this.#byId.set(id, entry);
    return entry;
  }

  async #answer(method: string, path: string): Promise<void> {
    await this.#faults.wait("registry");
    const error = this.#faults.registryError(method, path);
    if (error !== undefined) throw error;
  }
}

function contentOf({ schema, references }: SchemaDefinition): string {
  return JSON.stringify([schema, references ?? []]);
}
