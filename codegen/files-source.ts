/**
 * Schemas from the files that `typewire.json` names. What one schema uses and another one defines
 * becomes a reference, so that files need not repeat each other's types.
 */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Json, JsonObject } from "../src/avro/index.ts";
import { parseJson } from "../src/avro/index.ts";
import type { SubjectBinding } from "./config.ts";
import { subjectBindings } from "./config.ts";
import type { Config } from "./config-schema.ts";
import { codegenErrors } from "./errors.ts";
import type { Reference, SchemaSource, SourceSchema } from "./subjects.ts";
import { compareText, withoutMark } from "./text.ts";

/** A schema file with what binds it to its subject. */
export interface SchemaFile extends SourceSchema {
  readonly binding: SubjectBinding;
}

/** A source that reads files instead of a registry; it knows no versions and no ids. */
export function filesSource(options: {
  readonly cwd: string;
  readonly config: Config;
}): SchemaSource {
  let files: Promise<readonly SchemaFile[]> | undefined;
  return {
    name: "the schema files",
    mode: "strict",
    fetch: async (subject) => {
      files ??= readSchemaFiles(options);
      return (await files).find((file) => file.subject === subject);
    },
  };
}

/**
 * Reads all schema files of a configuration. A schema comes after those that it refers to, which is
 * the order to register them in; references carry version -1, the latest.
 *
 * @throws CODEGEN_SCHEMA_UNREADABLE, CODEGEN_SCHEMA_INVALID (not JSON), CODEGEN_SCHEMA_IDL,
 *   CODEGEN_SCHEMA_PROTOCOL, CODEGEN_REFERENCE_CYCLE
 */
export async function readSchemaFiles(options: {
  readonly cwd: string;
  readonly config: Config;
}): Promise<SchemaFile[]> {
  const bindings = subjectBindings(options.config);
  const files = await Promise.all(bindings.map((binding) => readBound(options.cwd, binding)));
  const definitions = definedNames(files);
  const linked = files.map((file) => ({ ...file, references: referencesOf(file, definitions) }));
  return inOrder(linked).map(({ subject, text, references, binding }) => ({
    subject,
    text,
    references,
    binding,
  }));
}

interface NamesInFile {
  /** Full names that the schema defines; the root's is the first. */
  readonly defined: ReadonlySet<string>;
  /** What the schema uses: for each use the full names that it can mean, likeliest first. */
  readonly used: readonly (readonly string[])[];
}

interface ScannedFile extends SchemaFile {
  readonly names: NamesInFile;
}

async function readBound(cwd: string, binding: SubjectBinding): Promise<ScannedFile> {
  const { subject, file } = binding;
  const content = await readFile(resolve(cwd, file), "utf8").catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw codegenErrors.create("CODEGEN_SCHEMA_UNREADABLE", { file, subject, reason }, error);
  });
  const text = withoutMark(content);
  if (/\.avdl$/i.test(file)) throw codegenErrors.create("CODEGEN_SCHEMA_IDL", { file, subject });
  const json = parseFile(text, file, subject);
  if (isObject(json) && json.has("protocol") && !json.has("type")) {
    throw codegenErrors.create("CODEGEN_SCHEMA_PROTOCOL", { file, subject });
  }
  return { subject, text, references: [], binding, names: namesIn(json) };
}

/** How Avro IDL begins, after comments: a statement or an annotation. */
const IDL =
  /^(?:\s|\/\/[^\n]*\n|\/\*[\s\S]*?\*\/)*(?:@[\w-]+\s*\(|(?:protocol|namespace|schema|import)\s)/;

function parseFile(text: string, file: string, subject: string): Json {
  try {
    return parseJson(text);
  } catch (error) {
    if (IDL.test(text)) throw codegenErrors.create("CODEGEN_SCHEMA_IDL", { file, subject }, error);
    const reason = `${file}: ${error instanceof Error ? error.message : String(error)}`;
    throw codegenErrors.create("CODEGEN_SCHEMA_INVALID", { subject, reason }, error);
  }
}

/** Which file defines a name; subjects of `schemas` come first, they are there to be shared. */
function definedNames(files: readonly ScannedFile[]): Map<string, ScannedFile> {
  const shared = (file: ScannedFile): number => (file.binding.topic === undefined ? 0 : 1);
  const byRank = [...files].sort(
    (a, b) => shared(a) - shared(b) || compareText(a.subject, b.subject),
  );
  const definitions = new Map<string, ScannedFile>();
  for (const file of byRank) {
    for (const name of file.names.defined) if (!definitions.has(name)) definitions.set(name, file);
  }
  return definitions;
}

function referencesOf(
  file: ScannedFile,
  definitions: ReadonlyMap<string, ScannedFile>,
): Reference[] {
  const references = new Map<string, Reference>();
  for (const candidates of file.names.used) {
    if (candidates.some((name) => file.names.defined.has(name))) continue;
    const target = candidates.map((name) => definitions.get(name)).find((found) => found);
    if (target === undefined || target.subject === file.subject) continue;
    const [name = target.subject] = target.names.defined;
    references.set(target.subject, { name, subject: target.subject, version: -1 });
  }
  return [...references.values()].sort((a, b) => compareText(a.subject, b.subject));
}

function inOrder(files: readonly SchemaFile[]): SchemaFile[] {
  const bySubject = new Map(files.map((file) => [file.subject, file]));
  const done = new Set<SchemaFile>();
  const visit = (file: SchemaFile, path: readonly string[]): void => {
    if (done.has(file)) return;
    if (path.includes(file.subject)) {
      const cycle = [...path.slice(path.indexOf(file.subject)), file.subject].join(" → ");
      const details = { subject: file.subject, path: cycle };
      throw codegenErrors.create("CODEGEN_REFERENCE_CYCLE", details);
    }
    for (const reference of file.references) {
      const target = bySubject.get(reference.subject);
      if (target !== undefined) visit(target, [...path, file.subject]);
    }
    done.add(file);
  };
  for (const file of files) visit(file, []);
  return [...done];
}

const TYPE_WORDS: ReadonlySet<string> = new Set(
  "null boolean int long float double bytes string record error enum fixed array map".split(" "),
);

/** The names that a schema defines and uses. What is no schema at all is left for parsing to refuse. */
function namesIn(json: Json): NamesInFile {
  const defined = new Set<string>();
  const used: string[][] = [];
  const visit = (schema: Json | undefined, namespace: string): void => {
    if (typeof schema === "string") {
      if (!TYPE_WORDS.has(schema)) used.push(meanings(schema, namespace));
    } else if (Array.isArray(schema)) {
      for (const branch of schema as readonly Json[]) visit(branch, namespace);
    } else if (isObject(schema)) {
      const inside = define(schema, namespace, defined);
      visit(schema.get("type"), inside);
      visit(schema.get("items"), inside);
      visit(schema.get("values"), inside);
      const fields = schema.get("fields");
      for (const field of Array.isArray(fields) ? (fields as readonly Json[]) : []) {
        if (isObject(field)) visit(field.get("type"), inside);
      }
    }
  };
  visit(json, "");
  return { defined, used };
}

/** Notes the name that a schema defines, if any; returns the namespace inside of it. */
function define(schema: JsonObject, namespace: string, defined: Set<string>): string {
  const name = schema.get("name");
  const type = schema.get("type");
  const isNamed = type === "record" || type === "error" || type === "enum" || type === "fixed";
  if (!isNamed || typeof name !== "string") return namespace;
  const given = schema.get("namespace");
  const own = typeof given === "string" ? given : namespace;
  const fullName = name.includes(".") || own === "" ? name : `${own}.${name}`;
  defined.add(fullName);
  return fullName.includes(".") ? fullName.slice(0, fullName.lastIndexOf(".")) : "";
}

function meanings(name: string, namespace: string): string[] {
  return name.includes(".") || namespace === "" ? [name] : [`${namespace}.${name}`, name];
}

function isObject(json: Json | undefined): json is JsonObject {
  return json instanceof Map;
}
