/** The changes of one schema node by itself: its head, attributes, symbols, and one field's members. */

import type { EnumSchema, JsonObject, NamedSchema, RecordField, Schema } from "../avro/index.ts";
import { aliasTexts, printJson } from "../avro/index.ts";
import type { Finding } from "./changes.ts";
import type { Direction } from "./levels.ts";

/** A change of an enum, with the directions in which it can break reading. */
export type EnumFinding = Finding & { readonly directions: readonly Direction[] };

/** Name, namespace, `error` against `record`, doc and aliases of a named type. */
export function diffHead(before: NamedSchema, after: NamedSchema): readonly Finding[] {
  const findings: Finding[] = [];
  const names = { before: before.name.fullName, after: after.name.fullName };
  if (before.name.name !== after.name.name) findings.push({ kind: "type-renamed", ...names });
  else if (names.before !== names.after) findings.push({ kind: "namespace-changed", ...names });
  if (recordWord(before) !== recordWord(after)) {
    const words = { before: recordWord(before), after: recordWord(after) };
    findings.push({ kind: "type-changed", ...words });
  }
  findings.push(...diffDoc(before.doc, after.doc));
  findings.push(...diffAliases(aliasTexts(before), aliasTexts(after)));
  return findings;
}

function recordWord(schema: NamedSchema): string {
  return schema.kind === "record" && schema.isError ? "error" : schema.kind;
}

function diffDoc(before: string | undefined, after: string | undefined): readonly Finding[] {
  if (before === after) return [];
  return [
    {
      kind: "doc-changed",
      ...(before !== undefined && { before }),
      ...(after !== undefined && { after }),
    },
  ];
}

function diffAliases(before: readonly string[], after: readonly string[]): readonly Finding[] {
  const texts = { before: printJson(before), after: printJson(after) };
  return texts.before === texts.after ? [] : [{ kind: "aliases-changed", ...texts }];
}

/** Doc, default, sort order, aliases and attributes of a field; not its name and type. */
export function diffField(before: RecordField, after: RecordField): readonly Finding[] {
  const findings: Finding[] = [...diffDoc(before.doc, after.doc), ...diffDefault(before, after)];
  if (before.order !== after.order) {
    findings.push({ kind: "field-order-changed", before: before.order, after: after.order });
  }
  findings.push(...diffAliases(before.aliases, after.aliases));
  findings.push(...diffExtras(before.attributes, after.attributes));
  return findings;
}

function diffDefault(before: RecordField, after: RecordField): readonly Finding[] {
  const [old, now] = [before.default, after.default];
  if (old === undefined) {
    return now === undefined ? [] : [{ kind: "default-added", after: printJson(now) }];
  }
  if (now === undefined) return [{ kind: "default-removed", before: printJson(old) }];
  const texts = { before: printJson(old), after: printJson(now) };
  return texts.before === texts.after ? [] : [{ kind: "default-changed", ...texts }];
}

const LOGICAL_KEYS: readonly string[] = ["logicalType", "precision", "scale"];

/** Logical type and other attributes of two nodes of one kind. */
export function diffAttributes(
  before: Exclude<Schema, { kind: "union" }>,
  after: Exclude<Schema, { kind: "union" }>,
): readonly Finding[] {
  const [old, now] = [before.attributes, after.attributes];
  if (!old.has("logicalType") && !now.has("logicalType")) return diffExtras(old, now);
  const texts = { before: logicalText(old), after: logicalText(now) };
  if (texts.before === texts.after) return diffExtras(old, now);
  const warning = logicalWarning(before, after);
  const findings: Finding[] = [
    { kind: "logical-type-changed", ...texts, ...(warning !== undefined && { warning }) },
  ];
  return [...findings, ...diffExtras(withoutLogical(old), withoutLogical(now))];
}

function diffExtras(before: JsonObject, after: JsonObject): readonly Finding[] {
  if (before.size === 0 && after.size === 0) return [];
  const texts = { before: printJson(before), after: printJson(after) };
  return texts.before === texts.after ? [] : [{ kind: "attributes-changed", ...texts }];
}

function withoutLogical(attributes: JsonObject): JsonObject {
  return new Map([...attributes].filter(([key]) => !LOGICAL_KEYS.includes(key)));
}

function logicalText(attributes: JsonObject): string {
  return printJson(new Map([...attributes].filter(([key]) => LOGICAL_KEYS.includes(key))));
}

function logicalWarning(
  { logicalType: before }: Exclude<Schema, { kind: "union" }>,
  { logicalType: after }: Exclude<Schema, { kind: "union" }>,
): string | undefined {
  if (before?.kind === "decimal" && after?.kind === "decimal" && before.scale !== after.scale) {
    return `Data written with scale ${before.scale} is read with scale ${after.scale}: amounts change by powers of ten.`;
  }
  if (before?.kind === after?.kind) return undefined;
  return "No level looks at logical types: the same bytes are read as something else.";
}

/** Symbols and default of an enum. */
export function diffEnums(before: EnumSchema, after: EnumSchema): readonly EnumFinding[] {
  const findings: EnumFinding[] = [];
  const old = new Map(before.symbols.map((symbol, index) => [symbol, index]));
  const now = new Set(after.symbols);
  for (const symbol of after.symbols.filter((each) => !old.has(each))) {
    const directions: Direction[] = before.default === undefined ? ["forward"] : [];
    findings.push({ kind: "symbol-added", after: symbol, directions });
  }
  for (const symbol of before.symbols.filter((each) => !now.has(each))) {
    const directions: Direction[] = after.default === undefined ? ["backward"] : [];
    findings.push({ kind: "symbol-removed", before: symbol, directions });
  }
  const kept = after.symbols.flatMap((symbol) => old.get(symbol) ?? []);
  if (isReordered(kept)) findings.push({ kind: "symbols-reordered", directions: [] });
  if (before.default !== after.default) {
    findings.push({
      kind: "enum-default-changed",
      ...(before.default !== undefined && { before: before.default }),
      ...(after.default !== undefined && { after: after.default }),
      directions: [],
    });
  }
  return findings;
}

/** Whether old positions, listed in their new order, no longer ascend. */
export function isReordered(positions: readonly number[]): boolean {
  return positions.some((position, index) => index > 0 && position < (positions[index - 1] ?? -1));
}
