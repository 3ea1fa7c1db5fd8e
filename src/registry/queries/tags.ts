/**
 * Tags inside a schema: the attribute `confluent:tags` of records and fields.
 *
 * Invariants:
 * - A path is a record's full name, or that with `.field`; a leading dot is accepted. A record's name
 *   alone, or with the namespace of the root, means the first record of that name, level by level.
 * - Tags keep their order and are there once; new ones come last. An attribute without tags is
 *   removed.
 * - The text is edited as lossless JSON, so nothing else in it changes.
 */
import type { Refusal, SchemaTags } from "../../api/index.ts";
import { refuse } from "../../api/index.ts";
import type { Json, JsonObject, Schema } from "../../avro/index.ts";
import { parseJson, printJson } from "../../avro/index.ts";
import type { Content, World } from "../state/index.ts";
import { messageOf } from "../state/index.ts";

const TAGS_ATTRIBUTE = "confluent:tags";

type SchemaEntity = SchemaTags["schemaEntity"];

/** Which tags to change in a text. */
export interface TagChange {
  readonly text: string;
  readonly add: readonly SchemaTags[];
  readonly remove: readonly SchemaTags[];
  /** A version whose tags the new one takes over where the same record or field is still there. */
  readonly inheritFrom: Content | undefined;
}

/** The text with its tags changed; a refusal names a path that is not in the schema. */
export function changeTags(world: World, change: TagChange): string | Refusal {
  const inherited = change.inheritFrom ? findTags(world, change.inheritFrom, ["*"]) : [];
  try {
    const root = parseJson(change.text);
    const records = recordsIn(root);
    const tags = new Map<JsonObject, readonly string[]>();
    for (const edit of editsOf(change)) {
      const holder = findHolder(records, edit.entity);
      if (holder === undefined) {
        const detail = `No matching path '${edit.entity.entityPath}' found in the schema`;
        return refuse("INVALID_SCHEMA", { detail });
      }
      editTags(tags, holder, edit);
    }
    for (const { schemaEntity: entity, tags: add } of inherited) {
      const holder = findHolder(records, entity);
      if (holder !== undefined) editTags(tags, holder, { entity, add, remove: [] });
    }
    return printJson(withTags(root, tags));
  } catch (error) {
    return refuse("INVALID_SCHEMA", { detail: messageOf(error) });
  }
}

interface TagEdit {
  readonly entity: SchemaEntity;
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/** One edit for each path, in the order of the request; what is removed is removed last. */
function editsOf({ add, remove }: TagChange): Iterable<TagEdit> {
  const edits = new Map<string, { entity: SchemaEntity; add: string[]; remove: string[] }>();
  const editOf = ({ schemaEntity: entity }: SchemaTags) => {
    const key = `${entity.entityType} ${pathOf(entity)}`;
    const edit = edits.get(key) ?? { entity, add: [], remove: [] };
    edits.set(key, edit);
    return edit;
  };
  for (const tags of add) editOf(tags).add.push(...tags.tags);
  for (const tags of remove) editOf(tags).remove.push(...tags.tags);
  return edits.values();
}

function pathOf({ entityPath }: SchemaEntity): string {
  return entityPath.startsWith(".") ? entityPath.slice(1) : entityPath;
}

interface RecordPlace {
  readonly record: JsonObject;
  readonly fullName: string;
}

/** What a name in a path means: the first record of it, and the first of each field. */
interface NamedRecords {
  readonly record: JsonObject;
  readonly fields: Map<Json | undefined, JsonObject>;
}

/** Records by every name that may stand in a path: full names first, each level by level. */
type Records = ReadonlyMap<string, NamedRecords>;

function recordsIn(root: Json): Records {
  const places = placesIn(root);
  const rootNamespace = isObject(root) ? namespaceOf(fullNameOf(root, "")) : "";
  const records = new Map<string, NamedRecords>();
  const put = (name: string, { record }: RecordPlace): void => {
    const named = records.get(name) ?? { record, fields: new Map() };
    records.set(name, named);
    for (const [fieldName, field] of fieldsOf(record)) {
      if (!named.fields.has(fieldName)) named.fields.set(fieldName, field);
    }
  };
  for (const place of places) put(place.fullName, place);
  for (const place of places) {
    const name = place.fullName.slice(place.fullName.lastIndexOf(".") + 1);
    put(name, place);
    if (rootNamespace !== "") put(joinName(rootNamespace, name), place);
  }
  return records;
}

/** The records of a text, level by level. */
function placesIn(root: Json): RecordPlace[] {
  const places: RecordPlace[] = [];
  const queue: { readonly json: Json | undefined; readonly namespace: string }[] = [
    { json: root, namespace: "" },
  ];
  for (const { json, namespace } of queue) {
    if (isArray(json)) for (const branch of json) queue.push({ json: branch, namespace });
    if (!isObject(json)) continue;
    const type = json.get("type");
    if (type === "record" || type === "error") {
      const fullName = fullNameOf(json, namespace);
      places.push({ record: json, fullName });
      queue.push({ json: json.get("fields"), namespace: namespaceOf(fullName) });
    } else {
      const member = type === "array" ? "items" : type === "map" ? "values" : "type";
      queue.push({ json: json.get(member), namespace });
    }
  }
  return places;
}

function fieldsOf(record: JsonObject): ReadonlyMap<Json | undefined, JsonObject> {
  const fields = record.get("fields");
  const objects = isArray(fields) ? fields.filter(isObject) : [];
  return new Map(objects.map((field) => [field.get("name"), field]));
}

function findHolder(records: Records, entity: SchemaEntity): JsonObject | undefined {
  const path = pathOf(entity);
  if (entity.entityType === "sr_record") return records.get(path)?.record;
  const dot = Math.max(path.lastIndexOf("."), 0);
  const name = path.slice(dot + 1);
  return records.get(path.slice(0, dot))?.fields.get(name);
}

function editTags(
  tags: Map<JsonObject, readonly string[]>,
  holder: JsonObject,
  { add, remove }: TagEdit,
): void {
  const before = tags.get(holder) ?? tagsAt(holder.get(TAGS_ATTRIBUTE));
  const removed = new Set(remove);
  tags.set(
    holder,
    [...new Set([...before, ...add])].filter((tag) => !removed.has(tag)),
  );
}

/** The JSON with the tags of some of its objects replaced. */
function withTags(json: Json, tags: ReadonlyMap<JsonObject, readonly string[]>): Json {
  if (isArray(json)) return json.map((item) => withTags(item, tags));
  if (!isObject(json)) return json;
  const edited = new Map<string, Json>();
  for (const [key, value] of json) edited.set(key, withTags(value, tags));
  const list = tags.get(json);
  if (list === undefined) return edited;
  if (list.length > 0) edited.set(TAGS_ATTRIBUTE, list);
  else edited.delete(TAGS_ATTRIBUTE);
  return edited;
}

function isArray(json: Json | undefined): json is readonly Json[] {
  return Array.isArray(json);
}

function isObject(json: Json | undefined): json is JsonObject {
  return json instanceof Map;
}

function fullNameOf(record: JsonObject, enclosing: string): string {
  const name = record.get("name");
  if (typeof name !== "string") return "";
  if (name.includes(".")) return name;
  const own = record.get("namespace");
  return joinName(typeof own === "string" ? own : enclosing, name);
}

function joinName(namespace: string, name: string): string {
  return namespace === "" ? name : `${namespace}.${name}`;
}

function namespaceOf(fullName: string): string {
  return fullName.slice(0, Math.max(0, fullName.lastIndexOf(".")));
}

function tagsAt(attribute: Json | undefined): string[] {
  if (!isArray(attribute)) return [];
  return [...new Set(attribute.filter((tag): tag is string => typeof tag === "string"))];
}

/** What in a stored schema has one of the wanted tags (`*`: any), each with all its tags. */
export function findTags(world: World, content: Content, wanted: readonly string[]): SchemaTags[] {
  const tagsWanted = new Set(wanted);
  const isWanted = tagsWanted.has("*") ? () => true : (tag: string) => tagsWanted.has(tag);
  return taggedIn(world, content).filter(({ tags }) => tags.some(isWanted));
}

function taggedIn(world: World, content: Content): SchemaTags[] {
  const found: SchemaTags[] = [];
  try {
    collectTags(world.schemas.parsed(world.state, content), found, new Set());
  } catch {
    // A schema that was taken over and does not parse here has no tags that we can find.
  }
  return found;
}

function collectTags(schema: Schema, found: SchemaTags[], seen: Set<Schema>): void {
  if (schema.kind === "union") {
    for (const branch of schema.branches) collectTags(branch, found, seen);
  } else if (schema.kind === "array") collectTags(schema.items, found, seen);
  else if (schema.kind === "map") collectTags(schema.values, found, seen);
  else if (schema.kind === "record" && !seen.has(schema)) {
    seen.add(schema);
    const { fullName: entityPath } = schema.name;
    noteTags(found, { entityPath, entityType: "sr_record" }, schema.attributes);
    for (const field of schema.fields) {
      const entity = { entityPath: `${entityPath}.${field.name}`, entityType: "sr_field" } as const;
      noteTags(found, entity, field.attributes);
      collectTags(field.schema, found, seen);
    }
  }
}

function noteTags(found: SchemaTags[], schemaEntity: SchemaEntity, attributes: JsonObject): void {
  const tags = tagsAt(attributes.get(TAGS_ATTRIBUTE));
  if (tags.length > 0) found.push({ schemaEntity, tags });
}
