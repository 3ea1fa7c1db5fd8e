/**
 * The only ways to change a state.
 *
 * Invariant: while a speculation runs (`state.undo` is there), each change leaves the step that takes
 * it back: the very objects return to their places, so that nothing which holds on to one of them can
 * tell that there was a change. Only the order in Maps and Sets may differ, on which nothing depends.
 */
import type { State } from "./state.ts";

// The steps are made in functions of their own, so that a replay, which has none, allocates nothing.

type Undo = (() => void)[];

/** Sets a key of a Map. */
export function put<K, V>(state: State, map: Map<K, V>, key: K, value: V): void {
  if (state.undo !== undefined) noteKey(state.undo, map, key);
  map.set(key, value);
}

/** Removes a key from a Map. */
export function drop<K, V>(state: State, map: Map<K, V>, key: K): void {
  if (state.undo !== undefined) noteKey(state.undo, map, key);
  map.delete(key);
}

function noteKey<K, V>(undo: Undo, map: Map<K, V>, key: K): void {
  const had = map.has(key);
  const old = map.get(key);
  undo.push(() => void (had ? map.set(key, old as V) : map.delete(key)));
}

/** Adds a member to a set that a Map holds, and the set when it is the first. */
export function addTo<K, T>(state: State, map: Map<K, Set<T>>, key: K, item: T): void {
  const set = map.get(key);
  if (set === undefined) {
    put(state, map, key, new Set([item]));
  } else if (!set.has(item)) {
    if (state.undo !== undefined) noteMember(state.undo, set, item);
    set.add(item);
  }
}

/** Removes a member from a set that a Map holds, and the set with the last one. */
export function removeFrom<K, T>(state: State, map: Map<K, Set<T>>, key: K, item: T): void {
  const set = map.get(key);
  if (set === undefined || !set.has(item)) return;
  if (state.undo !== undefined) noteMember(state.undo, set, item);
  set.delete(item);
  if (set.size === 0) drop(state, map, key);
}

function noteMember<T>(undo: Undo, set: Set<T>, item: T): void {
  const had = set.has(item);
  undo.push(() => void (had ? set.add(item) : set.delete(item)));
}

/** Changes members of an object. */
export function assign<T extends object>(state: State, target: T, members: Partial<T>): void {
  if (state.undo !== undefined) noteMembers(state.undo, target, members);
  Object.assign(target, members);
}

function noteMembers<T extends object>(undo: Undo, target: T, members: Partial<T>): void {
  const old: Partial<T> = {};
  for (const name of Object.keys(members) as (keyof T)[]) old[name] = target[name];
  undo.push(() => void Object.assign(target, old));
}

/**
 * The list with an item more at an index; the caller keeps the result. Most lists have one member, and
 * growing an empty array reserves place for seventeen.
 */
export function inserted<T>(state: State, list: T[], index: number, item: T): T[] {
  if (list.length === 0) return [item];
  list.splice(index, 0, item);
  if (state.undo !== undefined) noteInserted(state.undo, list, index);
  return list;
}

function noteInserted<T>(undo: Undo, list: T[], index: number): void {
  undo.push(() => void list.splice(index, 1));
}

/** Takes an item out of a list. */
export function removeAt<T>(state: State, list: T[], index: number): void {
  const [item] = list.splice(index, 1);
  if (state.undo !== undefined && item !== undefined) noteRemoved(state.undo, list, index, item);
}

function noteRemoved<T>(undo: Undo, list: T[], index: number, item: T): void {
  undo.push(() => void list.splice(index, 0, item));
}

/** Adds the name of a subject. */
export function addName(state: State, name: string): void {
  state.names.add(name);
  state.undo?.push(() => state.names.remove(name));
}

/** Removes the name of a subject. */
export function removeName(state: State, name: string): void {
  state.names.remove(name);
  state.undo?.push(() => state.names.add(name));
}
