import { posix } from "node:path";
import { describe, expect, test } from "vitest";
import type { SourceFile } from "./source.ts";
import { isThere, readFiles, readPackage, readText, tableBelow } from "./source.ts";

const documents = [
  ...["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"].map(
    (path) => ({
      path,
      text: isThere(path) ? readText(path) : "",
    }),
  ),
  ...readFiles(["docs", "examples", "bench", "test"], [".md"]),
];
const manifest = readPackage();

test.each(documents)("$path has exactly one title", ({ text }) => {
  expect(withoutFences(text).match(/^# \S.*$/gm)).toHaveLength(1);
});

test.each(documents)("the links of $path lead somewhere", (document) => {
  expect(deadLinks(document)).toEqual([]);
});

test.each(["ARCHITECTURE.md", "CONTRIBUTING.md", "docs/development.md", "docs/releasing.md"])(
  "the sources that %s names are there",
  (path) => {
    const names = [
      ...readText(path).matchAll(/`(src\/[\w./-]+|(?:test|codegen)\/[\w/-]+\.[\w.]+)`/g),
    ];
    const gone = names.map(([, name = ""]) => name).filter((name) => !isThere(name));
    expect(gone).toEqual([]);
  },
);

test.each(documents)("the npm commands of $path exist", ({ text }) => {
  const named = [...text.matchAll(/\bnpm (?:run )?([a-z][\w:-]*)/g)].map((match) => match[1] ?? "");
  const known = new Set([...Object.keys(manifest.scripts), ...NPM_OWN]);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});

test("the table of dependencies in ARCHITECTURE.md is package.json's", () => {
  const rows = tableBelow(readText("ARCHITECTURE.md"), "## Dependencies");
  expect(rows.map(([name = ""]) => name.replaceAll("`", "")).sort()).toEqual(
    Object.keys({
      ...manifest.dependencies,
      ...manifest.optionalDependencies,
      ...manifest.peerDependencies,
    }).sort(),
  );
  expect(rows.filter(([, why = ""]) => why === "")).toEqual([]);
});

test("every version of a package is exact", () => {
  const { dependencies, optionalDependencies, devDependencies } = manifest;
  const all = Object.entries({ ...dependencies, ...optionalDependencies, ...devDependencies });
  expect(all.filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))).toEqual([]);
});

/** Otherwise `npm ci` refuses the file; `node .ci/complete-lock.mjs` adds what is missing. */
test("package-lock.json has the optional packages of every platform", () => {
  interface Entry {
    readonly optionalDependencies?: Readonly<Record<string, string>>;
  }
  const { packages } = JSON.parse(readText("package-lock.json")) as {
    readonly packages: Readonly<Record<string, Entry>>;
  };
  const known = new Set(Object.keys(packages).map((key) => key.split("node_modules/").at(-1)));
  const optional = Object.values(packages).flatMap((entry) =>
    Object.keys(entry.optionalDependencies ?? {}),
  );
  expect(optional.filter((name) => !known.has(name))).toEqual([]);
});

describe("CHANGELOG.md", () => {
  const lines = readText("CHANGELOG.md").split("\n");

  test("begins with what is unreleased, then the version of package.json", () => {
    const [unreleased, first] = lines.filter((line) => line.startsWith("## "));
    expect(unreleased).toBe("## Unreleased");
    expect(first).toMatch(new RegExp(`^## ${manifest.version.replaceAll(".", "\\.")}(?: |$)`));
  });

  test("has headings `## Unreleased` or `## <version> (<date or unreleased>)` and the four known kinds below", () => {
    const headings = lines.filter((line) => line.startsWith("##"));
    const form =
      /^## Unreleased$|^## \d+\.\d+\.\d+ \((?:unreleased|\d{4}-\d\d-\d\d)\)$|^### (?:Added|Changed|Fixed|Removed)$/;
    expect(headings.filter((line) => !form.test(line))).toEqual([]);
  });

  test("says everything in whole sentences", () => {
    const entries = readText("CHANGELOG.md").split(/^(?=- |#)/m);
    const items = entries.filter((entry) => entry.startsWith("- ")).map((entry) => entry.trim());
    expect(items.filter((item) => !/^- [A-Z`]/.test(item) || !item.endsWith("."))).toEqual([]);
  });
});

test("the search for dead links finds seeded ones", () => {
  const text = "[a](none.md) [b](#nowhere) [c](README.md#nowhere)\n# Title\n[d](#title)";
  expect(deadLinks({ path: "x.md", text })).toEqual(["none.md", "#nowhere", "README.md#nowhere"]);
});

/** Commands of npm itself that documents name. */
const NPM_OWN =
  "approve-scripts audit ci deprecate exec i init install pack pkg publish rebuild version".split(
    " ",
  );

function deadLinks({ path, text }: SourceFile): string[] {
  const links = [...withoutFences(text).matchAll(/\]\(([^)\s]+)\)/g)].map(
    (match) => match[1] ?? "",
  );
  return links.filter((link) => {
    if (/^https?:/.test(link)) return false;
    const [file = "", anchor] = link.split("#");
    const target = file === "" ? path : posix.join(posix.dirname(path), file);
    if (file !== "" && !isThere(target)) return true;
    const there = file === "" ? text : target.endsWith(".md") ? readText(target) : "";
    return anchor !== undefined && !anchorsOf(there).has(anchor);
  });
}

function anchorsOf(markdown: string): Set<string> {
  const headings = [...withoutFences(markdown).matchAll(/^#{1,6} (.+)$/gm)];
  return new Set(
    headings.map(([, title = ""]) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

function withoutFences(markdown: string): string {
  return markdown.replace(/^```[\s\S]*?^```/gm, "");
}
