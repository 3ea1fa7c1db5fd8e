import { describe, expect, test } from "vitest";
import { createRegistryClient } from "../../src/client/index.ts";
import { manualClock, ok, refused, stubFetch } from "./stub.ts";

const record = (name: string, type: string) =>
  `{"type":"record","name":"${name}","fields":[{"name":"f","type":"${type}"}]}`;
const reference = (name: string, subject = name, version = 1) => ({ name, subject, version });

/** A registry that holds the given answers by path. */
function clientOf(answers: Record<string, object>) {
  const { fetch, seen } = stubFetch(({ url }) => {
    const path = decodeURIComponent(new URL(url).pathname);
    const answer = answers[path];
    return answer === undefined ? refused(404, 40402, `no ${path}`) : ok(answer);
  });
  const client = createRegistryClient({ url: "http://r", fetch, clock: manualClock(), retries: 0 });
  return { client, seen };
}

const version = (subject: string, schema: string, references: object[] = []) => ({
  subject,
  version: 1,
  id: 1,
  schema,
  references,
});

describe("a schema by id, parsed", () => {
  test("has its nested references resolved, and is kept for the synchronous path", async () => {
    const { client, seen } = clientOf({
      "/schemas/ids/3": { schema: record("A", "B"), references: [reference("B")] },
      "/subjects/B/versions/1": version("B", record("B", "C"), [reference("C")]),
      "/subjects/C/versions/1": version("C", record("C", "int")),
    });
    expect(client.peekParsed(3)).toBeUndefined();
    const [schema, same] = await Promise.all([client.parsedById(3), client.parsedById(3)]);
    expect(schema).toMatchObject({
      kind: "record",
      fields: [{ schema: { kind: "record", fields: [{ schema: { kind: "record" } }] } }],
    });
    expect(same).toBe(schema);
    expect(client.peekParsed(3)).toBe(schema);
    expect(seen).toHaveLength(3);
  });

  test("fetches a version that is reached by two ways once", async () => {
    const { client, seen } = clientOf({
      "/schemas/ids/3": { schema: record("A", "B"), references: [reference("C"), reference("B")] },
      "/subjects/B/versions/1": version("B", record("B", "C"), [reference("C")]),
      "/subjects/C/versions/1": version("C", record("C", "int")),
    });
    await client.parsedById(3);
    expect(seen).toHaveLength(3);
  });

  test("of another type than Avro is refused", async () => {
    const { client } = clientOf({ "/schemas/ids/3": { schema: "x", schemaType: "PROTOBUF" } });
    await expect(client.parsedById(3)).rejects.toMatchObject({
      code: "CLIENT_SCHEMA_TYPE_UNSUPPORTED",
      message: "The schema with id 3 is of type PROTOBUF, not AVRO",
    });
  });

  test("whose references lead in a circle is refused", async () => {
    const { client } = clientOf({
      "/schemas/ids/3": { schema: record("A", "B"), references: [reference("B")] },
      "/subjects/B/versions/1": version("B", record("B", "C"), [reference("C")]),
      "/subjects/C/versions/1": version("C", record("C", "B"), [reference("B")]),
    });
    await expect(client.parsedById(3)).rejects.toMatchObject({
      code: "CLIENT_REFERENCES_UNRESOLVED",
    });
  });

  test("whose references lack a type is refused", async () => {
    const { client } = clientOf({
      "/schemas/ids/3": { schema: record("A", "Missing"), references: [reference("C")] },
      "/subjects/C/versions/1": version("C", record("C", "int")),
    });
    const message: unknown = expect.stringContaining("Missing");
    const refusal = { code: "CLIENT_REFERENCES_UNRESOLVED", message };
    await expect(client.parsedById(3)).rejects.toMatchObject(refusal);
  });
});

describe("a closed schema", () => {
  test("without references is the text as registered", async () => {
    const text = `{"type":  "string"}`;
    const { client } = clientOf({ "/subjects/s/versions/latest": version("s", text) });
    expect(await client.closedSchema("s", "latest")).toBe(text);
  });

  test("with references has them written out, looked up in the referrer's context", async () => {
    const { client } = clientOf({
      "/subjects/:.x:A/versions/1": version(":.x:A", record("A", "B"), [reference("B")]),
      "/subjects/:.x:B/versions/1": version(":.x:B", record("B", "C"), [reference("C", ":.y:C")]),
      "/subjects/:.y:C/versions/1": version(":.y:C", record("C", "int")),
    });
    expect(await client.closedSchema(":.x:A", 1)).toBe(
      '{"type":"record","name":"A","fields":[{"name":"f","type":{"type":"record","name":"B","fields":[{"name":"f","type":{"type":"record","name":"C","fields":[{"name":"f","type":"int"}]}}]}}]}',
    );
  });
});

describe("references that lead to several versions of a name", () => {
  const money = (currency: string) =>
    `{"type":"record","name":"Money","fields":[{"name":"${currency}","type":"long"}]}`;
  const graph = {
    "/subjects/M/versions/1": version("M", money("eur")),
    "/subjects/M/versions/2": { ...version("M", money("usd")), version: 2 },
    "/subjects/O/versions/1": version("O", record("O", "Money"), [reference("Money", "M", 1)]),
    "/subjects/I/versions/1": version("I", record("I", "Money"), [reference("Money", "M", 2)]),
  };

  test.each([
    [["O", "I"], "eur"],
    [["I", "O"], "usd"],
  ])("%j: the first counts, as in the registry", async (order, currency) => {
    const { client } = clientOf({
      ...graph,
      "/schemas/ids/9": { schema: '["O","I"]', references: order.map((name) => reference(name)) },
    });
    const schema = await client.parsedById(9);
    const at = { fields: [{ schema: { fields: [{ name: currency }] } }] };
    expect(schema).toMatchObject({ branches: [at, at] });
  });

  test("are refused when they define it differently, with both places", async () => {
    const { client } = clientOf({
      ...graph,
      "/schemas/ids/9": {
        schema: '["null","Money"]',
        references: [reference("one", "M", 1), reference("two", "M", 2)],
      },
    });
    await expect(client.parsedById(9)).rejects.toMatchObject({
      code: "CLIENT_REFERENCES_UNRESOLVED",
      message:
        "The references of schema id 9 do not resolve: Can't redefine: Money, defined differently at the root, in subject M version 2, defined first in subject M version 1",
    });
  });

  test("that are left out need not be there", async () => {
    const { client } = clientOf({
      ...graph,
      "/subjects/X/versions/1": version("X", record("X", "int"), [reference("gone")]),
      "/schemas/ids/9": {
        schema: '"O"',
        references: [reference("O"), reference("O", "X")],
      },
    });
    expect(await client.parsedById(9)).toMatchObject({ name: { fullName: "O" } });
  });

  test("are fetched once each, however many ways lead there", async () => {
    const answers: Record<string, object> = {};
    for (let layer = 0; layer < 28; layer++) {
      for (const side of ["l", "r"]) {
        const below = layer === 0 ? [] : [`l${layer - 1}`, `r${layer - 1}`];
        const fields = below.map((name) => ({ name, type: name }));
        const text = JSON.stringify({ type: "record", name: `${side}${layer}`, fields });
        const path = `/subjects/${side}${layer}/versions/1`;
        answers[path] = version(
          `${side}${layer}`,
          text,
          below.map((name) => reference(name)),
        );
      }
    }
    answers["/schemas/ids/9"] = { schema: '"l27"', references: [reference("l27")] };
    const { client, seen } = clientOf(answers);
    await client.parsedById(9);
    expect(seen).toHaveLength(1 + 55);
  });

  test("are bounded, for a registry that answers ever new ones", async () => {
    const { fetch, seen } = stubFetch(({ url }) => {
      const at = Number(/subjects\/s(\d+)/.exec(url)?.[1] ?? 0) + 1;
      return ok({ ...version(`s${at - 1}`, '"int"', [reference(`s${at}`)]), id: 9 });
    });
    const client = createRegistryClient({ url: "http://r", fetch, clock: manualClock() });
    await expect(client.parsedById(9)).rejects.toMatchObject({
      code: "CLIENT_REFERENCES_UNRESOLVED",
      message: expect.stringContaining("more than 1000 schemas") as string,
    });
    expect(seen.length).toBeLessThan(1_100);
  });
});
