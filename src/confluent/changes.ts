/** The data that describes one change between two schemas. */
import type { Level } from "./level-names.ts";

/** The kinds of changes. */
export type ChangeKind =
  | "type-changed"
  | "type-renamed"
  | "namespace-changed"
  | "field-added"
  | "field-removed"
  | "field-renamed"
  | "fields-reordered"
  | "field-order-changed"
  | "default-added"
  | "default-removed"
  | "default-changed"
  | "symbol-added"
  | "symbol-removed"
  | "symbols-reordered"
  | "enum-default-changed"
  | "size-changed"
  | "branch-added"
  | "branch-removed"
  | "branches-reordered"
  | "logical-type-changed"
  | "attributes-changed"
  | "aliases-changed"
  | "doc-changed";

/** One change. */
export interface SchemaChange {
  readonly kind: ChangeKind;
  /** JSON pointer into the new schema; into the old one for what was removed. */
  readonly path: string;
  /** What stood there, as a name or JSON. */
  readonly before?: string;
  /** What stands there now. */
  readonly after?: string;
  /** The levels at which this change alone makes the new version unacceptable. */
  readonly breaks: readonly Level[];
  /** Set when every level accepts the change but data may be misread. */
  readonly warning?: string;
}

/** A change before it is known where it stands and what it breaks. */
export type Finding = Omit<SchemaChange, "path" | "breaks">;
