/**
 * Tables: registry scenarios as text.
 *
 *     let user = {"type":"record","name":"User","fields":[]}
 *
 *     ## the same schema keeps its id
 *     register users $user                 -> id=1 version=1
 *     register other $user                 -> id=1 version=1
 *     version users 2                      -> 40402 Version 2 not found.
 *
 * A row is a verb, its path parameters in order, then `name=value` (a query parameter of the route,
 * else a member of the body, read as JSON when it is JSON), then `->` and what comes back: an error
 * code with its whole message (an ending `…` stands for any rest), `ok`, a JSON value (objects may
 * hold more than is said), or `name=value` members. `$name` stands for a text from `let`. `restart`
 * starts the registry again from its store.
 */
import type { Operation, RouteRow } from "../../src/api/index.ts";
import { routes } from "../../src/api/index.ts";
import type { TableRequest } from "./driver.ts";

export interface TableRow {
  readonly line: number;
  readonly text: string;
  /** `undefined` for `restart`. */
  readonly request: TableRequest | undefined;
  readonly expected: Expected;
}

export type Expected =
  | { readonly kind: "ok" }
  | { readonly kind: "error"; readonly code: number; readonly message: string }
  | { readonly kind: "value"; readonly value: unknown };

export interface Scenario {
  readonly title: string;
  readonly rows: readonly TableRow[];
}

/** Verb → operation; by the number of positional words where one verb has two. */
const VERBS: Readonly<Record<string, readonly Operation[]>> = {
  subjects: ["subjects.list"],
  lookup: ["subjects.get-schema"],
  metadata: ["subjects.get-latest-with-metadata"],
  delete: ["subjects.delete-subject", "subjects.versions.delete-schema-version"],
  versions: ["subjects.versions.list"],
  register: ["subjects.versions.register"],
  version: ["subjects.versions.get-schema"],
  referencedby: ["subjects.versions.get-referenced-by"],
  tag: ["subjects.versions.modify-tags"],
  schemas: ["schemas.get-schemas"],
  id: ["schemas.ids.get-schema"],
  "id-subjects": ["schemas.ids.get-subjects"],
  "id-versions": ["schemas.ids.get-versions"],
  guid: ["schemas.guids.get-schema"],
  "guid-ids": ["schemas.guids.get-ids"],
  compatible: [
    "compatibility.subjects.versions.verify-all",
    "compatibility.subjects.versions.verify",
  ],
  config: ["config.get-global", "config.get-subject"],
  "set-config": ["config.update-global", "config.update-subject"],
  "delete-config": ["config.delete-global", "config.delete-subject"],
  mode: ["mode.get-global", "mode.get-subject"],
  "set-mode": ["mode.update-global", "mode.update-subject"],
  "delete-mode": ["mode.delete-global", "mode.delete-subject"],
  contexts: ["contexts.list"],
  "delete-context": ["contexts.delete"],
  undelete: ["subjects.undelete", "subjects.versions.undelete"],
  search: ["search.find"],
};
/** Verbs whose last positional word is the body's schema. */
const WITH_SCHEMA = new Set(["register", "lookup", "compatible"]);

/** Reads a table. */
export function parseTable(text: string): Scenario[] {
  const texts = new Map<string, string>();
  const scenarios: { title: string; rows: TableRow[] }[] = [];
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    if (line.startsWith("## ")) scenarios.push({ title: line.slice(3), rows: [] });
    else if (line.startsWith("let ")) addText(texts, line);
    else if (line !== "" && !line.startsWith("#")) {
      const rows = scenarios.at(-1)?.rows;
      if (rows === undefined) throw new Error(`line ${index + 1}: a row before the first scenario`);
      rows.push(parseRow(line, index + 1, texts));
    }
  }
  return scenarios;
}

function addText(texts: Map<string, string>, line: string): void {
  const match = /^let ([\w-]+) = (.+)$/.exec(line);
  if (match === null) throw new Error(`not a text: ${line}`);
  texts.set(match[1] ?? "", match[2] ?? "");
}

function parseRow(line: string, number: number, texts: ReadonlyMap<string, string>): TableRow {
  if (line === "restart") {
    return { line: number, text: line, request: undefined, expected: { kind: "ok" } };
  }
  const arrow = line.indexOf(" -> ");
  if (arrow < 0) throw new Error(`line ${number}: no "->" in ${line}`);
  try {
    return {
      line: number,
      text: line,
      request: parseRequest(wordsOf(line.slice(0, arrow)), texts),
      expected: parseExpected(line.slice(arrow + 4).trim(), texts),
    };
  } catch (error) {
    throw new Error(`line ${number}: ${String(error)}`);
  }
}

/** Splits at blanks outside of brackets and quotes. */
function wordsOf(text: string): string[] {
  const words: string[] = [];
  let word = "";
  let depth = 0;
  let isQuoted = false;
  for (const [index, char] of [...text].entries()) {
    if (char === '"' && text[index - 1] !== "\\") isQuoted = !isQuoted;
    if (!isQuoted && (char === "{" || char === "[")) depth++;
    if (!isQuoted && (char === "}" || char === "]")) depth--;
    if (char !== " " || isQuoted || depth > 0) word += char;
    else if (word !== "") words.push(word);
    if (char === " " && !isQuoted && depth === 0) word = "";
  }
  return word === "" ? words : [...words, word];
}

function parseRequest(
  [verb = "", ...words]: readonly string[],
  texts: ReadonlyMap<string, string>,
): TableRequest {
  const named = words.filter((word) => /^[\w-]+=/.test(word));
  const plain = words.filter((word) => !named.includes(word)).map((word) => fill(word, texts));
  const body: Record<string, unknown> = {};
  if (WITH_SCHEMA.has(verb)) body["schema"] = unquote(plain.pop());
  const route = VERBS[verb]?.find((name) => parametersOf(name).length === plain.length);
  if (route === undefined) throw new Error(`no such row: ${verb} with ${plain.length} words`);
  const path = Object.fromEntries(parametersOf(route).map((name, n) => [name, unquote(plain[n])]));
  const row: RouteRow = routes[route];
  const known = row.query ?? {};
  const query: Record<string, string> = {};
  let ifMatch: string | undefined;
  for (const word of named) {
    const at = word.indexOf("=");
    const [name, value] = [word.slice(0, at), fill(word.slice(at + 1), texts)];
    if (name === "if-match") ifMatch = unquote(value);
    else if (name in known) query[name] = unquote(value);
    else body[name] = jsonOrText(value);
  }
  return {
    route,
    path,
    query,
    body: row.body === undefined ? undefined : body,
    ...(ifMatch !== undefined && { ifMatch }),
  };
}

function parametersOf(operation: Operation): string[] {
  return [...routes[operation].path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "");
}

function parseExpected(text: string, texts: ReadonlyMap<string, string>): Expected {
  if (text === "ok") return { kind: "ok" };
  const error = /^([45]\d\d(?:\d\d)?)(?: (.*))?$/.exec(text);
  if (error !== null) {
    return { kind: "error", code: Number(error[1]), message: fillAll(error[2] ?? "", texts) };
  }
  if (/^[\w-]+=/.test(text)) {
    const members = wordsOf(text).map((word) => {
      const at = word.indexOf("=");
      const [name, value] = [word.slice(0, at), fill(word.slice(at + 1), texts)];
      return [name, name === "schema" ? value : jsonOrText(value)] as const;
    });
    return { kind: "value", value: Object.fromEntries(members) };
  }
  return { kind: "value", value: JSON.parse(fillAll(text, texts)) };
}

function fill(word: string, texts: ReadonlyMap<string, string>): string {
  if (!word.startsWith("$")) return word;
  const text = texts.get(word.slice(1));
  if (text === undefined) throw new Error(`no text ${word}`);
  return text;
}

function fillAll(text: string, texts: ReadonlyMap<string, string>): string {
  return text.replace(/\$\{([\w-]+)\}/g, (_, name: string) => fill(`$${name}`, texts));
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function unquote(text = ""): string {
  return text.startsWith('"') ? String(JSON.parse(text)) : text;
}
