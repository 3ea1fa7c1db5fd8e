/** The service's calls about schemas and compatibility. */
import type { Refusal, SchemaString } from "../../api/index.ts";
import { isRefusal, refuse } from "../../api/index.ts";
import type { FormatQuery } from "../queries/index.ts";
import {
  answerWithin,
  contentEntity,
  findGuid,
  findId,
  idsOfGuid,
  listSchemas,
  subjectsOfEntry,
  testCompatibility,
  versionEntity,
  versionsOfEntry,
} from "../queries/index.ts";
import type { Core } from "./core.ts";
import type { RegistryService } from "./service-types.ts";

type SchemaCalls = Pick<
  RegistryService,
  | "schemas"
  | "schemaById"
  | "subjectsOfId"
  | "versionsOfId"
  | "schemaByGuid"
  | "idsOfGuid"
  | "testCompatibility"
>;

/** Makes the calls. */
export function schemaCalls(core: Core): SchemaCalls {
  const entryOf = (id: number, subject = "") =>
    findId(core.state, id, core.subject(subject))?.entry ?? refuse("SCHEMA_NOT_FOUND");
  return {
    schemas: (query) => core.read(() => listSchemas(core.world, query)),
    schemaById: (id, query) => core.read(() => schemaById(core, id, query)),
    subjectsOfId: (id, query) =>
      core.read(() => {
        const entry = entryOf(id, query.subject);
        return isRefusal(entry) ? entry : subjectsOfEntry(entry, query);
      }),
    versionsOfId: (id, query) =>
      core.read(() => {
        const entry = entryOf(id, query.subject);
        return isRefusal(entry) ? entry : versionsOfEntry(entry, query);
      }),
    schemaByGuid: (guid, query) =>
      core.read(() => {
        const content = findGuid(core.state, guid);
        return isRefusal(content) ? content : contentEntity(core.world, content, query);
      }),
    idsOfGuid: (guid) => core.read(() => idsOfGuid(core.state, guid)),
    testCompatibility: (subject, version, body, { verbose, normalize }) =>
      core.read(() =>
        answerWithin(core.world, (world) =>
          testCompatibility(world, {
            subject: core.subject(subject),
            version,
            body,
            verbose: verbose ?? false,
            normalize: normalize ?? false,
          }),
        ),
      ),
  };
}

function schemaById(
  core: Core,
  id: number,
  query: FormatQuery & { readonly subject?: string; readonly fetchMaxId?: boolean },
): SchemaString | Refusal {
  const found = findId(core.state, id, core.subject(query.subject ?? ""));
  if (found === undefined) return refuse("SCHEMA_ID_NOT_FOUND", { id });
  const { entry, version } = found;
  const maxId = query.fetchMaxId ? { maxId: entry.content.context.maxId } : {};
  if (version === undefined) {
    return { ...contentEntity(core.world, entry.content, query), ...maxId };
  }
  const { id: _id, ...entity } = versionEntity(core.world, version, query);
  return { ...entity, ...maxId };
}
