/**
 * Answers serialised once.
 *
 * Invariants:
 * - An answer by id belongs to a content, one by version to a version and its deleted flag: nothing
 *   else can change it.
 * - Memory is bounded; what was read longest ago is made again.
 */

import type { SchemaEntity, SchemaString } from "../../api/index.ts";
import { isRefusal } from "../../api/index.ts";
import { createLru } from "../../base/index.ts";
import { DEFAULT_CONTEXT } from "../../confluent/index.ts";
import type { Content, VersionState, World } from "../state/index.ts";
import { contentEntity, versionEntity } from "./entities.ts";
import { contentEtag, versionEtag } from "./etag.ts";
import { findByText } from "./versions.ts";

/** An answer as text, with its strong ETag (quotes included). */
export interface HotAnswer {
  readonly body: string;
  readonly etag: string;
}

/** A version's answer, and the schema id in it. */
export interface HotVersion extends HotAnswer {
  readonly id: number;
}

/**
 * Reads that are answered from text made before; `undefined` means "ask the service" (not there, or
 * not here yet). The text is what `serialize` of the options makes of the entity.
 */
export interface HotReads {
  /** `schemas.ids.get-schema` without any query, default context. Never changes while the id exists. */
  schemaById(id: number): HotAnswer | undefined;
  /** `subjects.versions.get-schema` without any query; `version` as it stood in the path. */
  version(subject: string, version: string): HotVersion | undefined;
}

/** Bound of each of the two memories, in characters of answers. */
const CHARS_MAX = 16_000_000;
const ENTRY_CHARS = 200;

/** Makes JSON of an entity. */
export type Serialize = (entity: SchemaEntity | SchemaString) => string;

/** Makes the hot reads over a world whose state may be replaced by a replay. */
export function createHotReads(
  worldOf: () => World,
  subjectOf: (text: string) => string,
  serialize: Serialize,
): HotReads {
  const byContent = createLru<Content, HotAnswer>(CHARS_MAX);
  const byVersion = createLru<VersionState, HotVersion & { readonly deleted: boolean }>(CHARS_MAX);
  return {
    schemaById(id) {
      const world = worldOf();
      const content = world.state.contexts.get(DEFAULT_CONTEXT)?.byId.get(id)?.content;
      if (content === undefined) return undefined;
      const known = byContent.get(content);
      if (known !== undefined) return known;
      const body = serialize(contentEntity(world, content));
      const answer = { body, etag: contentEtag(content.guid) };
      byContent.set(content, answer, body.length + ENTRY_CHARS);
      return answer;
    },
    version(subject, text) {
      const world = worldOf();
      const version = findByText(world.state, subjectOf(subject), text, { deleted: false });
      if (isRefusal(version)) return undefined;
      const known = byVersion.get(version);
      if (known !== undefined && known.deleted === version.deleted) return known;
      const body = serialize(versionEntity(world, version));
      const etag = versionEtag(version.version, version.entry.content.guid);
      const answer = { body, etag, id: version.entry.id, deleted: version.deleted };
      byVersion.set(version, answer, body.length + ENTRY_CHARS);
      return answer;
    },
  };
}
