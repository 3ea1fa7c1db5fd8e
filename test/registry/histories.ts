/** Random histories of commands, and what a registry can be asked afterwards. */
import { fc } from "@fast-check/vitest";
import type { Metadata, RegisterSchemaRequest } from "../../src/api/index.ts";
import type { BatchItem, Log, RegistryService } from "../../src/registry/index.ts";
import { createRegistryService } from "../../src/registry/index.ts";

export type Step =
  | { readonly do: "register"; readonly subject: string; readonly body: RegisterSchemaRequest }
  | { readonly do: "batch"; readonly items: readonly BatchItem[]; readonly dryRun: boolean }
  | {
      readonly do: "delete";
      readonly subject: string;
      readonly version: number;
      readonly permanent: boolean;
    }
  | { readonly do: "delete-all"; readonly subject: string; readonly permanent: boolean }
  | { readonly do: "undelete"; readonly subject: string; readonly version: number }
  | { readonly do: "undelete-all"; readonly subject: string }
  | {
      readonly do: "mode";
      readonly scope: string;
      readonly mode: string | null;
      readonly force: boolean;
    }
  | { readonly do: "delete-mode"; readonly scope: string; readonly recursive: boolean }
  | {
      readonly do: "config";
      readonly scope: string;
      readonly level: string | null;
      readonly alias: string;
    }
  | { readonly do: "delete-context"; readonly context: string };

export const SUBJECTS = ["a", "b", "c", ":.x:a", ":.x:b"] as const;
const SCOPES = [...SUBJECTS, ":.x:", ":.:", ":.__GLOBAL:"] as const;

const subject = fc.constantFrom(...SUBJECTS);
const scope = fc.constantFrom(...SCOPES);

// One schema in three spellings, of which two are one content; some schemas refer to a version of `a`.
const TEXTS = [0, 1, 2].flatMap((size) => [
  `{"type":"fixed","name":"F","size":${size},"p":1,"q":2}`,
  `{ "type": "fixed", "name": "F", "size": ${size}, "p": 1, "q": 2 }`,
  `{"type":"fixed","name":"F","size":${size},"q":2,"p":1}`,
]);
const plain = fc.constantFrom(...TEXTS).map((schema): RegisterSchemaRequest => ({ schema }));
const referring = fc.constantFrom(1, 2, 3).map((version): RegisterSchemaRequest => {
  const references = [{ name: "F", subject: "a", version }];
  return { schema: `{"type":"record","name":"R","fields":[{"name":"f","type":"F"}]}`, references };
});
// Of the same hash: metadata without members, and an empty rule set.
const extras = fc.constantFrom<Partial<RegisterSchemaRequest>>(
  {},
  {},
  { metadata: {} as Metadata },
  { metadata: { properties: { k: "v" } } },
  { ruleSet: {} },
);
const numbers = fc.constantFrom<Partial<RegisterSchemaRequest>>(
  {},
  {},
  { id: 1 },
  { id: 2, version: 1 },
  { id: 5, version: 2 },
  { id: 3, version: 4 },
  { id: 2 ** 31 - 1 },
);
const body = fc
  .tuple(
    fc.oneof({ weight: 4, arbitrary: plain }, { weight: 1, arbitrary: referring }),
    extras,
    numbers,
  )
  .map((parts): RegisterSchemaRequest => Object.assign({}, ...parts));
const version = fc.integer({ min: 1, max: 5 });

export const batchItems: fc.Arbitrary<readonly BatchItem[]> = fc.array(
  fc.record({ subject, body, force: fc.boolean() }),
  { minLength: 1, maxLength: 4 },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant("register" as const), subject, body }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("batch" as const),
      items: batchItems,
      dryRun: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("delete" as const),
      subject,
      version,
      permanent: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("delete-all" as const),
      subject,
      permanent: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("undelete" as const), subject, version }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("undelete-all" as const), subject }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("mode" as const),
      scope,
      mode: fc.constantFrom("IMPORT", "IMPORT", "READWRITE", "READONLY", null),
      force: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("delete-mode" as const),
      scope,
      recursive: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("config" as const),
      scope,
      level: fc.constantFrom("NONE", "NONE", "FULL", null),
      alias: fc.constantFrom("", "", "b", ":.x:a"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("delete-context" as const),
      context: fc.constantFrom(".x", ".y"),
    }),
  },
);

/** A history; imports are frequent, because they alone make ids come in any order. */
export const history: fc.Arbitrary<readonly Step[]> = fc
  .tuple(fc.boolean(), fc.array(step, { maxLength: 30 }))
  .map(([importing, steps]) => {
    const mode: Step = { do: "mode", scope: ":.__GLOBAL:", mode: "IMPORT", force: true };
    return importing ? [mode, ...steps] : steps;
  });

/** Some steps that follow on a history. */
export const followUp: fc.Arbitrary<readonly Step[]> = fc.array(step, { maxLength: 12 });

export async function play(service: RegistryService, one: Step): Promise<unknown> {
  switch (one.do) {
    case "register":
      return service.register(one.subject, one.body, { force: true });
    case "batch":
      return service.batch(one.items, { dryRun: one.dryRun });
    case "delete":
      return service.deleteVersion(one.subject, String(one.version), { permanent: one.permanent });
    case "delete-all":
      return service.deleteSubject(one.subject, { permanent: one.permanent });
    case "undelete":
      return service.undeleteVersion(one.subject, String(one.version));
    case "undelete-all":
      return service.undeleteSubject(one.subject);
    case "mode":
      return service.updateMode(one.scope, one.mode, { force: one.force });
    case "delete-mode":
      return service.deleteMode(one.scope, { recursive: one.recursive });
    case "config":
      return service.updateConfig(one.scope, { compatibility: one.level, alias: one.alias });
    case "delete-context":
      return service.deleteContext(one.context);
  }
}

/** A registry on a log, with a clock that stands still. */
export async function serviceOn(log: Log): Promise<RegistryService> {
  return createRegistryService({ log, clock: () => 7 });
}

/** Everything that can be read about a small registry. */
export async function answers(service: RegistryService): Promise<unknown[]> {
  const found: unknown[] = [
    await service.subjects({ deleted: true, subjectPrefix: ":*:" }),
    await service.contexts({}),
    await service.schemas({ subjectPrefix: ":*:", deleted: true, aliases: true }),
    await service.search({ type: "f" }),
  ];
  for (const id of [1, 2, 3, 4, 5, 6, 2 ** 31 - 1]) {
    for (const name of ["", ":.x:", "a", "zzz"]) {
      const query = { subject: name, format: "original", fetchMaxId: true };
      found.push(await service.schemaById(id, query));
      found.push(await service.versionsOfId(id, { subject: name, deleted: true }));
    }
  }
  for (const { guid } of await service
    .schemas({ subjectPrefix: ":*:", deleted: true })
    .then(list)) {
    found.push(await service.schemaByGuid(guid, { format: "original" }));
    found.push(await service.idsOfGuid(guid));
  }
  for (const name of SUBJECTS) {
    found.push(await service.versions(name, { deletedAsNegative: true }));
    for (const number of [1, 2, 3]) {
      found.push(await service.version(name, String(number), { format: "original" }));
      found.push(await service.referencedBy(name, String(number), { deleted: true }));
    }
  }
  for (const key of SCOPES) {
    found.push(await service.config(key, {}), await service.mode(key, {}));
  }
  return found;
}

function list(value: unknown): { guid: string }[] {
  return value as { guid: string }[];
}
