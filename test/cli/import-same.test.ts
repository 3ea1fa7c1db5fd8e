import { describe, expect, test } from "vitest";
import type { HeldVersion } from "../../src/cli/import-names.ts";
import { createSameContent } from "../../src/cli/import-same.ts";

const field = (name: string, type: string) => ({ name, type });

function held(
  subject: string,
  schema: object,
  references: readonly string[] = [],
  version = 1,
): HeldVersion {
  return {
    subject,
    version,
    id: 1,
    schemaType: "AVRO",
    schema: JSON.stringify(schema),
    references: references.map((name) => ({ name: `k.${name}`, subject: name, version: 1 })),
    deleted: false,
  };
}

/** Records, two a layer, each of which uses both of the layer below. */
function layers(count: number, more: object): HeldVersion[] {
  return Array.from({ length: count * 2 }, (_, index) => {
    const layer = Math.floor(index / 2);
    const below = layer === 0 ? [] : [`l${layer - 1}`, `r${layer - 1}`];
    const name = `${index % 2 === 0 ? "l" : "r"}${layer}`;
    const fields = below.map((each) => field(each, `k.${each}`));
    return held(name, { type: "record", name: `k.${name}`, fields, ...more }, below);
  });
}

describe("whether two registries mean the same", () => {
  test("is found in a deep graph with a reading for each version", () => {
    // Members in another order: the texts have to be read to be compared.
    const [ours, theirs] = [layers(28, {}), layers(28, {})].map((versions, index) =>
      versions.map((version) => {
        if (index === 0) return version;
        const members = Object.entries(JSON.parse(version.schema) as object).toReversed();
        return { ...version, schema: JSON.stringify(Object.fromEntries(members)) };
      }),
    ) as [HeldVersion[], HeldVersion[]];
    let reads = 0;
    const counted = ours.map((version) => {
      const one = { ...version };
      Object.defineProperty(one, "schema", {
        get: () => {
          reads++;
          return version.schema;
        },
      });
      return one;
    });
    const isSame = createSameContent(counted, theirs);
    for (const [index, version] of counted.entries()) {
      expect(isSame(version, theirs[index] as HeldVersion)).toBe(true);
    }
    expect(reads).toBeLessThan(counted.length * 6);
  });

  test("depends on what references mean only as far as texts are printed", () => {
    const leaf = held("leaf", { type: "enum", name: "k.leaf", symbols: ["A"] });
    const tree = (doc: string) =>
      held("tree", { type: "record", doc, name: "k.tree", fields: [field("f", "k.leaf")] }, [
        "leaf",
      ]);
    const isSame = createSameContent([leaf, tree("a")], [leaf, tree("a"), tree("b")]);
    expect(isSame(tree("a"), tree("b"))).toBe(false);
    expect(isSame(tree("a"), { ...tree("a"), schema: tree("a").schema.replace(",", " ,") })).toBe(
      true,
    );
  });

  test("of what can't be read, the texts alone decide", () => {
    const [one, two] = [held("s", { type: "nope" }), held("s", { type: "nope", more: 1 })];
    const isSame = createSameContent([one], [two]);
    expect(isSame(one, one)).toBe(true);
    expect(isSame(one, two)).toBe(false);
  });
});
