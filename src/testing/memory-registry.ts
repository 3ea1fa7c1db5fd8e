/**
 * A schema registry in memory: what typed clients look up, without HTTP.
 *
 * Invariants: ids count from 1, one for each content whatever its subject, as registries give them; no
 * look-up is answered without asking, so that an outage is felt.
 */
import type { Schema } from "../avro/index.ts";
import { parseSchema } from "../avro/index.ts";
import type { RegisteredSchema, SchemaContent, SchemaDefinition } from "../client/index.ts";
import { clientErrors } from "../client/index.ts";
import { guidOfIdentity } from "../confluent/index.ts";
import type { SchemaLookup, VersionLookup } from "../kafka/index.ts";
import { avroTypesOf } from "../kafka/index.ts";
import type { AnyTopic, AvroType } from "../schema/index.ts";
import type { SchemaRef } from "../wire/index.ts";
import type { Faults } from "./faults.ts";
import { REGISTRY_URL } from "./faults.ts";

/** What the typed clients ask of a registry, and registering. */
export interface TestRegistry extends SchemaLookup, VersionLookup {
  /** Registers a type under its subject and returns its id. A type that is there keeps its id. */
  register(type: RegistrableType): number;
}

/** Any type that can be registered. */
export type RegistrableType = Pick<
  AvroType<never, unknown>,
  "subject" | "schema" | "references" | "closedSchema"
>;

interface Entry {
  readonly id: number;
  readonly closed: string;
  readonly schema: Schema;
  readonly content: SchemaContent & { readonly guid: string };
}

/** One registry. */
export class MemoryRegistry implements TestRegistry {
  readonly #faults: Faults;
  readonly #byContent = new Map<string, Entry>();
  readonly #byId = new Map<number, Entry>();
  readonly #byGuid = new Map<string, Entry>();
  readonly #subjects = new Map<string, Entry[]>();

  constructor(faults: Faults) {
    this.#faults = faults;
  }

  register(type: RegistrableType, wantedId?: number): number {
    const content = contentOf(type);
    const entry = this.#byContent.get(content) ?? this.#add(content, type, wantedId);
    const versions = this.#subjects.get(type.subject) ?? [];
    this.#subjects.set(type.subject, versions);
    if (!versions.includes(entry)) versions.push(entry);
    return entry.id;
  }

  /** Registers the key and the value of a topic. */
  registerTopic({ key, value }: AnyTopic): void {
    for (const type of [key, value].flatMap(avroTypesOf)) this.register(type);
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
    return this.schemaOf(id);
  }

  async schemaById(id: number): Promise<RegisteredSchema> {
    await this.#answer("GET", `/schemas/ids/${id}`);
    return { id, ...this.#entryOf(id).content };
  }

  async parsedByGuid(guid: string): Promise<Schema> {
    await this.#answer("GET", `/schemas/guids/${guid}`);
    return this.schemaOf(guid);
  }

  async schemaByGuid(guid: string): Promise<SchemaContent> {
    await this.#answer("GET", `/schemas/guids/${guid}`);
    return this.#entryOf(guid).content;
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

  /**
   * The schema with an id or a GUID, whatever fails.
   *
   * @throws CLIENT_SCHEMA_ID_UNKNOWN, CLIENT_SCHEMA_GUID_UNKNOWN
   */
  schemaOf(ref: SchemaRef): Schema {
    return this.#entryOf(ref).schema;
  }

  #entryOf(ref: SchemaRef): Entry {
    const url = REGISTRY_URL;
    if (typeof ref === "number") {
      const entry = this.#byId.get(ref);
      if (entry !== undefined) return entry;
      throw clientErrors.create("CLIENT_SCHEMA_ID_UNKNOWN", { id: ref, url });
    }
    const entry = this.#byGuid.get(ref.toLowerCase());
    if (entry !== undefined) return entry;
    throw clientErrors.create("CLIENT_SCHEMA_GUID_UNKNOWN", { guid: ref, url });
  }

  #add(content: string, type: RegistrableType, wantedId: number | undefined): Entry {
    const closed = type.closedSchema ?? type.schema;
    const id = wantedId ?? this.#byId.size + 1;
    const { schema: text, references = [] } = type;
    const guid = guidOfIdentity({ schema: text, references });
    const entry = {
      id,
      closed,
      schema: parseSchema(closed, { mode: "stored" }),
      content: { schema: text, schemaType: "AVRO", references, guid },
    };
    this.#byGuid.set(guid, entry);
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
