/**
 * Schemas and topics to files of TypeScript: pure, and the same for the same input in any order.
 */
import type { NamedSchema, Schema } from "../src/avro/index.ts";
import { inspectMapping, printSchema } from "../src/avro/index.ts";
import { byUnits, reasonOf, show } from "../src/base/index.ts";
import type { ClosureFailure } from "../src/confluent/index.ts";
import { closeSchemas } from "./closures.ts";
import { codegenErrors } from "./errors.ts";
import type { SubjectModule } from "./module.ts";
import { printSubjectModule } from "./module.ts";
import { constantNames, fileNames } from "./names.ts";
import type { ModuleNames } from "./naming.ts";
import { moduleNames } from "./naming.ts";
import { checkCodegen, GENERATE } from "./options.ts";
import { importedType } from "./printer.ts";
import type { CodegenMapping, CodegenTopic, Reference, SourceSchema } from "./subjects.ts";
import { referencedSubject, schemaLabel, unknownReference } from "./subjects.ts";
import type { ImportedSubject } from "./topics.ts";
import { printIndex, printTopicModule } from "./topics.ts";
import { findWarnings, versionWarnings } from "./warnings.ts";

/** How code is generated; all of it has defaults. */
export interface GenerateOptions {
  /** The ending of relative import specifiers. Default `".js"`. */
  readonly importExtension?: ".js" | ".ts" | "";
  /** The module that the runtime is imported from. Default `"typewire/schema"`. */
  readonly runtime?: string;
  readonly mapping?: CodegenMapping;
  /** How schema texts are parsed. Default `"stored"`: names are not checked, nor defaults. */
  readonly mode?: "strict" | "stored";
}

/** What {@link generate} works on. */
export interface GenerateInput {
  /** The schema of each subject that gets a module. */
  readonly schemas: readonly SourceSchema[];
  /** Schemas that the former refer to, at the versions that they name. */
  readonly referenced?: readonly SourceSchema[];
  readonly topics: readonly CodegenTopic[];
  readonly options?: GenerateOptions;
}

/** What is known of a schema after parsing; the lock file is made from it. */
export interface ParsedSchema {
  readonly source: SourceSchema;
  readonly root: Schema;
  /** The text as a registry prints it. */
  readonly text: string;
  /** Whether it is one of `schemas`, not only referred to. */
  readonly isRoot: boolean;
}

/** What {@link generate} yields. */
export interface Generated {
  /** Text by file name, relative to the output folder, with `/` between folders; sorted. */
  readonly files: ReadonlyMap<string, string>;
  /** The parsed schemas, those of `schemas` first; each part sorted by subject and version. */
  readonly parsed: readonly ParsedSchema[];
  /** What is legal and yet doubtful, each as a sentence that begins with the subject. */
  readonly warnings: readonly string[];
}

/** The folder of the subjects' modules, so that no topic's module can be in their way. */
const SUBJECTS_FOLDER = "subjects";

interface Unit extends Omit<ParsedSchema, "isRoot"> {
  readonly names: ModuleNames;
  /** The types of its references that other modules declare, by full name. */
  readonly foreign: ReadonlyMap<string, NamedSchema>;
  /** File name without folder and ending. */
  readonly file: string;
  readonly warnings: readonly string[];
}

/**
 * Generates the modules of all subjects and topics, and an index.
 *
 * @throws CODEGEN_SCHEMA_INVALID, CODEGEN_REFERENCE_UNKNOWN, CODEGEN_REFERENCE_CYCLE,
 *   CODEGEN_FIELD_UNKNOWN
 *
 * @example
 * ```ts
 * import { generate } from "typewire/codegen";
 *
 * const text = '{"type":"record","name":"Order","fields":[{"name":"id","type":"string"}]}';
 * const { files } = generate({
 *   schemas: [{ subject: "orders-value", text, references: [] }],
 *   topics: [
 *     {
 *       name: "orders",
 *       key: { kind: "string" },
 *       value: { kind: "subject", subject: "orders-value" },
 *       compact: false,
 *     },
 *   ],
 * });
 * console.log(files.get("orders.ts"));
 * ```
 */
export function generate(input: GenerateInput): Generated {
  checkCodegen(GENERATE, input);
  const options = input.options ?? {};
  const units = makeUnits(input, options);
  checkFieldPaths(options.mapping ?? {}, units);
  const files = new Map<string, string>();
  const roots = new Set(input.schemas);
  const owners = new Map(units.flatMap((unit) => unit.names.types.map((type) => [type, unit])));
  for (const unit of units) {
    files.set(`${SUBJECTS_FOLDER}/${unit.file}.ts`, subjectText(unit, owners, options));
  }
  for (const [file, text] of topicFiles(input.topics, units, options)) files.set(file, text);
  return {
    files: new Map([...files].sort(([a], [b]) => byUnits(a, b))),
    parsed: units.map(({ source, root, text }) => ({
      source,
      root,
      text,
      isRoot: roots.has(source),
    })),
    warnings: units.flatMap((unit) =>
      unit.warnings.map((text) => `${show(unit.source.subject)}: ${text}`),
    ),
  };
}

/** A path that names no field would have no effect, and nobody would see why. */
function checkFieldPaths({ fields = {} }: CodegenMapping, units: readonly Unit[]): void {
  const paths = Object.keys(fields);
  if (paths.length === 0) return;
  const known = new Set(units.flatMap((unit) => [...inspectMapping(unit.root).fields]));
  const unknown = paths.filter((path) => !known.has(path));
  if (unknown.length === 0) return;
  throw codegenErrors.create("CODEGEN_FIELD_UNKNOWN", { fields: unknown.join(", ") });
}

function subjectText(
  unit: Unit,
  owners: ReadonlyMap<NamedSchema, Unit>,
  options: GenerateOptions,
): string {
  const module: SubjectModule = {
    subject: unit.source.subject,
    root: unit.root,
    text: unit.text,
    references: unit.source.references,
    names: unit.names,
    runtime: runtimeFrom(options, "../"),
    mapping: options.mapping ?? {},
    foreign: (schema, face) => {
      const owner = owners.get(unit.foreign.get(schema.name.fullName) ?? schema);
      const name = owner?.names.nameOf(schema, face) ?? schema.name.name;
      return importedType(name, `./${owner?.file ?? ""}${options.importExtension ?? ".js"}`);
    },
  };
  return printSubjectModule(module);
}

/** A relative runtime module is relative to the output folder. */
function runtimeFrom(options: GenerateOptions, up: "" | "../"): string {
  const runtime = options.runtime ?? "typewire/schema";
  if (!runtime.startsWith(".")) return runtime;
  return up === "" ? runtime : `../${runtime.replace(/^\.\//, "")}`;
}

function topicFiles(
  topics: readonly CodegenTopic[],
  units: readonly Unit[],
  options: GenerateOptions,
): Map<string, string> {
  const extension = options.importExtension ?? ".js";
  const names = topics.map((topic) => topic.name).sort(byUnits);
  const constants = constantNames(names);
  const moduleOf = fileNames([...names, "index"]);
  const bySubject = new Map([...units].reverse().map((unit) => [unit.source.subject, unit]));
  const subjectOf = (subject: string): ImportedSubject => {
    const unit = bySubject.get(subject);
    if (unit === undefined) throw unknownReference(subject, { subject, version: -1 });
    return { from: `./${SUBJECTS_FOLDER}/${unit.file}${extension}`, names: unit.names };
  };
  const files = new Map<string, string>();
  const index: { constant: string; from: string }[] = [];
  for (const topic of [...topics].sort((a, b) => byUnits(a.name, b.name))) {
    const constant = constants.get(topic.name) ?? topic.name;
    const file = topic.name === "index" ? "index$" : (moduleOf.get(topic.name) ?? topic.name);
    const runtime = runtimeFrom(options, "");
    files.set(`${file}.ts`, printTopicModule({ topic, constant, runtime, subjectOf }));
    index.push({ constant, from: `./${file}${extension}` });
  }
  return files.set("index.ts", printIndex(index));
}

/** The schemas of a run: those of the modules first, each part sorted by subject and version. */
class SchemaTable {
  readonly schemas: readonly SourceSchema[];
  readonly #files: ReadonlyMap<string, string>;
  readonly #latest: ReadonlyMap<string, SourceSchema>;
  readonly #exact: ReadonlyMap<string, SourceSchema>;

  constructor(input: GenerateInput) {
    const roots = [...input.schemas].sort(compareSchemas);
    const wanted = new Set(roots.map(versionKey));
    const others = [...(input.referenced ?? [])]
      .sort(compareSchemas)
      .filter((schema) => !wanted.has(versionKey(schema)));
    this.schemas = [...roots, ...others];
    this.#files = fileNames([...new Set(this.schemas.map((schema) => schema.subject))]);
    const newestFirst = [...roots, ...others.reverse()];
    this.#latest = new Map(newestFirst.reverse().map((schema) => [schema.subject, schema]));
    this.#exact = new Map(this.schemas.map((schema) => [versionKey(schema), schema]));
  }

  targetOf(referrer: SourceSchema, { subject: name, version }: Reference) {
    const subject = referencedSubject(referrer, name);
    const exact = this.#exact.get(`${subject}\n${version}`);
    if (exact !== undefined) return exact;
    const latest = this.#latest.get(subject);
    const isUnversioned = version === -1 || latest?.version === undefined;
    return isUnversioned ? latest : undefined;
  }

  /** The version that topics use has the plain name; others of the subject carry their number. */
  fileOf(schema: SourceSchema): string {
    const name = this.#files.get(schema.subject) ?? schema.subject;
    return this.#latest.get(schema.subject) === schema ? name : `${name}$v${schema.version ?? 0}`;
  }
}

function makeUnits(input: GenerateInput, options: GenerateOptions): Unit[] {
  const table = new SchemaTable(input);
  const closed = closeSchemas(table.schemas, {
    mode: options.mode ?? "stored",
    targetOf: (referrer, reference) => table.targetOf(referrer, reference),
    explain: invalidSchema,
  });
  // A module declares the types of its own text, unless a reference brings them.
  const declared = new Set(
    closed.flatMap(({ closure: { own, types } }) =>
      [...own].flatMap(([name, type]) => (types.has(name) ? [] : [type])),
    ),
  );
  return closed.map(({ source, closure, taken }) => {
    // Elsewhere the same text may mean something else: then that module has no such type.
    const foreign = new Map([...closure.types].filter(([, type]) => declared.has(type)));
    const names = moduleNames(source.subject, closure.schema, foreign);
    return {
      source,
      root: closure.schema,
      text: printSchema(closure.schema, { external: closure.roots }),
      names,
      foreign,
      file: table.fileOf(source),
      warnings: [
        ...findWarnings(closure.schema, names.types, options.mapping),
        ...versionWarnings(taken),
      ],
    };
  });
}

function invalidSchema(
  { error, source, earlier }: ClosureFailure<SourceSchema>,
  { subject }: SourceSchema,
): Error {
  const where = source === undefined ? "" : `, in ${schemaLabel(source)}`;
  const before = earlier === undefined ? "" : `, defined first in ${schemaLabel(earlier)}`;
  const reason = `${reasonOf(error)}${where}${before}`;
  return codegenErrors.create("CODEGEN_SCHEMA_INVALID", { subject, reason }, error);
}

function versionKey(schema: SourceSchema): string {
  return `${schema.subject}\n${schema.version ?? ""}`;
}

function compareSchemas(a: SourceSchema, b: SourceSchema): number {
  return byUnits(a.subject, b.subject) || (a.version ?? 0) - (b.version ?? 0);
}
