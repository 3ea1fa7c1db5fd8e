/**
 * A state as text without knowing what it is made of: every own property, every member of Maps and
 * Sets, and which objects are the same. Offsets, which a restore changes, are left out or ranked.
 */
import { expect } from "vitest";
import type { State } from "../../src/registry/state/state.ts";

/** Not part of what the state says: how far the log is, and what indices outside go by. */
export const BESIDES = ["end", "remakes", "undo"];

type Members = Record<string, unknown>;

/** What an object stands for; the same for the objects of two states that correspond. */
function labelOf(value: object): string | undefined {
  const members = value as Members;
  const name = (owner: unknown): string => String((owner as Members)["name"]);
  if ("byGuid" in value) return `context ${name(value)}`;
  if ("ids" in value) return `content ${name(members["context"])} ${String(members["guid"])}`;
  if ("uses" in value) {
    const { context } = members["content"] as Members;
    return `id ${name(context)} ${String(members["id"])}`;
  }
  if ("versions" in value) return `subject ${name(value)}`;
  if ("entry" in value) return `version ${name(members["subject"])} ${String(members["version"])}`;
  return undefined;
}

function claimName(value: object): string | undefined {
  if (!("guid" in value && "value" in value)) return undefined;
  const { subject, version } = value.value as Members;
  return `claim ${String(subject)} ${String(version)}`;
}

/** The objects of a state by what they stand for. */
export function nodesOf(state: State): Map<string, object> {
  return walk(state).nodes;
}

/** The state as lines; with the order of all offsets when `ranked`. */
export function walkState(state: State, { ranked }: { ranked: boolean }): string[] {
  const { lines, offsets } = walk(state);
  if (!ranked) return lines;
  const order = [...offsets].sort(([, left], [, right]) => left - right).map(([name]) => name);
  return [...lines, JSON.stringify(order)];
}

function walk(state: State) {
  const nodes = new Map<string, object>();
  const offsets = new Map<string, number>();
  const lines: string[] = [];
  const textOf = (value: unknown, path: string): unknown => {
    if (typeof value !== "object" || value === null) return value;
    if (value instanceof Map) {
      if (path === "state/clears") {
        for (const [key, offset] of value) offsets.set(`clear ${String(key)}`, offset as number);
        return sorted([...value.keys()]);
      }
      const entries = [...value].map(([key, item]) => [
        key,
        textOf(item, `${path}/${String(key)}`),
      ]);
      // Only of spellings the order counts: the last one is in force.
      return path.startsWith("state/spellings/") ? entries : sorted(entries);
    }
    if (value instanceof Set) return sorted([...value].map((item) => textOf(item, path)));
    if (Array.isArray(value)) return value.map((item) => textOf(item, path));
    if ("range" in value) return [...state.names.range()];
    const label = labelOf(value);
    if (label === undefined) return membersOf(value, path);
    const known = nodes.get(label);
    if (known !== undefined) {
      expect(known === value, `${label} is there twice`).toBe(true);
      return label;
    }
    nodes.set(label, value);
    lines.push(`${label}: ${JSON.stringify(membersOf(value, label))}`);
    return label;
  };
  const membersOf = (value: object, path: string): unknown => {
    const members: Members = {};
    for (const [name, member] of Object.entries(value)) {
      if (path === "state" && BESIDES.includes(name)) continue;
      if (name === "offset") offsets.set(claimName(value) ?? path, member as number);
      else members[name] = textOf(member, `${path}/${name}`);
    }
    return members;
  };
  lines.push(`state: ${JSON.stringify(membersOf(state, "state"))}`);
  return { lines: lines.sort(), nodes, offsets };
}

function sorted(items: readonly unknown[]): unknown[] {
  return items
    .map((item) => [JSON.stringify(item), item] as const)
    .sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0))
    .map(([, item]) => item);
}
