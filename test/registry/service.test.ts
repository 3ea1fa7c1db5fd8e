import { describe, expect, test } from "vitest";
import { createRegistryService } from "../../src/registry/index.ts";
import { createMemoryLog } from "../../src/store/index.ts";

const user = `{"type":"record","name":"User","fields":[{"name":"id","type":"long"}]}`;
const userWithMail = `{"type":"record","name":"User","fields":[{"name":"id","type":"long"},{"name":"mail","type":"string"}]}`;

describe("the registry service", () => {
  test("answers an identical registration with the same id and version", async () => {
    const service = await createRegistryService({ log: createMemoryLog(), clock: () => 1 });
    const first = await service.register("users", { schema: user }, {});
    expect(first).toMatchObject({ id: 1, version: 1, deleted: false, ts: 1 });
    expect(await service.register("users", { schema: user }, {})).toEqual(first);
    expect(await service.register("other", { schema: user }, {})).toMatchObject({
      id: 1,
      version: 1,
    });
  });

  test("says where the new schema breaks the level", async () => {
    const service = await createRegistryService({ log: createMemoryLog(), clock: () => 1 });
    await service.register("users", { schema: user }, {});
    expect(await service.register("users", { schema: userWithMail }, {})).toMatchObject({
      refusal: "INCOMPATIBLE_SCHEMA",
    });
  });
});
