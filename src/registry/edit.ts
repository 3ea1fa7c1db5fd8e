/**
 * The only ways to change a state.
 *
 * Invariant: while a speculation runs (`state.undo` is there), each change leaves the step that takes
 * it back: the very objects return to their places, so that nothing which holds on to one of them can
 * tell that there was a change. Only the order in Maps and Sets may differ, on which nothing depends.
 */
import type { State } from "./state.ts";

/** Sets a key of a Map. */
export function put<K, V>(state: State, map: Map<K, V>, key: K, value: V): void {
  if (state.undo !== undefined) {
    const had = map.has(key);
    const old = map.get(key);
    state.undo.push(() => void (had ? map.set(key, old as V) : map.delete(key)));
  }
  map.set(key, value);
}

/** Removes a key from a Map. */
export function drop<K, V>(state: State, map: Map<K, V>, key: K): void {
  if (state.undo !== undefined && map.has(key)) {
    const old = map.get(key) as V;
    state.undo.push(() => void map.set(key, old));
  }
  map.delete(key);
}

/** Adds a member to a set that a Map holds, and the set when it is the first. */
export function addTo<K, T>(state: State, map: Map<K, Set<T>>, key: K, item: T): void {
  const set = map.get(key);
  if (set === undefined) {
    put(state, map, key, new Set([item]));
  } else if (!set.has(item)) {
    set.add(item);
    state.undo?.push(() => void set.delete(item));
  }
}

/** Removes a member from a set that a Map holds, and the set with the last one. */
export function removeFrom<K, T>(state: State, map: Map<K, Set<T>>, key: K, item: T): void {
  const set = map.get(key);
  if (set === undefined || !set.delete(item)) return;
  state.undo?.push(() => void set.add(item));
  if (set.size === 0) drop(state, map, key);
}

/** Changes members of an object. */
export function assign<T extends object>(state: State, target: T, members: Partial<T>): void {
  if (state.undo !== undefined) {
    const old: Partial<T> = {};
    for (const name of Object.keys(members) as (keyof T)[]) old[name] = target[name];
    state.undo.push(() => void Object.assign(target, old));
  }
  Object.assign(target, members);
}

/**
 * The list with an item more at an index; the caller keeps the result. Most lists have one member, and
 * growing an empty array reserves place for seventeen.
 */
export function inserted<T>(state: State, list: T[], index: number, item: T): T[] {
  if (list.length === 0) return [item];
  list.splice(index, 0, item);
  state.undo?.push(() => void list.splice(index, 1));
  return list;
}

/** Takes an item out of a list. */
export function removeAt<T>(state: State, list: T[], index: number): void {
  const [item] = list.splice(index, 1);
  if (item !== undefined) state.undo?.push(() => void list.splice(index, 0, item));
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
