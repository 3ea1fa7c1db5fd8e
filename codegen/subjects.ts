/** What code generation works on: schemas of subjects, and topics that carry them. */
import type { MappingOptions } from "../src/avro/index.ts";
import {
  contextPrefix,
  DEFAULT_CONTEXT,
  isQualified,
  prefixSubject,
  qualifySubject,
} from "../src/confluent/index.ts";
import { codegenErrors } from "./errors.ts";

/** How Avro values are shown in TypeScript; see `Mapping` of `typewire/schema`. */
export type CodegenMapping = MappingOptions;

/** A reference of a schema to another subject's. */
export interface Reference {
  /** The full name as the referring schema uses it. */
  readonly name: string;
  readonly subject: string;
  /** The version; -1 stands for the latest, as in requests to a registry. */
  readonly version: number;
}

/** A schema as a source holds it. */
export interface SourceSchema {
  readonly subject: string;
  /** The version in the registry; undefined when the source does not know it. */
  readonly version?: number;
  /** The schema id in the registry; undefined when the source does not know it. */
  readonly id?: number;
  /** The schema's text. */
  readonly text: string;
  readonly references: readonly Reference[];
  /**
   * The subject in whose context references without one are looked for; default `subject`. It is
   * another one where `subject` is an alias.
   */
  readonly home?: string;
}

/**
 * Where schemas come from: a registry (made by the command line from the registry client) or files
 * ({@link filesSource}).
 */
export interface SchemaSource {
  /** How messages name it, for example `the registry at http://localhost:8081`. */
  readonly name: string;
  /** How strictly its texts are parsed: `"strict"` for files, `"stored"` for a registry. */
  readonly mode: "strict" | "stored";
  /**
   * The schema of a subject, or `undefined` when there is no such subject or version. Rejects when
   * the source can't be read; the command then ends with exit code 2. What a `reference` leads to is
   * the subject's own, whatever an alias of that name stands for.
   */
  fetch(
    subject: string,
    version: number | "latest",
    why?: "root" | "reference",
  ): Promise<SourceSchema | undefined>;
}

/** What a topic's key or value is: a plain type, or the schema of a subject. */
export type TopicPart =
  | { readonly kind: "string" | "bytes" | "none" }
  | { readonly kind: "subject"; readonly subject: string };

/** A topic that gets a descriptor. */
export interface CodegenTopic {
  readonly name: string;
  readonly key: TopicPart;
  readonly value: TopicPart;
  readonly compact: boolean;
}

/** A referenced subject: without a context it is in the referrer's. */
export function referencedSubject(
  { subject: own, home = own }: Pick<SourceSchema, "subject" | "home">,
  subject: string,
): string {
  return isQualified(subject)
    ? qualifySubject(DEFAULT_CONTEXT, subject)
    : prefixSubject(contextPrefix(home), subject);
}

/** A schema as messages name it. */
export function schemaLabel({ subject, version }: SourceSchema): string {
  return `subject ${subject}${version === undefined ? "" : ` version ${version}`}`;
}

/** The error of a reference that leads nowhere. */
export function unknownReference(subject: string, reference: Omit<Reference, "name">): Error {
  return codegenErrors.create("CODEGEN_REFERENCE_UNKNOWN", {
    subject,
    reference: reference.subject,
    version: reference.version,
  });
}

/** Subject of a topic's key or value under the topic name strategy. */
export function topicSubject(topic: string, part: "key" | "value"): string {
  return `${topic}-${part}`;
}
