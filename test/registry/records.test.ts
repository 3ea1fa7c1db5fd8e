import { describe, expect, test } from "vitest";
import { guidOfIdentity } from "../../src/confluent/index.ts";
import type { StoredRecord } from "../../src/registry/index.ts";
import { createRegistryService } from "../../src/registry/index.ts";
import { createMemoryLog } from "../../src/store/index.ts";
import { readAll } from "../store/log-contract.ts";

const a = `{"type":"record","name":"A","fields":[]}`;
const b = `{"type":"record","name":"B","fields":[]}`;

const stored = (lines: readonly (readonly [key: string, value: string | null])[]): StoredRecord[] =>
  lines.map(([key, value], offset) => ({ key, value, offset, timestamp: 1000 + offset }));

const serviceOn = async (...lines: (readonly [key: string, value: string | null])[]) => {
  const log = createMemoryLog({ records: stored(lines), clock: () => 5 });
  const service = await createRegistryService({ log, clock: () => 5 });
  const written = async () =>
    (await readAll(log)).slice(lines.length).map(({ key, value }) => [key, value]);
  return { service, written };
};

const schemaKey = `{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}`;
const schemaValue = JSON.stringify({ subject: "s", version: 1, id: 1, schema: a, deleted: false });

describe("records are written byte for byte as Confluent writes them", () => {
  test("a schema with everything that it can have", async () => {
    const { service, written } = await serviceOn([schemaKey, schemaValue]);
    await service.register(
      ":.x:t",
      {
        schema: ` {"type":"record","name":"C","fields":[{"name":"b","type":"B"}]} `,
        references: [{ subject: ":.:u", version: 1, name: "B" }],
        metadata: { sensitive: ["z", "a"], properties: { k: "v" }, tags: { "**": ["P"] } },
        ruleSet: { domainRules: [{ type: "CEL", mode: "READ", kind: "CONDITION", name: "r" }] },
      },
      {},
    );
    expect(await written()).toEqual([]);
    await service.register("u", { schema: b }, {});
    await service.register(
      ":.x:t",
      {
        schema: ` {"type":"record","name":"C","fields":[{"name":"b","type":"B"}]} `,
        references: [{ subject: ":.:u", version: 1, name: "B" }],
        metadata: { sensitive: ["z", "a"], properties: { k: "v" }, tags: { "**": ["P"] } },
        ruleSet: { domainRules: [{ type: "CEL", mode: "READ", kind: "CONDITION", name: "r" }] },
      },
      {},
    );
    expect(await written()).toEqual([
      [
        `{"keytype":"SCHEMA","subject":"u","version":1,"magic":1}`,
        `{"subject":"u","version":1,"id":2,"schemaType":"AVRO","schema":"{\\"type\\":\\"record\\",\\"name\\":\\"B\\",\\"fields\\":[]}","deleted":false,"ts":5}`,
      ],
      [
        `{"keytype":"CONTEXT","tenant":"default","context":".x","magic":0}`,
        `{"tenant":"default","context":".x"}`,
      ],
      [
        `{"keytype":"SCHEMA","subject":":.x:t","version":1,"magic":1}`,
        `{"subject":":.x:t","version":1,"id":1,"schemaType":"AVRO","references":[{"name":"B","subject":":.:u","version":1}],"metadata":{"tags":{"**":["P"]},"properties":{"k":"v"},"sensitive":["a","z"]},"ruleSet":{"domainRules":[{"name":"r","kind":"CONDITION","mode":"READ","type":"CEL","disabled":false}]},"schema":"{\\"type\\":\\"record\\",\\"name\\":\\"C\\",\\"fields\\":[{\\"name\\":\\"b\\",\\"type\\":\\"B\\"}]}","deleted":false,"ts":5}`,
      ],
      [
        `{"keytype":"TYPEWIRE_ORIGINAL","subject":":.x:t","version":1,"magic":0}`,
        `{"subject":":.x:t","version":1,"schema":" {\\"type\\":\\"record\\",\\"name\\":\\"C\\",\\"fields\\":[{\\"name\\":\\"b\\",\\"type\\":\\"B\\"}]} "}`,
      ],
    ]);
  });

  test("soft and permanent deletes, the latter with the mark of ids", async () => {
    const { service, written } = await serviceOn([schemaKey, schemaValue]);
    await service.deleteVersion("s", "1", {});
    await service.deleteVersion("s", "1", { permanent: true });
    await service.register("t", { schema: b }, {});
    await service.deleteSubject("t", {});
    expect(await written()).toEqual([
      [
        schemaKey,
        `{"subject":"s","version":1,"id":1,"schemaType":"AVRO","schema":"{\\"type\\":\\"record\\",\\"name\\":\\"A\\",\\"fields\\":[]}","deleted":true,"ts":1000}`,
      ],
      [schemaKey, null],
      [`{"keytype":"TYPEWIRE_IDS","context":".","magic":0}`, `{"context":".","maxId":1}`],
      [
        `{"keytype":"SCHEMA","subject":"t","version":1,"magic":1}`,
        expect.stringContaining(`"id":2`),
      ],
      [`{"keytype":"DELETE_SUBJECT","subject":"t","magic":0}`, `{"subject":"t","version":1}`],
    ]);
  });

  test("configs and modes of a subject, a context and everything", async () => {
    const { service, written } = await serviceOn();
    await service.updateConfig(undefined, { compatibility: "full" });
    await service.updateConfig("s", { normalize: true, alias: "t" });
    await service.updateConfig(":.x:", { compatibility: "NONE" });
    await service.updateMode(undefined, "IMPORT", {});
    await service.updateMode("s", "READONLY", {});
    expect(await written()).toEqual([
      [`{"keytype":"CONFIG","magic":0}`, `{"compatibilityLevel":"FULL"}`],
      [
        `{"keytype":"CONFIG","subject":"s","magic":0}`,
        `{"subject":"s","alias":"t","normalize":true}`,
      ],
      [
        `{"keytype":"CONFIG","subject":":.x:","magic":0}`,
        `{"subject":":.x:","compatibilityLevel":"NONE"}`,
      ],
      [`{"keytype":"MODE","magic":0}`, `{"mode":"IMPORT"}`],
      [`{"keytype":"MODE","subject":"s","magic":0}`, `{"subject":"s","mode":"READONLY"}`],
    ]);
  });
});

describe("records of every registry are understood", () => {
  test("a version without schemaType, ts, references: the record's time is its time", async () => {
    const { service } = await serviceOn([schemaKey, schemaValue]);
    expect(await service.version("s", "1", {})).toMatchObject({
      id: 1,
      schemaType: "AVRO",
      ts: 1000,
    });
  });

  test.each([
    [`{"keytype":"CONFIG","magic":0}`],
    [`{"keytype":"CONFIG","subject":null,"magic":0}`],
    [`{"subject":null,"magic":0,"keytype":"CONFIG"}`],
  ])("the global level under %s, and its deletion leaves no spelling of the key", async (key) => {
    const { service, written } = await serviceOn([key, `{"compatibilityLevel":"FULL"}`]);
    expect(await service.config(undefined, {})).toEqual({ compatibilityLevel: "FULL" });
    await service.deleteConfig(undefined);
    expect(await written()).toEqual([
      [`{"keytype":"CONFIG","magic":0}`, null],
      ...(key === `{"keytype":"CONFIG","magic":0}` ? [] : [[key, null]]),
    ]);
  });

  test("a key counts, not what its value says of subject and version", async () => {
    const value = JSON.stringify({ subject: "t", version: 7, id: 1, schema: a, deleted: false });
    const { service } = await serviceOn([schemaKey, value]);
    expect(await service.version("s", "1", {})).toMatchObject({ subject: "s", version: 1, id: 1 });
    expect(await service.subjects({})).toEqual(["s"]);
  });

  test("of two spellings of one key the later record wins", async () => {
    const lines = [
      [`{"keytype":"CONFIG","magic":0}`, `{"compatibilityLevel":"FULL"}`],
      [`{"keytype":"CONFIG","subject":null,"magic":0}`, `{"compatibilityLevel":"NONE"}`],
    ] as const;
    expect(await (await serviceOn(...lines)).service.config(undefined, {})).toEqual({
      compatibilityLevel: "NONE",
    });
    expect(await (await serviceOn(...lines.toReversed())).service.config(undefined, {})).toEqual({
      compatibilityLevel: "FULL",
    });
  });

  test("an empty value is a tombstone", async () => {
    const { service } = await serviceOn([schemaKey, schemaValue], [schemaKey, ""]);
    expect(await service.subjects({ deleted: true })).toEqual([]);
  });

  test("a record that did not land where its key says lost its race", async () => {
    const key = (seq: number) =>
      `{"keytype":"SCHEMA","subject":"s","version":1,"magic":1,"seq":${seq},"node":1}`;
    const value = (schema: string) =>
      JSON.stringify({ subject: "s", version: 1, id: 1, schema, deleted: false });
    const { service, written } = await serviceOn([key(0), value(a)], [key(0), value(b)]);
    expect(await service.version("s", "1", {})).toMatchObject({ schema: a });
    await service.deleteSubject("s", {});
    await service.deleteSubject("s", { permanent: true });
    expect((await written()).slice(1, 3)).toEqual([
      [schemaKey, null],
      [key(0), null],
    ]);
  });

  test("DELETE_SUBJECT hides what is up to its version, also of an unknown subject", async () => {
    const { service } = await serviceOn(
      [`{"keytype":"DELETE_SUBJECT","subject":"u","magic":0}`, `{"subject":"u","version":3}`],
      [schemaKey, schemaValue],
      [`{"keytype":"DELETE_SUBJECT","subject":"s","magic":0}`, `{"subject":"s","version":1}`],
      [
        `{"keytype":"SCHEMA","subject":"s","version":2,"magic":1}`,
        schemaValue.replace(`"version":1`, `"version":2`),
      ],
    );
    expect(await service.versions("s", {})).toEqual([2]);
    expect(await service.versions("s", { deleted: true })).toEqual([1, 2]);
  });

  test("CLEAR_SUBJECT drops what is soft-deleted", async () => {
    const { service } = await serviceOn(
      [schemaKey, schemaValue.replace("false", "true")],
      [`{"keytype":"CLEAR_SUBJECT","subject":"s","magic":0}`, `{"subject":"s"}`],
    );
    expect(await service.versions("s", { deleted: true })).toMatchObject({
      refusal: "SUBJECT_NOT_FOUND",
    });
  });

  test("an id that has content keeps it, whoever claims it later", async () => {
    const { service } = await serviceOn(
      [schemaKey, schemaValue],
      [
        `{"keytype":"SCHEMA","subject":"t","version":1,"magic":1}`,
        JSON.stringify({ subject: "t", version: 1, id: 1, schema: b, deleted: false }),
      ],
    );
    expect(await service.schemaById(1, {})).toMatchObject({ schema: a });
    expect(await service.subjects({})).toEqual(["s"]);
  });

  test("the GUID is the record's md5: a secret encrypts the same metadata anew each time", async () => {
    const guid = "16f1eca5-ebf9-22b3-da80-212f8fa7342e";
    const md5 = "FvHspev5IrPagCEvj6c0Lg==";
    const value = (subject: string, k: string) => {
      const metadata = { properties: { __enc__: "true", k }, sensitive: ["k"] };
      return { subject, version: 1, id: 1, md5, schemaType: "AVRO", metadata, schema: a };
    };
    const { service, written } = await serviceOn(
      [schemaKey, JSON.stringify({ ...value("s", "x1"), deleted: false, ts: 1 })],
      [schemaKey.replace(`"s"`, `"t"`), JSON.stringify({ ...value("t", "x2"), deleted: false })],
    );
    expect(await service.version("t", "1", {})).toMatchObject({ id: 1, guid });
    expect(await service.schemaByGuid(guid, {})).toMatchObject({ schema: a });
    await service.deleteVersion("s", "1", {});
    expect(await written()).toEqual([
      [schemaKey, JSON.stringify({ ...value("s", "x1"), deleted: true, ts: 1 })],
    ]);
  });

  test.each(["FvHspev5", "no base64", "", 7])(
    "an md5 that is none (%s) does not count",
    async (md5) => {
      const value = JSON.stringify({ id: 1, md5, schema: a });
      const { service } = await serviceOn([schemaKey, value]);
      const guid = guidOfIdentity({ schema: a });
      expect(await service.version("s", "1", {})).toMatchObject({ guid });
    },
  );

  test("a rule without kind or mode has the default ones, also in the GUID", async () => {
    const rule = { name: "r", type: "CEL", disabled: false };
    const value = JSON.stringify({ id: 1, schema: a, ruleSet: { domainRules: [rule] } });
    const { service } = await serviceOn([schemaKey, value]);
    const full = { ...rule, kind: "TRANSFORM", mode: "WRITEREAD" } as const;
    expect(await service.version("s", "1", {})).toMatchObject({
      guid: guidOfIdentity({ schema: a, ruleSet: { domainRules: [full] } }),
      ruleSet: { domainRules: [full] },
    });
    expect(
      await service.register("s", { schema: a, ruleSet: { domainRules: [rule] } }, {}),
    ).toMatchObject({ id: 1, version: 1 });
  });

  test.each([
    ["no JSON", "no JSON"],
    [`{"keytype":"NOOP","magic":0}`, null],
    [`{"keytype":"ASSOC","magic":0}`, "{}"],
    [`{"keytype":"SCHEMA","subject":"s","version":1,"magic":9}`, schemaValue],
    [`{"keytype":"SCHEMA","subject":7,"version":1,"magic":1}`, schemaValue],
    [schemaKey, "[]"],
    [schemaKey, "{}"],
    [schemaKey, `{"id":"1","schema":"{}"}`],
    [schemaKey, JSON.stringify({ id: 1, schema: a, metadata: { tags: { a: 5 } } })],
    [schemaKey, JSON.stringify({ id: 1, schema: a, metadata: { properties: { k: 5 } } })],
    [schemaKey, JSON.stringify({ id: 1, schema: a, ruleSet: { domainRules: [null] } })],
    [schemaKey, JSON.stringify({ id: 1, schema: a, ruleSet: { domainRules: [{ name: 5 }] } })],
    [`{"keytype":"MODE","magic":0}`, `{"mode":7}`],
    [`{"keytype":"MODE","magic":0}`, `{"mode":"ASLEEP"}`],
    [`{"keytype":"CONFIG","magic":0}`, `{"compatibilityLevel":7}`],
    [`{"keytype":"__proto__","magic":0}`, "{}"],
    ["[]", "{}"],
  ])("%s = %s does nothing", async (key, value) => {
    const { service } = await serviceOn(
      [key, value],
      [`{"keytype":"SCHEMA","subject":"ok","version":1,"magic":0}`, schemaValue],
    );
    expect(await service.subjects({ deleted: true })).toEqual(["ok"]);
    expect(await service.config(undefined, {})).toEqual({ compatibilityLevel: "BACKWARD" });
    expect(await service.mode("ok", { defaultToGlobal: true })).toEqual({ mode: "READWRITE" });
  });

  test.each([0, -1, 1.5, 2 ** 31, 2 ** 53, 1e300])(
    "an id, a version or a mark of %d is none: ids and versions are 1 to 2^31-1",
    async (number) => {
      const key = (version: number) =>
        `{"keytype":"SCHEMA","subject":"s","version":${version},"magic":1}`;
      const { service } = await serviceOn(
        [key(1), JSON.stringify({ id: number, schema: a })],
        [key(number), schemaValue],
        [
          `{"keytype":"TYPEWIRE_IDS","context":".","magic":0}`,
          `{"maxId":${-Math.abs(number) - 1}}`,
        ],
        [
          `{"keytype":"TYPEWIRE_IDS","context":".x","magic":0}`,
          `{"maxId":${Math.abs(number) + 2 ** 31}}`,
        ],
      );
      expect(await service.subjects({ deleted: true })).toEqual([]);
      expect(await service.register("s", { schema: a }, {})).toMatchObject({ id: 1, version: 1 });
      expect(await service.register(":.x:s", { schema: a }, {})).toMatchObject({ id: 1 });
      const { problems } = await service.verify();
      expect(problems.length).toBeGreaterThanOrEqual(4);
    },
  );

  test("the last id and version of all are served, and a mark there leaves no id", async () => {
    const last = 2 ** 31 - 1;
    const { service } = await serviceOn(
      [
        `{"keytype":"SCHEMA","subject":"s","version":${last},"magic":1}`,
        JSON.stringify({ id: last, schema: a }),
      ],
      [`{"keytype":"TYPEWIRE_IDS","context":".x","magic":0}`, `{"maxId":${last}}`],
    );
    expect(await service.version("s", "latest", {})).toMatchObject({ id: last, version: last });
    for (const [name, context] of [
      ["t", "."],
      [":.x:t", ".x"],
    ] as const) {
      expect(await service.register(name, { schema: b }, {})).toEqual({
        refusal: "NO_ID_LEFT",
        params: { context },
      });
    }
    expect(await service.batch([{ subject: "t", body: { schema: b } }], {})).toMatchObject({
      isApplied: false,
      items: [{ refusal: "NO_ID_LEFT" }],
    });
    expect(await service.register("s", { schema: b, id: 2 ** 31 }, {})).toMatchObject({
      params: { detail: "The id 2147483648 is not an integer from -2147483648 to 2147483647" },
    });
    expect((await service.verify()).problems).toEqual([]);
  });

  test("a value that is not understood leaves its key empty, as compaction will", async () => {
    const { service } = await serviceOn([schemaKey, schemaValue], [schemaKey, "nonsense"]);
    expect(await service.subjects({ deleted: true })).toEqual([]);
    expect((await service.verify()).problems).toEqual([
      {
        subject: "s",
        version: 1,
        problem: "The record at offset 1 is not understood: its value is no JSON object",
      },
    ]);
  });

  test("a tombstone takes away what lies under its very key, and another spelling counts again", async () => {
    const [old, ours] = [
      `{"keytype":"CONFIG","subject":null,"magic":0}`,
      `{"keytype":"CONFIG","magic":0}`,
    ];
    const { service, written } = await serviceOn(
      [old, `{"compatibilityLevel":"FULL"}`],
      [ours, `{"compatibilityLevel":"NONE"}`],
      [ours, null],
    );
    expect(await service.config(undefined, {})).toEqual({ compatibilityLevel: "FULL" });
    await service.deleteConfig(undefined);
    expect(await service.config(undefined, {})).toEqual({ compatibilityLevel: "BACKWARD" });
    expect(await written()).toEqual([
      [ours, null],
      [old, null],
    ]);
  });

  test("what is written of an id that others claim removes their claims: it is not taken away", async () => {
    const other = `{"keytype":"SCHEMA","subject":"t","version":1,"magic":1}`;
    const { service, written } = await serviceOn(
      [schemaKey, schemaValue],
      [other, JSON.stringify({ id: 1, schema: b })],
    );
    await service.deleteVersion("s", "1", {});
    expect((await written())[0]).toEqual([other, null]);
    expect(await service.schemaById(1, {})).toMatchObject({ schema: a });
    await service.deleteVersion("s", "1", { permanent: true });
    expect(await service.schemaById(1, {})).toMatchObject({ refusal: "SCHEMA_ID_NOT_FOUND" });
    expect(await service.register("u", { schema: b }, {})).toMatchObject({ id: 2 });
  });

  test("schemas of other types stay readable and are never compatible", async () => {
    const { service } = await serviceOn([
      schemaKey,
      JSON.stringify({ id: 1, schemaType: "PROTOBUF", schema: `syntax = "proto3";` }),
    ]);
    expect(await service.schemaById(1, { format: "resolved", findTags: ["*"] })).toMatchObject({
      schemaType: "PROTOBUF",
      schema: `syntax = "proto3";`,
    });
    expect(
      await service.testCompatibility("s", undefined, { schema: a }, { verbose: true }),
    ).toEqual({
      is_compatible: false,
      messages: [
        "Incompatible because of different schema type",
        "{validateFields: 'false', compatibility: 'BACKWARD'}",
      ],
    });
    expect(await service.register("s", { schema: a }, {})).toMatchObject({
      refusal: "INCOMPATIBLE_SCHEMA",
    });
  });

  test("a stored schema that does not parse is readable and never compatible", async () => {
    const { service } = await serviceOn([schemaKey, JSON.stringify({ id: 1, schema: "{broken" })]);
    expect(await service.version("s", "1", { format: "resolved" })).toMatchObject({
      schema: "{broken",
    });
    expect(await service.register("s", { schema: a }, {})).toMatchObject({
      params: {
        details: expect.stringContaining(
          "Unexpected exception during compatibility check",
        ) as unknown,
      },
    });
  });
});
