/** The modules of topics, and the index. */

import type { Doc } from "./layout.ts";
import { hardline, indent } from "./layout.ts";
import { fileHeader, separated } from "./module.ts";
import type { ModuleNames } from "./naming.ts";
import { bracedNames, docComment, importedValue, printModule } from "./printer.ts";
import type { CodegenTopic, TopicPart } from "./subjects.ts";
import { literal } from "./text.ts";

/** A subject's module as a topic's module sees it. */
export interface ImportedSubject {
  readonly from: string;
  readonly names: ModuleNames;
}

/** What a topic's module is printed from. */
export interface TopicModule {
  readonly topic: CodegenTopic;
  /** The name of the descriptor's constant. */
  readonly constant: string;
  readonly runtime: string;
  readonly subjectOf: (subject: string) => ImportedSubject;
}

const PLAIN_TYPES = { string: "stringType", bytes: "bytesType", none: "noKey" } as const;

/** Prints a topic's module: the descriptor, and the types of its key and value once more. */
export function printTopicModule(module: TopicModule): string {
  const { topic, constant, subjectOf } = module;
  const taken = new Set([constant]);
  const exports: Doc[] = [];
  for (const [part, suffix] of [[topic.value, "$value"] as const, [topic.key, "$key"] as const]) {
    if (part.kind === "subject") exports.push(reExports(subjectOf(part.subject), suffix, taken));
  }
  const body = [...exports.map((doc) => [doc]), descriptor(module)];
  const header = fileHeader(`Topic ${literal(topic.name)}.`);
  return printModule(header, separated(body), new Set([constant]));
}

function reExports({ from, names }: ImportedSubject, suffix: string, taken: Set<string>): Doc {
  const specifiers = (exported: readonly string[]): string[] =>
    [...exported].sort().map((name) => {
      const clashes = taken.has(name);
      const local = clashes ? `${name}${suffix}` : name;
      taken.add(local);
      return clashes ? `${name} as ${local}` : name;
    });
  const end = ` from ${literal(from)};`;
  return [
    bracedNames("export type ", specifiers(names.typeExports), end),
    hardline,
    bracedNames("export ", specifiers(names.valueExports), end),
  ];
}

function descriptor({ topic, constant, runtime, subjectOf }: TopicModule): Doc {
  const part = (value: TopicPart): Doc => {
    if (value.kind !== "subject") return importedValue(PLAIN_TYPES[value.kind], runtime);
    const { from, names } = subjectOf(value.subject);
    return importedValue(names.constant, from);
  };
  const members: Doc[] = [
    `name: ${literal(topic.name)}`,
    ["key: ", part(topic.key)],
    ["value: ", part(topic.value)],
    ...(topic.compact ? ["compact: true"] : []),
  ];
  const lines = members.map((member) => [hardline, member, ","]);
  return [
    docComment([`Topic ${literal(topic.name)}${topic.compact ? ", compacted" : ""}.`]),
    [`export const ${constant} = `, importedValue("topic", runtime)],
    ["({", indent(lines), hardline, "});"],
  ];
}

/** Prints the index: every topic's descriptor, by name. */
export function printIndex(
  topics: readonly { readonly constant: string; readonly from: string }[],
): string {
  const statements = topics.map(({ constant, from }) =>
    bracedNames("export ", [constant], ` from ${literal(from)};`),
  );
  const body = statements.length === 0 ? ["export {};"] : statements;
  const lines = body.flatMap((doc, index) => (index === 0 ? [doc] : [hardline, doc]));
  return printModule(fileHeader("All topics."), lines, new Set());
}
