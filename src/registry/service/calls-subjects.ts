/** The service's calls about subjects and versions. */
import { isRefusal } from "../../api/index.ts";
import { isQualified, qualifySubject } from "../../confluent/index.ts";
import {
  decideDeleteSubject,
  decideDeleteVersion,
  decideRegister,
  decideTagVersion,
  decideWithin,
  findRegistered,
} from "../commands/index.ts";
import {
  findByMetadata,
  findByText,
  listReferrers,
  listSubjects,
  listVersions,
  lookup,
  registeredEntity,
  versionEntity,
} from "../queries/index.ts";
import type { VersionState } from "../state/index.ts";
import type { Core } from "./core.ts";
import type { RegistryService } from "./service-types.ts";

type SubjectCalls = Pick<
  RegistryService,
  | "subjects"
  | "lookup"
  | "latestWithMetadata"
  | "deleteSubject"
  | "versions"
  | "register"
  | "version"
  | "referencedBy"
  | "deleteVersion"
  | "tagVersion"
>;

/** Makes the calls. */
export function subjectCalls(core: Core): SubjectCalls {
  return {
    subjects: (query) => core.read(() => listSubjects(core.state, query)),
    lookup: (subject, body, query) =>
      core.read(() => {
        const found = lookup(core.world, {
          subject: core.subject(subject),
          body,
          normalize: query.normalize ?? false,
          deleted: query.deleted ?? false,
        });
        return isRefusal(found) ? found : versionEntity(core.world, found, query);
      }),
    latestWithMetadata: (subject, pairs, query) =>
      core.read(() => {
        const name = core.subject(subject);
        const found = findByMetadata(core.state, name, pairs, query.deleted ?? false);
        return isRefusal(found) ? found : versionEntity(core.world, found, query);
      }),
    deleteSubject: (subject, { permanent }) =>
      core.write(() =>
        decideDeleteSubject(core.world, {
          subject: core.subject(subject),
          how: permanent ? "permanent" : "soft",
        }),
      ),
    versions: (subject, query) =>
      core.read(() => listVersions(core.state, core.subject(subject), query)),
    register: (subject, body, query) => register(core, subject, body, query),
    version: (subject, version, query) =>
      core.read(() => {
        const found = findVersionAnywhere(core, core.subject(subject), version, query.deleted);
        return isRefusal(found) ? found : versionEntity(core.world, found, query);
      }),
    referencedBy: (subject, version, query) =>
      core.read(() => {
        const found = findVersionAnywhere(core, core.subject(subject), version, true);
        return isRefusal(found) ? found : listReferrers(core.state, found, query);
      }),
    deleteVersion: (subject, version, { permanent }) =>
      core.write(() =>
        decideDeleteVersion(core.world, {
          subject: core.subject(subject),
          version,
          how: permanent ? "permanent" : "soft",
        }),
      ),
    tagVersion: (subject, version, body) => {
      const now = core.now();
      return core.write(() =>
        decideWithin(core.world, (world) =>
          decideTagVersion(world, {
            subject: core.subject(subject),
            version,
            body,
            now,
          }),
        ),
      );
    },
  };
}

const register = async (
  core: Core,
  subject: string,
  body: Parameters<RegistryService["register"]>[1],
  query: Parameters<RegistryService["register"]>[2],
): ReturnType<RegistryService["register"]> => {
  const command = () => ({
    subject: core.subject(subject),
    body,
    normalize: query.normalize ?? false,
    force: query.force ?? false,
    ifMatch: query.ifMatch,
    format: query.format,
    now,
  });
  const now = core.now();
  // Also parses a further version before its turn in the log comes; the result is remembered.
  const known = findRegistered(core.world, command());
  if (known !== undefined && query.ifMatch === undefined) {
    return registeredEntity(core.world, known, query.format);
  }
  return core.write(() => decideWithin(core.world, (world) => decideRegister(world, command())));
};

/** A version by subject; an unqualified subject falls through to the other contexts. */
function findVersionAnywhere(core: Core, name: string, text: string, deleted = false) {
  const own = findByText(core.state, name, text, { deleted });
  if (!isRefusal(own) || own.refusal !== "SUBJECT_NOT_FOUND" || isQualified(name)) return own;
  for (const context of core.contexts().sort()) {
    const found = findByText(core.state, qualifySubject(context, name), text, { deleted });
    if (!isRefusal(found)) return found satisfies VersionState;
  }
  return own;
}
