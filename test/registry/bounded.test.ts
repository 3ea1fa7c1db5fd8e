/** What one request may cost the registry, in steps and in characters. */
import { expect, test } from "vitest";
import { isRefusal, refusalMessage } from "../../src/api/index.ts";
import type { RegistryService } from "../../src/registry/index.ts";
import { createRegistryService } from "../../src/registry/index.ts";
import { createMemoryLog } from "../../src/store/index.ts";
import { readAll } from "../store/log-contract.ts";

const record = (name: string, fields: readonly object[], more: object = {}): object => ({
  type: "record",
  name,
  fields,
  ...more,
});
const many = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n));
const text = JSON.stringify;

async function started(compatibilityStepsMax = 1_000_000) {
  const log = createMemoryLog();
  const settings = { compatibilityStepsMax };
  return { log, service: await createRegistryService({ log, clock: () => 1, settings }) };
}

/** Every record may fit every other: the steps are the square of the length. */
const union = (letter: string, count = 400): string =>
  text(
    many(count, (n) =>
      record("R", [{ name: letter, type: "int" }], { namespace: `${letter}${n}` }),
    ),
  );

const refused = (steps: number): object => ({
  refusal: "REQUEST_TOO_COSTLY",
  params: { limit: steps },
});

test("a comparison that takes too many steps is refused on every way, and writes nothing", async () => {
  const { log, service } = await started(100_000);
  await service.register("s", { schema: union("a") }, {});
  const end = log.end;
  const schema = union("b");
  const body = { schema };
  expect(await service.register("s", body, {})).toEqual(refused(100_000));
  expect(await service.testCompatibility("s", undefined, body, { verbose: true })).toEqual(
    refused(100_000),
  );
  expect(await service.plan("s", body, {})).toEqual(refused(100_000));
  const other = { subject: "other", body: { schema: '"int"' } };
  expect(await service.batch([other, { subject: "s", body }], {})).toEqual(refused(100_000));
  expect(log.end).toBe(end);
  expect(await service.versions("other", {})).toMatchObject({ refusal: "SUBJECT_NOT_FOUND" });
  const answer = await service.register("s", body, {});
  expect(isRefusal(answer) && refusalMessage(answer)).toBe(
    "Comparing the schemas of this request takes more than 100000 steps. Send fewer or smaller schemas, or raise --compatibility-steps-max (compatibilityStepsMax)",
  );
});

test("a higher setting answers it", async () => {
  const { service } = await started(50_000_000);
  await service.register("s", { schema: union("a", 200) }, {});
  expect(await service.register("s", { schema: union("b", 200) }, {})).toMatchObject({
    refusal: "INCOMPATIBLE_SCHEMA",
  });
});

test("the items of a batch, and the versions of a subject, share the steps of their request", async () => {
  const { service } = await started(10_000);
  const wide = (doc: string): string =>
    text(
      record(
        "R",
        many(200, (n) => ({ name: `f${n}`, type: "int", default: 0 })),
        { doc },
      ),
    );
  for (const doc of many(20, String)) await service.register("s", { schema: wide(doc) }, {});
  const item = { subject: "s", body: { schema: wide("new") } };
  expect(await service.batch([item], { dryRun: true })).toMatchObject({
    items: [{ version: 21 }],
  });
  const items = many(100, (n) => ({ subject: "s", body: { schema: wide(`more ${n}`) } }));
  expect(await service.batch(items, { dryRun: true })).toEqual(refused(10_000));
  await service.updateConfig("s", { compatibility: "FULL_TRANSITIVE" });
  expect(await service.register("s", item.body, {})).toEqual(refused(10_000));
});

test("small items that stand for a large version cost what they stand for", async () => {
  const { service } = await started();
  const properties = Object.fromEntries(many(2000, (n) => [`property${n}`, "value"]));
  const schema = text(record("R", [], { doc: "d".repeat(500_000) }));
  await service.register("s", { schema, metadata: { properties } }, {});
  const items = many(1000, () => ({ subject: "s", body: { schema: "" } }));
  expect(await service.batch(items, { dryRun: true })).toEqual(refused(1_000_000));
  expect(await service.batch(items.slice(0, 5), { dryRun: true })).toMatchObject({ items: {} });
});

test("the reasons of a batch's refusals are bounded together", async () => {
  const { service } = await started();
  await service.register("s", { schema: text(record("R", [], { doc: "d".repeat(20_000) })) }, {});
  const items = many(1000, () => ({ subject: "s", body: { schema: '"int"' } }));
  const batch = await service.batch(items, { dryRun: true });
  expect(text(batch).length).toBeLessThan(1_500_000);
  expect(text(batch)).toMatch(/TYPE_MISMATCH.*oldSchema/);
  expect(batch).toMatchObject({ items: { 999: { params: { details: "..." } } } });
});

test("reserved fields are told up to 200, and how many more", async () => {
  const { service } = await started();
  await service.updateConfig("s", { validateFields: true, compatibility: "NONE" });
  const reserved = (names: readonly string[]) => ({
    metadata: { properties: { "confluent:reserved": names.join() } },
  });
  const names = many(50_000, (n) => `f${n}`);
  const schema = text(record("R", []));
  await service.register("s", { schema, ...reserved(names) }, {});
  const doc = text(record("R", [], { doc: "2" }));
  const answer = await service.register("s", { schema: doc, ...reserved([]) }, {});
  const details = String(isRefusal(answer) ? answer.params["details"] : "");
  expect(details.match(/has reserved field f\d+ removed/g)).toHaveLength(200);
  expect(details).toContain("49800 more reserved fields are removed or conflict.");
  const clash = text(
    record(
      "R",
      names.slice(0, 3).map((name) => ({ name, type: "int" })),
    ),
  );
  const conflict = await service.register("s", { schema: clash, ...reserved(names) }, {});
  expect(String(isRefusal(conflict) && conflict.params["details"])).toContain(
    "The new schema has field that conflicts with the reserved field f2.",
  );
});

test("names that become keys have 4,000 characters at most, the context included", async () => {
  const { service } = await started();
  const long = "s".repeat(4001);
  const schema = text(record("R", []));
  expect(await service.register(long.slice(1), { schema }, {})).toMatchObject({ version: 1 });
  const invalid = { refusal: "INVALID_SUBJECT" };
  expect(await service.register(long, { schema }, {})).toMatchObject(invalid);
  expect(await service.register(`:.c:${long.slice(4)}`, { schema }, {})).toMatchObject(invalid);
  expect(await service.updateConfig(long, { compatibility: "NONE" })).toMatchObject(invalid);
  expect(await service.updateConfig("s", { alias: long })).toMatchObject(invalid);
  expect(await service.updateMode(long, "READONLY", {})).toMatchObject(invalid);
  const references = [{ name: long, subject: long.slice(1), version: 1 }];
  const referring = await service.register("r", { schema: '"R"', references }, {});
  expect(String(isRefusal(referring) && referring.params["detail"])).toContain(
    "The name of a reference has 4001 characters, more than 4000",
  );
});

test("a tag's path finds its field among thousands of records of one name", async () => {
  const { service } = await started();
  const schema = text(
    many(2000, (n) => record("R", [{ name: `f${n}`, type: "int" }], { namespace: `n${n}` })),
  );
  const schemaTagsToAdd = many(2000, (n) => ({
    schemaEntity: { entityPath: `R.f${n}`, entityType: "sr_field" as const },
    tags: [`t${n}`],
  }));
  await service.register("s", { schema, schemaTagsToAdd }, {});
  const tagged = await service.version("s", "1", { findTags: ["t1999", "t0"] });
  expect(tagged).toMatchObject({
    schemaTags: [
      { schemaEntity: { entityPath: "n0.R.f0" }, tags: ["t0"] },
      { schemaEntity: { entityPath: "n1999.R.f1999" }, tags: ["t1999"] },
    ],
  });
});

test("search indexes a long text in turns, and tells a hundred places of a hit", async () => {
  let turns = 0;
  const service: RegistryService = await createRegistryService({
    log: createMemoryLog(),
    clock: () => 1,
    turn: async () => {
      turns++;
    },
  });
  const doc = many(20_000, (n) => `word${n}`).join(" ");
  const fields = many(300, (n) => ({ name: `f${n}${"x".repeat(300)}`, type: "int" }));
  await service.register("s", { schema: text(record("R", fields, { doc })) }, {});
  const [one, two] = await Promise.all([
    service.search({ doc: "word19999" }),
    service.search({ field: `f7${"x".repeat(290)}` }),
  ]);
  expect(one).toMatchObject([{ subject: "s", matches: ["R"] }]);
  expect(two).toMatchObject([{ subject: "s", matches: [`R.f7${"x".repeat(300)}`] }]);
  expect(turns).toBeGreaterThan(3);
  const found = await service.search({ field: "f" });
  expect(isRefusal(found) ? [] : found[0]?.matches).toHaveLength(100);
});

test("a long text is found again, and one of the same length is not taken for it", async () => {
  const { log, service } = await started();
  const long = (letter: string): string =>
    text(record("R", [], { doc: letter.repeat(20_000) })).replace("{", "{ ");
  for (const letter of ["a", "b", "a", "b"])
    await service.register("s", { schema: long(letter) }, {});
  expect(await service.versions("s", {})).toEqual([1, 2]);
  expect((await readAll(log)).length).toBeGreaterThan(2);
});
