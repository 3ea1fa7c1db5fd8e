/**
 * Tags inside a schema: the attribute `confluent:tags` of records and fields.
 *
 * Invariants:
 * - A path is a record's full name, or that with `.field`; a leading dot is accepted.
 * - Tags are sorted and each there once; an attribute without tags is removed.
 * - The text is edited as lossless JSON, so nothing else in it changes.
 */
import type { Refusal, SchemaTags } from "../api/index.ts";
import { refuse } from "../api/index.ts";
import type { Json, JsonObject, Schema } from "../avro/index.ts";
import { namedTypes, parseJson, printJson } from "../avro/index.ts";
import { compareUnits } from "./content.ts";
import type { Rules } from "./rules.ts";
import { messageOf } from "./schemas.ts";
import type { Content, State } from "./state.ts";

const TAGS_ATTRIBUTE = "confluent:tags";

type EntityType = SchemaTags["schemaEntity"]["entityType"];

/** Which tags to change in a text. */
export interface TagChange {
  readonly text: string;
  readonly add: readonly SchemaTags[];
  readonly remove: readonly SchemaTags[];
  /** A version whose tags the new one takes over where the same record or field is still there. */
  readonly inheritFrom: Content | undefined;
}

/** The text with its tags changed; a refusal names a path that is not in the schema. */
export function changeTags(state: State, rules: Rules, change: TagChange): string | Refusal {
  const inherited = change.inheritFrom ? findTags(state, rules, change.inheritFrom, ["*"]) : [];
  const edits = new Map<string, TagEdit>();
  for (const tags of inherited) editOf(edits, tags).add.push(...tags.tags);
  for (const tags of change.add) editOf(edits, tags, true).add.push(...tags.tags);
  for (const tags of change.remove) editOf(edits, tags, true).remove.push(...tags.tags);
  try {
    const edited = editSchema(parseJson(change.text), "", edits);
    for (const edit of edits.values()) {
      if (edit.required && !edit.done) {
        return refuse("INVALID_SCHEMA", {
          detail: `No schema entity found at path '${edit.path}'`,
        });
      }
    }
    return printJson(edited);
  } catch (error) {
    return refuse("INVALID_SCHEMA", { detail: messageOf(error) });
  }
}

interface TagEdit {
  readonly path: string;
  readonly add: string[];
  readonly remove: string[];
  /** Whether it is an error when the path is not there. */
  required: boolean;
  done: boolean;
}

function editOf(edits: Map<string, TagEdit>, tags: SchemaTags, required = false): TagEdit {
  const { entityPath, entityType } = tags.schemaEntity;
  const path = entityPath.startsWith(".") ? entityPath.slice(1) : entityPath;
  const key = editKey(entityType, path);
  const edit = edits.get(key) ?? { path, add: [], remove: [], required: false, done: false };
  edit.required ||= required;
  edits.set(key, edit);
  return edit;
}

function editKey(entityType: EntityType, path: string): string {
  return `${entityType} ${path}`;
}

type Edits = ReadonlyMap<string, TagEdit>;

function editSchema(schema: Json, namespace: string, edits: Edits): Json {
  if (isArray(schema)) return schema.map((branch) => editSchema(branch, namespace, edits));
  if (!isObject(schema)) return schema;
  const type = schema.get("type");
  if (type === "record" || type === "error") return editRecord(schema, namespace, edits);
  const edited = new Map<string, Json>(schema);
  for (const member of ["type", "items", "values"]) {
    const inner = schema.get(member);
    if (inner !== undefined) edited.set(member, editSchema(inner, namespace, edits));
  }
  return edited;
}

function editRecord(record: JsonObject, enclosing: string, edits: Edits): Json {
  const fullName = fullNameOf(record, enclosing);
  const namespace = fullName.slice(0, Math.max(0, fullName.lastIndexOf(".")));
  const edited = editTags(record, edits.get(editKey("sr_record", fullName)));
  const fields = record.get("fields");
  if (!isArray(fields)) return edited;
  edited.set(
    "fields",
    fields.map((field) => {
      if (!isObject(field)) return field;
      const path = `${fullName}.${textOf(field.get("name"))}`;
      const tagged = editTags(field, edits.get(editKey("sr_field", path)));
      const type = field.get("type");
      if (type !== undefined) tagged.set("type", editSchema(type, namespace, edits));
      return tagged;
    }),
  );
  return edited;
}

function isArray(json: Json | undefined): json is readonly Json[] {
  return Array.isArray(json);
}

function isObject(json: Json): json is JsonObject {
  return json instanceof Map;
}

function textOf(json: Json | undefined): string {
  return typeof json === "string" ? json : "";
}

function fullNameOf(record: JsonObject, enclosing: string): string {
  const name = textOf(record.get("name"));
  if (name.includes(".")) return name;
  const own = record.get("namespace");
  const namespace = typeof own === "string" ? own : enclosing;
  return namespace === "" ? name : `${namespace}.${name}`;
}

function editTags(holder: JsonObject, edit: TagEdit | undefined): Map<string, Json> {
  const edited = new Map<string, Json>(holder);
  if (edit === undefined) return edited;
  edit.done = true;
  const tags = new Set([...tagsAt(holder.get(TAGS_ATTRIBUTE)), ...edit.add]);
  for (const tag of edit.remove) tags.delete(tag);
  if (tags.size > 0) edited.set(TAGS_ATTRIBUTE, [...tags].sort(compareUnits));
  else edited.delete(TAGS_ATTRIBUTE);
  return edited;
}

function tagsAt(attribute: Json | undefined): string[] {
  return Array.isArray(attribute)
    ? attribute.filter((tag): tag is string => typeof tag === "string")
    : [];
}

/** The tags in a stored schema that are among the wanted ones (`*`: all). */
export function findTags(
  state: State,
  rules: Rules,
  content: Content,
  wanted: readonly string[],
): SchemaTags[] {
  const all = wanted.includes("*");
  const found: SchemaTags[] = [];
  const note = (entityType: EntityType, entityPath: string, attribute: Json | undefined): void => {
    const tags = tagsAt(attribute).filter((tag) => all || wanted.includes(tag));
    if (tags.length > 0) found.push({ schemaEntity: { entityPath, entityType }, tags });
  };
  for (const [fullName, type] of typesIn(state, rules, content)) {
    if (type.kind !== "record") continue;
    note("sr_record", fullName, type.attributes.get(TAGS_ATTRIBUTE));
    for (const field of type.fields) {
      note("sr_field", `${fullName}.${field.name}`, field.attributes.get(TAGS_ATTRIBUTE));
    }
  }
  return found;
}

function typesIn(state: State, rules: Rules, content: Content): Iterable<[string, Schema]> {
  try {
    return namedTypes(rules.schemas.parsed(state, content));
  } catch {
    // A schema that was taken over and does not parse here has no tags that we can find.
    return [];
  }
}
