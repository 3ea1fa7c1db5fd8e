/**
 * Reads `docker-compose.yml`: the part of YAML that the file uses (maps by indentation, lists of
 * scalars, quoted and plain scalars, comments). Anything else is an error, never a guess.
 */
import { readText } from "../tidy/source.ts";

/** A value of the file; every scalar is text. */
export type Yaml = string | readonly string[] | { readonly [name: string]: Yaml };

interface Line {
  readonly number: number;
  readonly indent: number;
  readonly text: string;
}

/** Parses the subset. */
export function parseYaml(text: string): Yaml {
  const lines = text.split("\n").flatMap((line, i): Line[] => {
    const content = line.trim();
    if (content === "" || content.startsWith("#")) return [];
    return [{ number: i + 1, indent: line.length - line.trimStart().length, text: content }];
  });
  const open = [...lines];
  const value = readBlock(open, 0);
  if (open[0] !== undefined) throw new Error(`line ${open[0].number}: unexpected indentation`);
  return value;
}

/** The settings of the Kafka service, by their names in `server.properties`. */
export function kafkaSettings(): Record<string, string> {
  const environment = at(
    parseYaml(readText("docker-compose.yml")),
    "services",
    "kafka",
    "environment",
  );
  const settings: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith("KAFKA_") || typeof value !== "string")
      throw new Error(`not a setting: ${name}`);
    settings[name.slice("KAFKA_".length).toLowerCase().replaceAll("_", ".")] = value;
  }
  return settings;
}

/** The map at a path of names. */
export function at(value: Yaml, ...names: readonly string[]): { readonly [name: string]: Yaml } {
  const [name, ...rest] = names;
  if (typeof value === "string" || Array.isArray(value)) throw new Error(`no map above ${name}`);
  const map = value as { readonly [name: string]: Yaml };
  if (name === undefined) return map;
  const inner = map[name];
  if (inner === undefined) throw new Error(`${name} is missing`);
  return at(inner, ...rest);
}

function readBlock(open: Line[], indent: number): Yaml {
  return open[0]?.text.startsWith("- ") ? readList(open, indent) : readMap(open, indent);
}

function readList(open: Line[], indent: number): readonly string[] {
  const items: string[] = [];
  while (open[0]?.indent === indent) {
    const line = open.shift() as Line;
    if (!line.text.startsWith("- ")) throw new Error(`line ${line.number}: not a list item`);
    items.push(scalar(line, line.text.slice(2)));
  }
  return items;
}

function readMap(open: Line[], indent: number): { readonly [name: string]: Yaml } {
  const map: Record<string, Yaml> = {};
  while (open[0]?.indent === indent) {
    const line = open.shift() as Line;
    const [, name, rest] = /^([\w-]+):(?: (.+))?$/.exec(line.text) ?? [];
    if (name === undefined) throw new Error(`line ${line.number}: not a map entry`);
    if (Object.hasOwn(map, name)) throw new Error(`line ${line.number}: ${name} is there twice`);
    if (rest !== undefined) map[name] = scalar(line, rest);
    else map[name] = (open[0]?.indent ?? 0) > indent ? readBlock(open, open[0]?.indent ?? 0) : "";
  }
  return map;
}

function scalar(line: Line, text: string): string {
  if (text.startsWith('"')) return JSON.parse(text) as string;
  if (/^[&*!|>'%@{[]|: | #/.test(text)) throw new Error(`line ${line.number}: write it in quotes`);
  return text;
}
