import { describe, expect, test } from "vitest";
import { guidOf, identityHash } from "../../src/confluent/index.ts";
import type { Log, RegistryService, RegistrySettings } from "../../src/registry/index.ts";
import { contentEtag, createRegistryService, versionEtag } from "../../src/registry/index.ts";
import { createMemoryLog } from "../../src/store/index.ts";

const a = `{"type":"record","name":"A","fields":[]}`;
const b = `{"type":"record","name":"B","fields":[]}`;

async function started(settings: Partial<RegistrySettings> = {}): Promise<RegistryService> {
  return createRegistryService({ log: createMemoryLog(), clock: () => 1, settings });
}

describe("identity", () => {
  const text = `{"type":"record","name":"myrecord","fields":[{"type":"string","default":null,"name":"f"}]}`;
  const rule = { kind: "TRANSFORM", mode: "WRITEREAD" } as const;

  test.each([
    [{ schema: text }, "1d20cbb9-e5e3-5e97-54e7-da170b6e5ddb"],
    [
      { schema: text, metadata: {}, ruleSet: { migrationRules: [rule] } },
      "16f1eca5-ebf9-22b3-da80-212f8fa7342e",
    ],
  ])("of a known schema is known: %j", (identity, guid) => {
    expect(guidOf(identityHash(identity))).toBe(guid);
  });
});

test("a config from elsewhere is answered as it is: policies that are not set here, empty texts as none", async () => {
  const log = createMemoryLog();
  const value = { alias: "", compatibilityPolicy: "LOGICAL", compatibilityGroup: "g" };
  const record = {
    key: '{"keytype":"CONFIG","subject":"s","magic":0}',
    value: JSON.stringify(value),
  };
  const service = await createRegistryService({ log, clock: () => 1 });
  await log.transact(() => ({ records: [record], result: undefined }));
  expect(await service.config("s", {})).toEqual({
    compatibilityLevel: "BACKWARD",
    compatibilityPolicy: "LOGICAL",
    compatibilityGroup: "g",
  });
  expect(
    await service.updateConfig("s", { compatibility: "FULL", compatibilityGroup: "" }),
  ).toEqual({ compatibility: "FULL", compatibilityPolicy: "LOGICAL", compatibilityGroup: "" });
  expect(await service.config("s", {})).toEqual({
    compatibilityLevel: "FULL",
    compatibilityPolicy: "LOGICAL",
  });
});

describe("a read that misses", () => {
  /** A replica's log: what others wrote is applied when somebody waits for it. */
  function laggingLog(late: readonly { key: string; value: string }[]): Log {
    const log = createMemoryLog();
    const barrier = async (): Promise<void> => {
      if (log.end === 0) await log.transact(() => ({ records: late, result: undefined }));
    };
    return Object.assign(log, { barrier });
  }
  const key = `{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}`;
  const record = { key, value: JSON.stringify({ id: 1, schema: a }) };

  test.each<[string, (service: RegistryService) => Promise<unknown>]>([
    ["an id", (service) => service.schemaById(1, {})],
    ["a subject's version", (service) => service.version("s", "1", {})],
    ["a subject's versions", (service) => service.versions("s", {})],
    ["a lookup", (service) => service.lookup("s", { schema: a }, {})],
    ["a GUID", (service) => service.schemaByGuid(guidOf(identityHash({ schema: a })), {})],
    ["an id's subjects", (service) => service.subjectsOfId(1, {})],
  ])("waits for what was committed before it: %s", async (_, read) => {
    const log = laggingLog([record]);
    const service = await createRegistryService({ log, clock: () => 1 });
    expect(await read(service)).not.toHaveProperty("refusal");
  });
});

describe("settings", () => {
  test("level: in force where nothing is configured", async () => {
    const service = await started({ level: "NONE" });
    expect(await service.config(undefined, {})).toEqual({ compatibilityLevel: "NONE" });
    expect(await service.config("s", { defaultToGlobal: true })).toEqual({
      compatibilityLevel: "NONE",
    });
  });

  test("modeMutability off: no mode can be changed", async () => {
    const service = await started({ modeMutability: false });
    const refusal = {
      refusal: "OPERATION_NOT_PERMITTED",
      params: { detail: "Mode changes are not allowed" },
    };
    expect(await service.updateMode("s", "IMPORT", {})).toEqual(refusal);
    expect(await service.deleteMode(undefined, {})).toEqual(refusal);
    expect(await service.deleteMode("s", { recursive: true })).toEqual(refusal);
    expect(await service.deleteMode("s", {})).toMatchObject({ refusal: "SUBJECT_NOT_FOUND" });
  });

  test("validateNewSchemas off: a default may be of another type", async () => {
    const odd = `{"type":"record","name":"A","fields":[{"name":"x","type":"int","default":"no"}]}`;
    expect(await (await started()).register("s", { schema: odd }, {})).toMatchObject({
      refusal: "INVALID_SCHEMA",
    });
    const lenient = await started({ validateNewSchemas: false });
    expect(await lenient.register("s", { schema: odd }, {})).toMatchObject({ id: 1 });
  });

  test("normalize on: equal but for the order of properties is equal", async () => {
    const service = await started({ normalize: true });
    await service.register("s", { schema: `{"type":"fixed","name":"F","size":1,"b":1,"a":2}` }, {});
    const swapped = `{"type":"fixed","name":"F","size":1,"a":2,"b":1}`;
    expect(await service.register("s", { schema: swapped }, {})).toMatchObject({ version: 1 });
  });

  test("rejectEmptySubject on: neither the empty subject nor *", async () => {
    const service = await started({ rejectEmptySubject: true });
    for (const subject of ["", "*", ":.x:*"]) {
      expect(await service.register(subject, { schema: a }, {})).toMatchObject({
        refusal: "INVALID_SUBJECT",
      });
    }
    expect(await (await started()).register("", { schema: a }, {})).toMatchObject({ id: 1 });
    expect(await service.updateConfig("*", { normalize: true })).toEqual({ normalize: true });
    expect(await service.updateMode("*", "READONLY", {})).toEqual({ mode: "READONLY" });
  });

  test("subjectSettingsGoWith soft: a subject's level goes with its last live version", async () => {
    const service = await started({ subjectSettingsGoWith: "soft" });
    await service.register("s", { schema: a }, {});
    await service.updateConfig("s", { compatibility: "NONE" });
    await service.register("s", { schema: b }, {});
    await service.deleteVersion("s", "1", {});
    expect(await service.config("s", {})).toEqual({ compatibilityLevel: "NONE" });
    await service.deleteVersion("s", "2", {});
    expect(await service.config("s", {})).toMatchObject({ refusal: "LEVEL_NOT_CONFIGURED" });
  });

  test("recordBytesMax: a longer record is refused, counted in UTF-8", async () => {
    const service = await started({ recordBytesMax: 300 });
    const schemaOf = (doc: string) => `{"type":"record","name":"A","doc":"${doc}","fields":[]}`;
    expect(await service.register("s", { schema: schemaOf("x".repeat(60)) }, {})).toMatchObject({
      id: 1,
    });
    for (const doc of ["x".repeat(300), "漢".repeat(60), "é".repeat(90), "🙂".repeat(45)]) {
      expect(await service.register("t", { schema: schemaOf(doc) }, {})).toMatchObject({
        refusal: "SCHEMA_TOO_LARGE",
      });
    }
  });
});

describe("hot answers", () => {
  test("are the entity as text with its ETag, by id and by version", async () => {
    const service = await started();
    expect(service.hot.schemaById(1)).toBeUndefined();
    expect(service.hot.version("s", "latest")).toBeUndefined();
    await service.register("s", { schema: a }, {});
    const guid = guidOf(identityHash({ schema: a }));
    expect(service.hot.schemaById(1)).toEqual({
      body: JSON.stringify(await service.schemaById(1, {})),
      etag: contentEtag(guid),
    });
    expect(service.hot.version("s", "latest")).toMatchObject({
      body: JSON.stringify(await service.version("s", "1", {})),
      etag: versionEtag(1, guid),
    });
    expect(service.hot.version("s", "1")).toBe(service.hot.version("s", "latest"));
  });

  test("follow deletes, new versions and aliases", async () => {
    const service = await started();
    await service.register("s", { schema: a }, {});
    await service.register("s", { schema: b }, { force: true });
    expect(service.hot.version("s", "latest")?.body).toContain(`"version":2`);
    await service.deleteVersion("s", "2", {});
    expect(service.hot.version("s", "latest")?.body).toContain(`"version":1`);
    expect(service.hot.version("s", "2")).toBeUndefined();
    await service.undeleteVersion("s", "2");
    expect(service.hot.version("s", "2")?.body).toContain(`"deleted":false`);
    await service.updateConfig("nick", { alias: "s" });
    expect(service.hot.version("nick", "1")).toBe(service.hot.version("s", "1"));
    expect(service.hot.version("s", "x")).toBeUndefined();
  });

  test("are made by the serializer of the options", async () => {
    const log = createMemoryLog();
    const serialize = (): string => "{}";
    const service = await createRegistryService({ log, clock: () => 1, serialize });
    await service.register("s", { schema: a }, {});
    expect(service.hot.schemaById(1)?.body).toBe("{}");
  });
});

test("the sizes of the state are counted", async () => {
  const service = await started();
  await service.register("s", { schema: a }, {});
  await service.register("t", { schema: a }, {});
  await service.register(":.x:s", { schema: b }, {});
  await service.deleteSubject("t", {});
  expect(service.stats()).toEqual({
    subjects: 2,
    versions: 2,
    deletedVersions: 1,
    schemas: 2,
    contexts: 2,
    logEnd: 5,
  });
});

test.each([
  [
    "is not JSON",
    "{",
    "a member name is missing, found the end of the text. Write a name in double",
  ],
  [
    "names what is nowhere",
    '"Money"',
    "Type Money at the root is not defined. Define Money in this",
  ],
  [
    "has a bad name",
    fixedNamed("a-b"),
    'Name "a-b" at /name is not a valid type name. Write a letter',
  ],
  [
    "has a long name",
    fixedNamed("n".repeat(1001)),
    "Write at most 1000 characters, namespace included",
  ],
])("the refusal of a schema that %s says what would be right", async (_, schema, text) => {
  const refused = await (await started()).register("s", { schema }, {});
  expect(refused).toMatchObject({ params: { detail: expect.stringContaining(text) as unknown } });
  expect(refused).toMatchObject({
    params: { detail: expect.not.stringMatching(/\.$/) as unknown },
  });
});

test("the refusal of two definitions of one name says where both are, then what would be right", async () => {
  const service = await started();
  await service.register("one", { schema: a }, {});
  const other = '{"type":"record","name":"A","fields":[{"name":"x","type":"int"}]}';
  await service.register("two", { schema: other }, {});
  const references = ["one", "two"].map((subject) => ({ name: subject, subject, version: 1 }));
  const schema = '{"type":"record","name":"R","fields":[{"name":"a","type":"A"}]}';
  const refused = await service.register("s", { schema, references }, {});
  const where =
    'at the root, in subject "two" version 1, defined first in subject "one" version 1. Define it once';
  expect(refused).toMatchObject({ params: { detail: expect.stringContaining(where) as unknown } });
});

function fixedNamed(name: string): string {
  return JSON.stringify({ type: "fixed", name, size: 1 });
}
