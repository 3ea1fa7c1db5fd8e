/** The registry client: endpoints as methods, over one transport and three caches. */
import { isTypewireError } from "../base/index.ts";
import {
  readCompatibility,
  readConfig,
  readInteger,
  readIntegers,
  readLevel,
  readMode,
  readNothing,
  readRegistration,
  readStrings,
  readSubjectSchema,
} from "./answers.ts";
import { withChecks } from "./arguments.ts";
import { LoadingCache } from "./cache.ts";
import { clientErrors } from "./errors.ts";
import { settingsOf } from "./options.ts";
import { createOwnVersion } from "./own-version.ts";
import { subjectSegment, versionSegment } from "./paths.ts";
import { refusalOf } from "./refusal.ts";
import { createResolver } from "./resolver.ts";
import { createSchemasById } from "./schemas-by-id.ts";
import type { Settle, Transport } from "./transport.ts";
import { createTransport } from "./transport.ts";
import type {
  RegistryClient,
  RegistryClientOptions,
  SchemaDefinition,
  SubjectSchema,
} from "./types.ts";

/**
 * Creates a client of a schema registry (typewire's or any that speaks Confluent's API). Nothing is
 * sent before the first call, and nothing needs closing.
 *
 * @throws CLIENT_ARGUMENT_INVALID when an option cannot work
 *
 * @example
 * ```ts
 * import { createRegistryClient } from "typewire";
 *
 * const registry = createRegistryClient({ url: "http://localhost:8081" });
 * const { id } = await registry.register("payments-value", { schema: '"string"' });
 * const { schema } = await registry.schemaById(id);
 * ```
 */
export function createRegistryClient(options: RegistryClientOptions): RegistryClient {
  const settings = settingsOf(options);
  const transport = createTransport(settings);
  const subjects = subjectMethods(transport);
  const ownVersion = createOwnVersion(transport, subjects.version);
  const resolver = createResolver(ownVersion);
  return withChecks({
    get url() {
      return transport.url();
    },
    ...createSchemasById(transport, settings, resolver),
    ...subjects,
    referencedVersion: async ({ subject, version }) =>
      ownVersion(subject, version === -1 ? "latest" : version),
    ...definitionMethods(transport, settings.cacheEntriesMax),
    closedSchema: async (subject, version) =>
      resolver.closedText(await subjects.version(subject, version, { deleted: true })),
    ...settingMethods(transport),
    request: (method, path, request = {}) =>
      transport.send(method, path, request, (body) => body ?? null),
  });
}

type SubjectMethods = Pick<
  RegistryClient,
  | "subjects"
  | "versions"
  | "version"
  | "latest"
  | "referencedBy"
  | "deleteSubject"
  | "deleteVersion"
>;

function subjectMethods({ send, url }: Transport): SubjectMethods {
  const version: RegistryClient["version"] = async (subject, name, { deleted } = {}) =>
    send("GET", versionPath(url(), subject, name), { query: { deleted } }, readSubjectSchema);
  return {
    version,
    latest: async (subject) => version(subject, "latest"),
    subjects: async ({ prefix, deleted } = {}) =>
      send("GET", "/subjects", { query: { subjectPrefix: prefix, deleted } }, readStrings),
    versions: async (subject, { deleted } = {}) =>
      send("GET", `${subjectPath(url(), subject)}/versions`, { query: { deleted } }, readIntegers),
    referencedBy: async (subject, name) =>
      send("GET", `${versionPath(url(), subject, name)}/referencedby`, {}, readIntegers),
    deleteSubject: async (subject, how) => {
      const query = { permanent: how === "permanent" || undefined };
      return send("DELETE", subjectPath(url(), subject), { query }, readIntegers);
    },
    deleteVersion: async (subject, name, how) => {
      const query = { permanent: how === "permanent" || undefined };
      return send("DELETE", versionPath(url(), subject, name), { query }, readInteger);
    },
  };
}

type DefinitionMethods = Pick<
  RegistryClient,
  "register" | "lookup" | "idOf" | "checkCompatibility"
>;

function definitionMethods({ send, url }: Transport, cacheEntriesMax: number): DefinitionMethods {
  const ids = new LoadingCache<string, number>(cacheEntriesMax);
  const lookup: RegistryClient["lookup"] = async (
    subject,
    definition,
    { normalize, deleted } = {},
  ) => {
    try {
      const query = { normalize, deleted };
      const body = bodyOf(definition);
      return await send("POST", subjectPath(url(), subject), { query, body }, readSubjectSchema);
    } catch (error) {
      if (!isNotRegistered(error)) throw error;
      const reason = refusalOf(error)?.message ?? "";
      const details = { subject, url: url(), reason };
      throw clientErrors.create("CLIENT_SCHEMA_NOT_REGISTERED", details, error);
    }
  };
  return {
    lookup,
    idOf: async (subject, definition) =>
      ids.get(
        JSON.stringify([subject, bodyOf(definition)]),
        async () => (await lookup(subject, definition)).id,
      ),
    register: async (subject, definition, { normalize, ifMatch } = {}) => {
      const find = async () => lookup(subject, definition, { ...(normalize && { normalize }) });
      const headers = ifMatch === undefined ? {} : { "If-Match": ifMatch };
      const request = { query: { normalize }, body: bodyOf(definition), headers };
      const path = `${subjectPath(url(), subject)}/versions`;
      const settle = ifMatch === undefined ? undefined : registeredAfter(ifMatch, find);
      const { id, version } = await send("POST", path, request, readRegistration, settle);
      if (version !== undefined) return { id, version };
      return { id, version: (await find()).version };
    },
    checkCompatibility: async (subject, definition, { version, normalize } = {}) => {
      const request = { query: { verbose: true, normalize }, body: bodyOf(definition) };
      const base = `/compatibility${subjectPath(url(), subject)}/versions`;
      const path = version === undefined ? base : `${base}/${versionSegment(version)}`;
      return send("POST", path, request, readCompatibility);
    },
  };
}

type SettingMethods = Pick<
  RegistryClient,
  | "compatibilityLevel"
  | "setCompatibilityLevel"
  | "config"
  | "updateConfig"
  | "deleteConfig"
  | "mode"
  | "setMode"
  | "deleteMode"
  | "contexts"
>;

function settingMethods({ send, url }: Transport): SettingMethods {
  const inForce = { query: { defaultToGlobal: true } };
  const updateConfig: RegistryClient["updateConfig"] = async (subject, body) => {
    await send("PUT", scopePath("/config", url(), subject), { body }, readNothing);
  };
  return {
    updateConfig,
    compatibilityLevel: async (subject) =>
      send("GET", scopePath("/config", url(), subject), inForce, readLevel),
    setCompatibilityLevel: async (subject, compatibility) =>
      updateConfig(subject, { compatibility }),
    config: async (subject, options = {}) => {
      const request = options.inForce === true ? inForce : {};
      return send("GET", scopePath("/config", url(), subject), request, readConfig);
    },
    deleteConfig: async (subject) =>
      send("DELETE", scopePath("/config", url(), subject), {}, readConfig),
    mode: async (subject) => send("GET", scopePath("/mode", url(), subject), inForce, readMode),
    setMode: async (subject, mode, { force } = {}) => {
      const request = { query: { force }, body: { mode } };
      await send("PUT", scopePath("/mode", url(), subject), request, readNothing);
    },
    deleteMode: async (subject) => {
      await send("DELETE", scopePath("/mode", url(), subject), {}, readNothing);
    },
    contexts: async () => send("GET", "/contexts", {}, readStrings),
  };
}

/**
 * A registration of our own moves the latest version away from `If-Match`: it is there, with a number
 * above the one that the tag names. An older version with that schema is somebody else's.
 */
function registeredAfter(
  ifMatch: string,
  find: () => Promise<SubjectSchema>,
): Settle<{ id: number; version: number | undefined }> {
  const before = Math.max(
    0,
    ...[...ifMatch.matchAll(/"(\d+)-/g)].map(([, number]) => Number(number)),
  );
  return {
    isEcho: ({ status }) => status === 412,
    find: async () => {
      const found = await find().catch((error: unknown) => {
        if (isTypewireError(error, "CLIENT_SCHEMA_NOT_REGISTERED")) return undefined;
        throw error;
      });
      return found && found.version > before ? found : undefined;
    },
  };
}

/** 40401: no such subject; 40403: not under this subject. */
function isNotRegistered(error: unknown): boolean {
  const errorCode = refusalOf(error)?.errorCode;
  return errorCode === 40401 || errorCode === 40403;
}

function bodyOf({ schema, references = [], metadata, ruleSet }: SchemaDefinition): unknown {
  return {
    schema,
    schemaType: "AVRO",
    ...(references.length > 0 ? { references } : {}),
    ...(metadata === undefined ? {} : { metadata }),
    ...(ruleSet === undefined ? {} : { ruleSet }),
  };
}

function subjectPath(url: string, subject: string): string {
  return `/subjects/${subjectSegment(subject, url)}`;
}

function versionPath(url: string, subject: string, version: number | "latest"): string {
  return `${subjectPath(url, subject)}/versions/${versionSegment(version)}`;
}

/** `/config` or `/mode`, of one subject or of the registry as a whole. */
function scopePath(base: string, url: string, subject: string | undefined): string {
  return subject === undefined ? base : `${base}/${subjectSegment(subject, url)}`;
}
