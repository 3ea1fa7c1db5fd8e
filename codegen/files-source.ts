/**
 * Schemas from the files that `typewire.json` names. What one schema uses and another one defines
 * becomes a reference, so that files need not repeat each other's types.
 */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { NamedSchema, SchemaNames } from "../src/avro/index.ts";
import { isSameDefinition, parseJson, schemaNames } from "../src/avro/index.ts";
import { byUnits, isTypewireError, reasonOf } from "../src/base/index.ts";
import { closeSchemas } from "./closures.ts";
import type { SubjectBinding } from "./config.ts";
import { subjectBindings } from "./config.ts";
import type { Config } from "./config-schema.ts";
import { codegenErrors } from "./errors.ts";
import { checkCodegen, FILES } from "./options.ts";
import type { Reference, SchemaSource, SourceSchema } from "./subjects.ts";
import { withoutMark } from "./text.ts";

/** Files are what is to be registered: they are parsed as the registry will. */
const MODE = "strict";

/** A schema file with what binds it to its subject. */
export interface SchemaFile extends SourceSchema {
  readonly binding: SubjectBinding;
}

/**
 * A source that reads files instead of a registry; it knows no versions and no ids. As for the
 * compilers of Java, a full name means one type in all files.
 *
 * Fetching throws as {@link readSchemaFiles} and CODEGEN_TYPE_REDEFINED.
 */
export function filesSource(options: {
  readonly cwd: string;
  readonly config: Config;
}): SchemaSource {
  checkCodegen(FILES, options);
  let files: Promise<readonly SchemaFile[]> | undefined;
  return {
    name: "the schema files",
    mode: MODE,
    fetch: async (subject) => {
      files ??= readSchemaFiles(options).then(withOneMeaning);
      return (await files).find((file) => file.subject === subject);
    },
  };
}

/**
 * Reads all schema files of a configuration. A schema comes after those that it refers to, which is
 * the order to register them in; references carry version -1, the latest.
 *
 * @throws CODEGEN_SCHEMA_UNREADABLE, CODEGEN_SCHEMA_INVALID (no schema), CODEGEN_SCHEMA_IDL,
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

interface ScannedFile extends SchemaFile {
  readonly names: SchemaNames;
}

async function readBound(cwd: string, binding: SubjectBinding): Promise<ScannedFile> {
  const { subject, file } = binding;
  const content = await readFile(resolve(cwd, file), "utf8").catch((error: unknown) => {
    const reason = reasonOf(error);
    throw codegenErrors.create("CODEGEN_SCHEMA_UNREADABLE", { file, subject, reason }, error);
  });
  const text = withoutMark(content);
  if (/\.avdl$/i.test(file)) throw codegenErrors.create("CODEGEN_SCHEMA_IDL", { file, subject });
  return { subject, text, references: [], binding, names: scan(text, file, subject) };
}

/** How Avro IDL begins, after comments: a statement or an annotation. */
const IDL =
  /^(?:\s|\/\/[^\n]*\n|\/\*[\s\S]*?\*\/)*(?:@[\w-]+\s*\(|(?:protocol|namespace|schema|import)\s)/;

function scan(text: string, file: string, subject: string): SchemaNames {
  try {
    const json = parseJson(text);
    if (json instanceof Map && json.has("protocol") && !json.has("type")) {
      throw codegenErrors.create("CODEGEN_SCHEMA_PROTOCOL", { file, subject });
    }
    return schemaNames(json, { mode: MODE });
  } catch (error) {
    if (isTypewireError(error, "CODEGEN_SCHEMA_PROTOCOL")) throw error;
    if (IDL.test(text)) throw codegenErrors.create("CODEGEN_SCHEMA_IDL", { file, subject }, error);
    const reason = `${file}: ${reasonOf(error)}`;
    throw codegenErrors.create("CODEGEN_SCHEMA_INVALID", { subject, reason }, error);
  }
}

/** Which file defines a name; subjects of `schemas` come first, they are there to be shared. */
function definedNames(files: readonly ScannedFile[]): Map<string, ScannedFile> {
  const shared = (file: ScannedFile): number => (file.binding.topic === undefined ? 0 : 1);
  const byRank = [...files].sort((a, b) => shared(a) - shared(b) || byUnits(a.subject, b.subject));
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
    const target = candidates.map((name) => definitions.get(name)).find((found) => found);
    if (target === undefined || target.subject === file.subject) continue;
    const [name = target.subject] = target.names.defined;
    references.set(target.subject, { name, subject: target.subject, version: -1 });
  }
  return [...references.values()].sort((a, b) => byUnits(a.subject, b.subject));
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

/** @throws CODEGEN_TYPE_REDEFINED, CODEGEN_SCHEMA_INVALID */
function withOneMeaning(files: readonly SchemaFile[]): readonly SchemaFile[] {
  const bySubject = new Map(files.map((file) => [file.subject, file]));
  const closed = closeSchemas(files, {
    mode: MODE,
    targetOf: (_, { subject }) => bySubject.get(subject),
    explain: ({ error, source, earlier }, root) => {
      const { subject, binding } = source ?? root;
      if (earlier && isTypewireError(error, "AVRO_NAME_REDEFINED")) {
        return redefined(String(error.details["name"]), earlier, source ?? root, error);
      }
      const reason = `${binding.file}: ${reasonOf(error)}`;
      return codegenErrors.create("CODEGEN_SCHEMA_INVALID", { subject, reason }, error);
    },
  });
  const first = new Map<string, { readonly type: NamedSchema; readonly file: SchemaFile }>();
  const same = new Map<NamedSchema, Set<NamedSchema>>();
  for (const { source: file, closure } of closed) {
    for (const [name, type] of closure.own) {
      const known = first.get(name);
      if (known === undefined) first.set(name, { type, file });
      else if (!isSameDefinition(type, known.type, same)) throw redefined(name, known.file, file);
    }
  }
  return files;
}

function redefined(name: string, first: SchemaFile, second: SchemaFile, cause?: unknown): Error {
  const [file, other] = [first.binding.file, second.binding.file];
  return codegenErrors.create("CODEGEN_TYPE_REDEFINED", { name, file, other }, cause);
}
