/** What the service does beyond Confluent's API. */
import { describe, expect, test } from "vitest";
import { isRefusal } from "../../src/api/index.ts";
import type { Change, RegistryService, StoredRecord } from "../../src/registry/index.ts";
import { createRegistryService } from "../../src/registry/index.ts";
import { createMemoryLog } from "../../src/store/index.ts";
import { readAll } from "../store/log-contract.ts";

const a = `{"type":"record","name":"A","namespace":"n","doc":"The first one","fields":[{"name":"x","type":"int","doc":"An amount"}]}`;
const a2 = `{"type":"record","name":"A","namespace":"n","fields":[{"name":"x","type":"int"},{"name":"y","type":"int"}]}`;
const b = `{"type":"record","name":"B","namespace":"n","fields":[{"name":"a","type":"A"}]}`;
const toA = [{ name: "n.A", subject: "a", version: 1 }];

async function started(records: readonly StoredRecord[] = []) {
  const log = createMemoryLog({ records });
  return { log, service: await createRegistryService({ log, clock: () => 1 }) };
}

describe("undelete", () => {
  test("brings a version back with its number and id", async () => {
    const { service } = await started();
    await service.register("a", { schema: a }, {});
    await service.deleteVersion("a", "1", {});
    expect(await service.undeleteVersion("a", "1")).toBe(1);
    expect(await service.version("a", "1", {})).toMatchObject({ id: 1, deleted: false });
    expect(await service.undeleteVersion("a", "latest")).toBe(1);
  });

  test("brings a whole subject back, also after a restart", async () => {
    const { log, service } = await started();
    await service.register("a", { schema: a }, {});
    await service.register("a", { schema: a2 }, { force: true });
    await service.deleteSubject("a", {});
    expect(await service.undeleteSubject("a")).toEqual([1, 2]);
    const again = await started(await readAll(log));
    expect(await again.service.versions("a", {})).toEqual([1, 2]);
  });

  test("needs everything that the version refers to", async () => {
    const { service } = await started();
    await service.register("a", { schema: a }, {});
    await service.register("b", { schema: b, references: toA }, {});
    await service.deleteSubject("b", {});
    await service.deleteSubject("a", {});
    expect(await service.undeleteSubject("b")).toMatchObject({ refusal: "INVALID_SCHEMA" });
    await service.undeleteSubject("a");
    expect(await service.undeleteSubject("b")).toEqual([1]);
  });

  test("refuses what is not there, and everything in read-only mode", async () => {
    const { service } = await started();
    expect(await service.undeleteSubject("a")).toMatchObject({ refusal: "SUBJECT_NOT_FOUND" });
    expect(await service.undeleteVersion("a", "1")).toMatchObject({ refusal: "SUBJECT_NOT_FOUND" });
    await service.register("a", { schema: a }, {});
    expect(await service.undeleteVersion("a", "0")).toMatchObject({ refusal: "INVALID_VERSION" });
    expect(await service.undeleteVersion("a", "7")).toMatchObject({ refusal: "VERSION_NOT_FOUND" });
    await service.deleteSubject("a", {});
    await service.updateMode("a", "READONLY", {});
    expect(await service.undeleteVersion("a", "1")).toMatchObject({
      refusal: "OPERATION_NOT_PERMITTED",
    });
  });
});

describe("batch", () => {
  const items = [
    { subject: "a", body: { schema: a } },
    { subject: "b", body: { schema: b, references: toA } },
  ];

  test("registers schemas that refer to each other, all at once", async () => {
    const { service } = await started();
    const result = await service.batch(items, {});
    expect(result).toMatchObject({
      isApplied: true,
      items: [
        { id: 1, version: 1 },
        { id: 2, version: 1 },
      ],
    });
    expect(await service.subjects({})).toEqual(["a", "b"]);
    expect((await service.verify()).problems).toEqual([]);
  });

  test("dry run: says the same and leaves no trace, purges and new contexts included", async () => {
    const { log, service } = await started();
    await service.register("a", { schema: ` ${a}` }, {});
    await service.deleteSubject("a", {});
    const end = log.end;
    const result = await service.batch(
      [
        ...items,
        { subject: ":.x:c", body: { schema: ` ${a}` } },
        { subject: "a", body: { schema: a } },
      ],
      { dryRun: true },
    );
    expect(result).toMatchObject({ isApplied: false, items: [{ id: 1, version: 2 }, {}, {}, {}] });
    expect(log.end).toBe(end);
    expect(await service.contexts({})).toEqual(["."]);
    expect(await service.versions("a", { deleted: true })).toEqual([1]);
    expect(await service.version("a", "1", { deleted: true, format: "original" })).toMatchObject({
      schema: ` ${a}`,
    });
    expect(await service.schemaById(1, { fetchMaxId: true })).toMatchObject({ maxId: 1 });
    expect((await service.verify()).problems).toEqual([]);
  });

  test("one refusal and nothing is written; each item has its answer", async () => {
    const { log, service } = await started();
    const result = await service.batch([...items, { subject: "c", body: { schema: "{" } }], {});
    expect(result).toMatchObject({
      isApplied: false,
      items: [{ id: 1 }, { id: 2 }, { refusal: "INVALID_SCHEMA" }],
    });
    expect(log.end).toBe(0);
    expect(await service.subjects({ deleted: true })).toEqual([]);
  });
});

describe("plan", () => {
  test("says what a registration would answer, and under which levels", async () => {
    const { log, service } = await started();
    expect(await service.plan("a", { schema: a }, {})).toMatchObject({
      outcome: "new",
      registered: { id: 1, version: 1 },
      level: "BACKWARD",
      findings: [],
    });
    expect(log.end).toBe(0);
    await service.register("a", { schema: a }, {});
    expect(await service.plan("a", { schema: a }, {})).toMatchObject({ outcome: "exists" });
  });

  test("says why not, and the smallest edit that helps", async () => {
    const { service } = await started();
    await service.register("a", { schema: a }, {});
    expect(await service.plan("a", { schema: a2 }, {})).toMatchObject({
      outcome: "refused",
      refusal: { refusal: "INCOMPATIBLE_SCHEMA" },
      levels: ["NONE", "FORWARD", "FORWARD_TRANSITIVE"],
      findings: [
        {
          version: 1,
          direction: "backward",
          rule: "READER_FIELD_MISSING_DEFAULT_VALUE",
          path: "/fields/1",
          fix: "Give the field 'y' a default.",
        },
      ],
    });
    expect(await service.plan("a", { schema: "{" }, {})).toMatchObject({
      outcome: "refused",
      refusal: { refusal: "INVALID_SCHEMA" },
      levels: [],
    });
  });

  const enumOf = (symbols: string) => `{"type":"enum","name":"E","symbols":[${symbols}]}`;
  const unionOf = (branches: string) =>
    `{"type":"record","name":"U","fields":[{"name":"u","type":[${branches}]}]}`;
  const fixedOf = (name: string, size: number) =>
    `{"type":"fixed","name":"${name}","size":${size}}`;

  test.each([
    ["FULL", enumOf(`"A","B"`), enumOf(`"A"`), "Keep the symbols [B], or give the enum a default."],
    [
      "FORWARD",
      enumOf(`"A"`),
      enumOf(`"A","B"`),
      "Leave out the symbols [B]: the enum of version 1 has no default.",
    ],
    ["FORWARD", a2, a, "Keep the field 'y': version 1 has no default for it."],
    [
      "BACKWARD",
      unionOf(`"null","int"`),
      unionOf(`"null"`),
      "Keep the branch in the union (reader union lacking writer type: INT).",
    ],
    [
      "FORWARD",
      unionOf(`"null"`),
      unionOf(`"null","int"`),
      "Leave the branch out of the union: version 1 can't read it (reader union lacking writer type: INT).",
    ],
    [
      "BACKWARD",
      fixedOf("F", 1),
      fixedOf("G", 1),
      "Keep the name, or list the old full name among the aliases.",
    ],
    [
      "BACKWARD",
      fixedOf("F", 1),
      fixedOf("F", 2),
      "Keep the size, or add a field of another name.",
    ],
    [
      "BACKWARD",
      `"string"`,
      `"int"`,
      "Keep the type or promote it as Avro allows, or add a field of another name.",
    ],
  ])("%s, %s, then %s: %s", async (level, before, after, fix) => {
    const { service } = await started();
    await service.updateConfig("s", { compatibility: level });
    await service.register("s", { schema: before }, {});
    const plan = await service.plan("s", { schema: after }, {});
    if (isRefusal(plan)) throw new Error(plan.refusal);
    expect(plan.findings.map((finding) => finding.fix)).toEqual([fix]);
  });
});

describe("changes", () => {
  async function play(service: RegistryService): Promise<void> {
    await service.register(":.x:a", { schema: ` ${a}` }, {});
    await service.updateConfig("s", { compatibility: "NONE" });
    await service.updateMode(undefined, "READWRITE", {});
    await service.deleteVersion(":.x:a", "1", {});
    await service.deleteVersion(":.x:a", "1", { permanent: true });
    await service.register("b", { schema: a }, {});
    await service.deleteSubject("b", {});
  }
  const expected = [
    { kind: "context", context: ".x" },
    { kind: "registered", subject: ":.x:a", version: 1, id: 1 },
    { kind: "config", subject: "s" },
    { kind: "mode", subject: ":.:" },
    { kind: "soft-deleted", subject: ":.x:a", version: 1, id: 1 },
    { kind: "deleted", subject: ":.x:a", version: 1 },
    { kind: "registered", subject: "b", version: 1, id: 1 },
    { kind: "subject-soft-deleted", subject: "b", version: 1 },
  ];

  test("reach a listener until it stops", async () => {
    const { service } = await started();
    const heard: Change[] = [];
    const stop = service.changes.subscribe((change) => heard.push(change));
    await play(service);
    await Promise.resolve();
    expect(heard).toMatchObject(expected);
    stop();
    await service.register("c", { schema: a }, {});
    expect(heard).toHaveLength(expected.length);
  });

  test("can be read again from any offset", async () => {
    const { service } = await started();
    await play(service);
    const from = async (offset: number): Promise<Change[]> => {
      const changes: Change[] = [];
      for await (const change of service.changes.since(offset)) changes.push(change);
      return changes;
    };
    const all = await from(0);
    expect(all).toMatchObject(expected);
    expect(await from((all[3]?.offset ?? 0) + 1)).toEqual(all.slice(4));
  });
});

describe("search", () => {
  test("finds live versions by field, type and words of docs", async () => {
    const { service } = await started();
    await service.register("a", { schema: a }, {});
    await service.register("b", { schema: b, references: toA }, {});
    expect(await service.search({ field: "X" })).toEqual([
      { subject: "a", version: 1, id: 1, matches: ["n.A.x"] },
      { subject: "b", version: 1, id: 2, matches: ["n.A.x"] },
    ]);
    expect(await service.search({ type: "b" })).toMatchObject([{ subject: "b", matches: ["n.B"] }]);
    expect(await service.search({ type: "n.a" })).toHaveLength(2);
    expect(await service.search({ doc: "amo", type: "A", limit: 1 })).toMatchObject([
      { subject: "a", matches: ["n.A", "n.A.x"] },
    ]);
    expect(await service.search({ doc: "nowhere" })).toEqual([]);
    expect(await service.search({})).toEqual([]);
    await service.register("c", { schema: a2 }, {});
    expect(await service.search({ field: "y" })).toMatchObject([{ subject: "c" }]);
    await service.deleteSubject("c", {});
    expect(await service.search({ field: "y" })).toEqual([]);
    await service.deleteSubject("c", { permanent: true });
    expect(await service.search({ field: "y" })).toEqual([]);
  });

  test("answers a page of many matches in the order of the subjects, and others meanwhile", async () => {
    let turns = 0;
    const turn = async () => {
      turns++;
    };
    const service = await createRegistryService({ log: createMemoryLog(), clock: () => 1, turn });
    const items = Array.from({ length: 1500 }, (_, n) => ({
      subject: `s${n}`,
      body: {
        schema: `{"type":"record","name":"R${n}","fields":[{"name":"f${n % 2}","type":"int"}]}`,
      },
    }));
    await service.batch(items, {});
    await service.register(":.x:s", { schema: items[0]?.body.schema ?? "" }, {});
    const all = await service.search({ field: "f" });
    expect(turns).toBeGreaterThan(10);
    if ("refusal" in all) throw new Error(all.refusal);
    const names = [":.x:s", ...items.map(({ subject }) => subject)].sort();
    expect(all.map(({ subject }) => subject)).toEqual(names);
    expect(await service.search({ field: "f", offset: 700, limit: 3 })).toEqual(
      all.slice(700, 703),
    );
    const half = await service.search({ field: "f1", type: "r" });
    expect(half).toEqual(
      all
        .filter(({ matches }) => matches.some((place) => place.endsWith(".f1")))
        .map((hit) => ({ ...hit, matches: [hit.matches[0]?.replace(".f1", ""), hit.matches[0]] })),
    );
    expect(await service.search({ type: "R1499" })).toMatchObject([{ subject: "s1499" }]);
    for (const { subject } of items) {
      await service.deleteSubject(subject, {});
      await service.deleteSubject(subject, { permanent: true });
    }
    expect(await service.search({ field: "f" })).toMatchObject([{ subject: ":.x:s" }]);
    expect(await service.search({ field: "f", subjectPrefix: "" })).toEqual([]);
  });
});

describe("usage", () => {
  test("tells who used a version, most recent first, and which version nobody used", async () => {
    let now = 0;
    const service = await createRegistryService({ log: createMemoryLog(), clock: () => ++now });
    await service.register("a", { schema: a }, {});
    await service.register("a", { schema: a2 }, { force: true });
    service.usage.note({ kind: "registered", schema: 1, client: "billing" });
    service.usage.note({ kind: "read", schema: 1, client: "audit" });
    service.usage.note({ kind: "read", schema: 1, subject: "a", client: "billing" });
    service.usage.note({ kind: "read", schema: 9, client: "billing" });
    service.usage.note({ kind: "read", schema: 1, subject: ":.x:a", client: "nobody" });
    const expected = [
      {
        subject: "a",
        version: 1,
        id: 1,
        clients: [
          { client: "billing", reads: 1, registrations: 1, lastReadAt: 5, lastRegisteredAt: 3 },
          { client: "audit", reads: 1, registrations: 0, lastReadAt: 4 },
        ],
      },
      { subject: "a", version: 2, id: 2, clients: [] },
    ];
    expect(await service.usage.report({})).toEqual(expected);
    expect(await service.usage.report({ subject: "a" })).toEqual(expected);
    expect(await service.usage.report({ subject: "b" })).toMatchObject({
      refusal: "SUBJECT_NOT_FOUND",
    });
  });

  test("forgets the client that was seen longest ago", async () => {
    const { service } = await started();
    await service.register("a", { schema: a }, {});
    for (let n = 0; n < 51; n++) service.usage.note({ kind: "read", schema: 1, client: `c${n}` });
    const report = await service.usage.report({ subject: "a" });
    if (isRefusal(report)) throw new Error(report.refusal);
    const clients = report[0]?.clients.map(({ client }) => client);
    expect(clients).toEqual(Array.from({ length: 50 }, (_, n) => `c${50 - n}`));
  });
});

describe("verify", () => {
  const key = (subject: string) =>
    `{"keytype":"SCHEMA","subject":"${subject}","version":1,"magic":1}`;
  const stored = (subject: string, value: object, offset: number): StoredRecord => ({
    key: key(subject),
    value: JSON.stringify(value),
    offset,
    timestamp: 1,
  });

  test("counts what it looked at", async () => {
    const { service } = await started();
    await service.batch([{ subject: "a", body: { schema: a } }], {});
    expect(await service.verify()).toEqual({
      records: 1,
      subjects: 1,
      versions: 1,
      schemas: 1,
      problems: [],
    });
  });

  test("a live schema may refer to a soft-deleted version: without validation that is legal", async () => {
    const { service } = await started();
    await service.register("a", { schema: a }, {});
    await service.deleteVersion("a", "1", {});
    await service.updateConfig("b", { validateNewSchemas: false });
    await service.register("b", { schema: b, references: toA }, {});
    expect(await service.verify()).toMatchObject({ versions: 2, problems: [] });
  });

  test("names double ids, dangling references, broken schemas and impossible ids", async () => {
    const { service } = await started([
      stored("a", { id: 1, schema: a }, 0),
      stored("b", { id: 1, schema: a2 }, 1),
      stored(
        "c",
        { id: 2, schema: b, references: toA.map((one) => ({ ...one, subject: "z" })) },
        2,
      ),
      stored("d", { id: 3, schema: "{" }, 3),
      stored("e", { id: 0, schema: `"int"` }, 4),
    ]);
    const { problems } = await service.verify();
    expect(problems.map(({ subject, problem }) => `${subject}: ${problem}`)).toEqual([
      "e: The record at offset 4 is not understood: the id 0 of its value is not an integer from 1 to 2147483647",
      "b: The record at offset 1 gives id 1 to other content",
      `c: No schema reference found for subject "z" and version 1`,
      expect.stringMatching(/^d: The schema does not parse: /),
    ]);
  });
});
