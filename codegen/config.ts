/**
 * `typewire.json`: which topic carries which schema.
 *
 * Invariants: all problems are reported at once, each with its JSON pointer; subjects follow the
 * topic name strategy.
 */
import type { ErrorObject, ValidateFunction } from "ajv";
import { Ajv } from "ajv";
import { parseJson } from "../src/avro/index.ts";
import { byUnits, isTypewireError, redactUrl, redactUrls } from "../src/base/index.ts";
import type { Config, TopicConfig } from "./config-schema.ts";
import { ConfigSchema } from "./config-schema.ts";
import { codegenErrors } from "./errors.ts";
import { CONFIG_TEXT, checkCodegen } from "./options.ts";
import type { CodegenTopic, TopicPart } from "./subjects.ts";
import { topicSubject } from "./subjects.ts";
import { withoutMark } from "./text.ts";

/** The name of the configuration file. */
export const CONFIG_FILE = "typewire.json";

/** One thing that is wrong in a configuration. */
export interface ConfigProblem {
  /** JSON pointer of the member. */
  readonly pointer: string;
  /** The value that stands there; undefined when it is missing. */
  readonly value: unknown;
  /** What is expected instead, as half a sentence. */
  readonly expected: string;
}

/** A subject that the configuration names, and the file of its schema. */
export interface SubjectBinding {
  readonly subject: string;
  /** Path relative to the folder of the configuration. */
  readonly file: string;
  /** The topic whose key or value it is; undefined for a subject of `schemas`. */
  readonly topic?: string;
  readonly part?: "key" | "value";
  /** The compatibility level that the topic asks for. */
  readonly compatibility?: string;
}

/**
 * Reads the text of a configuration.
 *
 * @param file - How messages name the file.
 * @throws CODEGEN_CONFIG_MALFORMED when it is not JSON
 * @throws CODEGEN_CONFIG_INVALID with all problems in `details.list` ({@link ConfigProblem})
 */
export function parseConfig(text: string, file: string = CONFIG_FILE): Config {
  checkCodegen(CONFIG_TEXT, { text, file });
  const value = parseJsonText(text, file);
  const problems = findConfigProblems(value);
  if (problems.length === 0) return value as Config;
  throw codegenErrors.create("CODEGEN_CONFIG_INVALID", {
    file,
    problems: problems.map(sentence),
    list: problems,
  });
}

function parseJsonText(text: string, file: string): unknown {
  try {
    return JSON.parse(withoutMark(text));
  } catch {
    // Not with the parser's words: they repeat the text around, which may be a password.
    throw codegenErrors.create("CODEGEN_CONFIG_MALFORMED", {
      file,
      reason: whereBroken(withoutMark(text)),
    });
  }
}

function whereBroken(text: string): string {
  try {
    parseJson(text);
  } catch (error) {
    if (isTypewireError(error, "AVRO_JSON_INVALID")) {
      const { problem, line, column } = error.details;
      return `${String(problem)} at line ${String(line)}, column ${String(column)}`;
    }
  }
  return "it can't be read";
}

let validate: ValidateFunction | undefined;

/** Everything that is wrong in a configuration, sorted by JSON pointer; empty when it is valid. */
export function findConfigProblems(value: unknown): ConfigProblem[] {
  validate ??= new Ajv({ allErrors: true, verbose: true }).compile(ConfigSchema);
  const problems = validate(value) ? [] : problemsOf(validate.errors ?? []);
  if (problems.length > 0) return problems;
  const config = value as Config;
  return [...clashingSubjects(config), ...missingValues(config), ...clashingPolicies(config)];
}

/** One problem per place: alternatives and their parts are one sentence. */
function problemsOf(errors: readonly ErrorObject[]): ConfigProblem[] {
  const byPointer = new Map<string, ErrorObject[]>();
  for (const error of errors) {
    const pointer = pointerOf(error);
    byPointer.set(pointer, [...(byPointer.get(pointer) ?? []), error]);
  }
  return [...byPointer]
    .sort(([a], [b]) => byUnits(a, b))
    .map(([pointer, [first, ...more]]) => problem(pointer, first, more));
}

function pointerOf({ keyword, instancePath, params }: ErrorObject): string {
  const member: unknown =
    keyword === "required" ? params["missingProperty"] : params["additionalProperty"];
  if (typeof member !== "string") return instancePath;
  return `${instancePath}/${member.replace(/~/g, "~0").replace(/\//g, "~1")}`;
}

function problem(
  pointer: string,
  first: ErrorObject | undefined,
  more: readonly ErrorObject[],
): ConfigProblem {
  const all = first === undefined ? more : [first, ...more];
  const constants = all.filter((error) => error.keyword === "const");
  if (constants.length > 0) {
    const allowed = constants.map((error) => JSON.stringify(error.params["allowedValue"]));
    return {
      pointer,
      value: shown(pointer, first?.data),
      expected: `one of ${allowed.join(", ")}`,
    };
  }
  return {
    pointer,
    value: shown(pointer, foundValue(first)),
    expected: expectedOf(pointer, first),
  };
}

/** A value without what may be a password: also where the URL is not one yet, or stands elsewhere. */
function shown(pointer: string, value: unknown): unknown {
  if (typeof value === "string") {
    const isAddress = pointer.startsWith("/registry") || pointer.startsWith("/kafka");
    return isAddress && value.includes("@") ? redactUrl(value) : redactUrls(value);
  }
  if (Array.isArray(value)) return value.map((item) => shown(pointer, item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, shown(`${pointer}/${name}`, member)]),
  );
}

function foundValue(error: ErrorObject | undefined): unknown {
  if (error?.keyword === "required") return undefined;
  if (error?.keyword !== "additionalProperties") return error?.data;
  const data: unknown = error.data;
  const member: unknown = error.params["additionalProperty"];
  const isMember = typeof data === "object" && data !== null && typeof member === "string";
  return isMember ? (data as Record<string, unknown>)[member] : undefined;
}

function expectedOf(pointer: string, error: ErrorObject | undefined): string {
  const keyword: string | undefined = error?.keyword;
  if (keyword === "required") return "a value, it is missing";
  if (keyword === "minLength") return "text that is not empty";
  if (keyword === "pattern") {
    return pointer.startsWith("/kafka/") ? "host:port" : "a URL with http or https";
  }
  if (keyword === "additionalProperties") {
    return /^\/topics\/[^/]*$/.test(pointer)
      ? "a topic's name of 1 to 249 letters, digits, `.`, `_` and `-`"
      : `no such member; known ones are ${knownMembers(error)}`;
  }
  return (error?.message ?? "something else")
    .replace(/^must NOT have/, "no")
    .replace(/^must be /, "");
}

function knownMembers(error: ErrorObject | undefined): string {
  const properties: unknown = error?.parentSchema?.["properties"];
  return Object.keys(properties ?? {}).join(", ");
}

function clashingSubjects(config: Config): ConfigProblem[] {
  const topicSubjects = new Set(
    subjectBindings({ ...config, schemas: {} }).map(({ subject }) => subject),
  );
  return Object.keys(config.schemas ?? {})
    .filter((subject) => topicSubjects.has(subject))
    .map((subject) => ({
      pointer: `/schemas/${subject.replace(/~/g, "~0").replace(/\//g, "~1")}`,
      value: config.schemas?.[subject],
      expected: "another subject, a topic has this one already",
    }));
}

function missingValues(config: Config): ConfigProblem[] {
  return Object.entries(config.topics ?? {})
    .filter(([, topic]) => topic.value === "none")
    .map(([name, { value }]) => ({
      pointer: `/topics/${name}/value`,
      value,
      expected: '"string", "bytes" or the path of a schema',
    }));
}

function clashingPolicies(config: Config): ConfigProblem[] {
  return Object.entries(config.topics ?? {}).flatMap(([name, { compact, config: settings }]) => {
    const policy = settings?.[CLEANUP];
    if (compact !== true || policy === undefined) return [];
    const parts = String(policy).split(",");
    if (parts.some((part) => part.trim() === "compact")) return [];
    const expected = '"compact" or "compact,delete", because the topic has "compact": true';
    return [{ pointer: `/topics/${name}/config/${CLEANUP}`, value: policy, expected }];
  });
}

const CLEANUP = "cleanup.policy";

function sentence({ pointer, value, expected }: ConfigProblem): string {
  const place = pointer === "" ? "the document" : pointer;
  const found = value === undefined ? "" : ` is ${JSON.stringify(value)},`;
  return `${place}${found} expected ${expected}`;
}

/** All subjects of a configuration with the files of their schemas, sorted by subject. */
export function subjectBindings(config: Config): SubjectBinding[] {
  const bindings: SubjectBinding[] = Object.entries(config.schemas ?? {}).map(
    ([subject, file]) => ({ subject, file }),
  );
  for (const [topic, entry] of Object.entries(config.topics ?? {})) {
    for (const part of ["key", "value"] as const) {
      const file = schemaFile(entry, part);
      if (file === undefined) continue;
      const level = entry.compatibility === undefined ? {} : { compatibility: entry.compatibility };
      bindings.push({ subject: topicSubject(topic, part), file, topic, part, ...level });
    }
  }
  return bindings.sort((a, b) => byUnits(a.subject, b.subject));
}

/** What a configuration says about a topic in Kafka; what is absent is the broker's default. */
export interface ConfiguredTopic {
  readonly name: string;
  readonly partitions?: number;
  readonly replication?: number;
  readonly compact?: boolean;
  readonly config?: Readonly<Record<string, string | number | boolean>>;
}

/** The topics of a configuration as Kafka should have them, sorted by name: for `planTopics`. */
export function topicDefinitions(config: Config): ConfiguredTopic[] {
  return Object.entries(config.topics ?? {})
    .map(([name, { partitions, replication, compact, config: settings }]) => ({
      name,
      ...(partitions !== undefined && { partitions }),
      ...(replication !== undefined && { replication }),
      ...(compact !== undefined && { compact }),
      ...(settings !== undefined && { config: settings }),
    }))
    .sort((a, b) => byUnits(a.name, b.name));
}

/** The topics of a configuration as code generation sees them, sorted by name. */
export function codegenTopics(config: Config): CodegenTopic[] {
  return Object.entries(config.topics ?? {})
    .map(([name, entry]) => ({
      name,
      key: topicPart(name, entry, "key"),
      value: topicPart(name, entry, "value"),
      compact: entry.compact ?? false,
    }))
    .sort((a, b) => byUnits(a.name, b.name));
}

function topicPart(topic: string, entry: TopicConfig, part: "key" | "value"): TopicPart {
  const text = partText(entry, part);
  return isPlain(text) ? { kind: text } : { kind: "subject", subject: topicSubject(topic, part) };
}

function schemaFile(entry: TopicConfig, part: "key" | "value"): string | undefined {
  const text = partText(entry, part);
  return isPlain(text) ? undefined : text;
}

function partText(entry: TopicConfig, part: "key" | "value"): string {
  return part === "key" ? (entry.key ?? "string") : entry.value;
}

function isPlain(text: string): text is "string" | "bytes" | "none" {
  return text === "string" || text === "bytes" || text === "none";
}
