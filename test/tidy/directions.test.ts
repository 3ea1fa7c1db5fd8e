import { describe, expect, test } from "vitest";
import { findFaults, readDirections } from "./directions.ts";
import { importsOf, readFiles, readText } from "./source.ts";

const rows = readDirections(readText("ARCHITECTURE.md"));

test("every import goes in a direction that ARCHITECTURE.md allows", () => {
  const files = readFiles(["src", "codegen"], [".ts"]);
  expect(files.length).toBeGreaterThan(5);
  expect(findFaults(rows, files)).toEqual([]);
});

test("every row of the table is a module that exists", () => {
  const paths = readFiles(["src", "codegen"], [".ts"]).map((file) => file.path);
  expect(rows.filter((row) => !paths.some((path) => path.startsWith(row.path)))).toEqual([]);
});

describe("the checker finds a seeded fault", () => {
  const seeded: readonly (readonly [path: string, text: string, fault: string])[] = [
    [
      "src/avro/x.ts",
      `import { a } from "../registry/index.ts";`,
      "src/avro/x.ts: imports registry, its row does not allow that",
    ],
    [
      "src/avro/x.ts",
      `import type { A } from "../registry/index.ts";`,
      "src/avro/x.ts: imports registry, its row does not allow that",
    ],
    [
      "src/registry/state/x.ts",
      `import {\n  a,\n  b,\n} from "../../avro/parse.ts";`,
      "src/registry/state/x.ts: imports src/avro/parse.ts, not src/avro/index.ts",
    ],
    [
      "src/registry/queries/x.ts",
      `import { a } from "../commands/index.ts";`,
      "src/registry/queries/x.ts: imports registry/commands, its row does not allow that",
    ],
    [
      "src/registry/state/x.ts",
      `import type { A } from "../queries/index.ts";`,
      "src/registry/state/x.ts: imports registry/queries, its row does not allow that",
    ],
    [
      "src/registry/commands/x.ts",
      `import { a } from "../state/apply.ts";`,
      "src/registry/commands/x.ts: imports src/registry/state/apply.ts, not src/registry/state/index.ts",
    ],
    [
      "src/registry/commands/x.ts",
      `import { a } from "../index.ts";`,
      "src/registry/commands/x.ts: imports registry, its row does not allow that",
    ],
    [
      "src/cli/x.ts",
      `import { a } from "../registry/state/index.ts";`,
      "src/cli/x.ts: imports src/registry/state/index.ts, a room of registry, not src/registry/index.ts",
    ],
    [
      "src/registry/service/x.ts",
      "const at = Date.now();",
      "src/registry/service/x.ts: uses Date.now, but the module is pure",
    ],
    [
      "src/server/deep/x.ts",
      `export { a } from "../../kafka/index.ts";`,
      "src/server/deep/x.ts: imports kafka, its row does not allow that",
    ],
    [
      "src/testing/x.ts",
      `const { a } = await import("../cli/index.ts");`,
      "src/testing/x.ts: imports cli, its row does not allow that",
    ],
    [
      "src/avro/x.ts",
      `import { a } from "./index.ts";`,
      "src/avro/x.ts: imports its own module's src/avro/index.ts",
    ],
    [
      "src/kafka/x.ts",
      `import rdkafka from "node-rdkafka";`,
      "src/kafka/x.ts: imports node-rdkafka, whose only place is rdkafka",
    ],
    [
      "src/client/x.ts",
      `import type { FastifyInstance } from "fastify";`,
      "src/client/x.ts: imports fastify, whose only place is server",
    ],
    [
      "src/avro/x.ts",
      `import "avsc";`,
      "src/avro/x.ts: imports avsc, whose only place is (tests only)",
    ],
    [
      "src/registry/x.ts",
      `import { createHash } from "node:crypto";`,
      "src/registry/x.ts: imports node:crypto, but the module is pure",
    ],
    [
      "src/avro/x.ts",
      `import { readFileSync } from "node:fs";`,
      "src/avro/x.ts: imports node:fs, but the module is pure",
    ],
    [
      "src/registry/x.ts",
      "const at = Date.now();",
      "src/registry/x.ts: uses Date.now, but the module is pure",
    ],
    [
      "src/registry/x.ts",
      "const at = new Date();",
      "src/registry/x.ts: uses new Date(), but the module is pure",
    ],
    ["src/new/x.ts", "", "src/new/x.ts: belongs to no row of the table"],
  ];
  test.each(seeded)("%s: %s", (path, text, fault) => {
    expect(findFaults(rows, [{ path, text }])).toEqual([fault]);
  });
});

test("what the table allows is no fault", () => {
  const text = [
    `import { createHash } from "node:crypto";`,
    `import { defineErrors } from "../base/index.ts";`,
    `import { parse } from "./parse.ts";`,
    "// Date.now() is banned here",
    "const at = new Date(0);",
  ].join("\n");
  expect(findFaults(rows, [{ path: "src/avro/x.ts", text }])).toEqual([]);
});

test("imports inside text of generated code are not imports of the generator", () => {
  expect(importsOf('const line = `  import { a } from "b";`;\n  "import x from y"')).toEqual([]);
});
