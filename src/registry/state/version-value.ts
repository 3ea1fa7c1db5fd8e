/** What the record of a version says. */
import { guidOfIdentity } from "../../confluent/index.ts";
import type { SchemaValue } from "./records.ts";
import type { Claim, VersionState } from "./state.ts";

/** A version's stored value with a deleted flag of its own. */
export function versionValue(version: VersionState, deleted: boolean): SchemaValue {
  const { subject, version: number, entry, variant, ts } = version;
  const { content } = entry;
  const { text: schema, references, metadata, ruleSet } = content;
  const place = { subject: subject.name, version: number, id: entry.id };
  if (variant !== undefined) return { ...variant, ...place, deleted, ts };
  const isHash = content.guid === guidOfIdentity({ schema, references, metadata, ruleSet });
  return {
    ...place,
    ...(!isHash && { guid: content.guid }),
    schemaType: content.schemaType,
    references,
    ...(metadata && { metadata }),
    ...(ruleSet && { ruleSet }),
    schema,
    deleted,
    ts,
  };
}

/** The live record behind a version. */
export function claimOf(version: VersionState): Claim {
  const { entry, deletedAlone, offset } = version;
  return { value: versionValue(version, deletedAlone), guid: entry.content.guid, offset };
}
