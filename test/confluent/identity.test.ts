import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { fingerprint, fingerprint64, fingerprintHex, parseSchema } from "../../src/avro/index.ts";
import type { Identity } from "../../src/confluent/index.ts";
import { guidOf, guidOfIdentity, identityHash } from "../../src/confluent/index.ts";

const TEXT =
  '{"type":"record","name":"myrecord","fields":[{"type":"string","default":null,"name":"f"}]}';

describe("the identity hash", () => {
  test("has the GUIDs of Confluent's test vectors", () => {
    const ruleSet = { migrationRules: [{ kind: "TRANSFORM", mode: "WRITEREAD" }] };
    expect(guidOf(identityHash({ schema: TEXT }))).toBe("1d20cbb9-e5e3-5e97-54e7-da170b6e5ddb");
    expect(guidOf(identityHash({ schema: TEXT, metadata: {}, ruleSet }))).toBe(
      "16f1eca5-ebf9-22b3-da80-212f8fa7342e",
    );
    expect(guidOfIdentity({ schema: TEXT })).toBe("1d20cbb9-e5e3-5e97-54e7-da170b6e5ddb");
    expect(guidOfIdentity({ schema: TEXT, metadata: {}, ruleSet })).toBe(
      "16f1eca5-ebf9-22b3-da80-212f8fa7342e",
    );
  });

  test.each<[string, Omit<Identity, "schema">, string]>([
    ["nothing", { references: [], metadata: null, ruleSet: null }, ""],
    [
      "references in their order",
      { references: [{ name: "n", subject: "s", version: 258 }] },
      "ns\0\0\u0001\u0002",
    ],
    [
      "metadata, sorted",
      {
        metadata: {
          tags: { b: ["z", "y", "y"], a: ["x"] },
          properties: { q: "2", p: "1" },
          sensitive: ["t", "s"],
        },
      },
      "\u0001axbyzp1q2st",
    ],
    [
      "rules in their order, migration before domain before encoding",
      {
        ruleSet: {
          domainRules: [{ name: "d", disabled: true }],
          migrationRules: [
            {
              name: "n",
              doc: "doc",
              kind: "K",
              mode: "M",
              type: "T",
              tags: ["b", "a"],
              params: { y: "2", x: "1" },
              expr: "e",
              onSuccess: "+",
              onFailure: "-",
              disabled: false,
            },
          ],
          encodingRules: [{ name: "c" }],
          enableAt: "now",
        },
      },
      "\u0001ndocKMTabx1y2e+-d\u0001cnow",
    ],
  ])("adds %s", (_, more, added) => {
    const expected = createHash("md5").update(`é${added}`).digest("hex");
    expect(identityHash({ schema: "é", ...more }).toString("hex")).toBe(expected);
  });
});

describe("fingerprints", () => {
  test("are those of the specification", () => {
    const int = parseSchema('{"type":"int","doc":"ignored"}', { mode: "strict" });
    expect(fingerprint64(int)).toBe(0x7275d51a3f395c8fn);
    expect(fingerprintHex(int)).toBe("7275d51a3f395c8f");
    expect(fingerprintHex(parseSchema('"null"', { mode: "strict" }))).toBe("63dd24e7cc258f8a");
    expect(fingerprint(int, "md5").toString("hex")).toBe("ef524ea1b91e73173d938ade36c1db32");
    expect(fingerprint(int, "sha256").length).toBe(32);
  });

  test("keep leading zeros in hexadecimal and agree with the bigint", () => {
    for (let size = 0; size < 300; size++) {
      const schema = parseSchema(`{"type":"fixed","name":"F","size":${size}}`, { mode: "strict" });
      expect(fingerprintHex(schema)).toBe(fingerprint64(schema).toString(16).padStart(16, "0"));
    }
  });
});
