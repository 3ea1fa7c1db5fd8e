/** What README and the pages of `docs/` show of shells and of JSON is what programs take and answer. */
import { describe, expect, test } from "vitest";
import { findConfigProblems } from "../../codegen/index.ts";
import { parseSchema } from "../../src/avro/index.ts";
import { createRegistryServer } from "../../src/server/index.ts";
import { runHere } from "../cli/run-here.ts";
import { isThere, readFiles, readPackage } from "../tidy/source.ts";
import type { ShellCommand } from "./shell.ts";
import { commandsOf, curlOf } from "./shell.ts";
import { snippetsOf } from "./snippets.ts";

const pages = readFiles(
  [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "docs",
    "examples",
  ],
  [".md"],
);
const shells = pages.flatMap(({ path, text }) =>
  snippetsOf(text)
    .filter(({ language }) => language === "sh" || language === "console")
    .map((snippet) => ({ ...snippet, at: `${path}:${snippet.line}` })),
);

test("every block of a page says its language, and one of those that are checked", () => {
  const all = pages.flatMap(({ path, text }) =>
    snippetsOf(text).map(({ language, line }) => [`${path}:${line}`, language]),
  );
  const known = new Set(["ts", "js", "sh", "console", "json", "text"]);
  expect(all.filter(([, language = ""]) => !known.has(language))).toEqual([]);
});

test.each(shells)("the commands of $at exist, with their options", async ({ text }) => {
  const problems = await Promise.all(commandsOf(text).map(({ words }) => problemOf(words)));
  expect(problems.filter((problem) => problem !== undefined)).toEqual([]);
});

test("`typewire` commands in the middle of a sentence exist, with their options", async () => {
  const inline = pages.flatMap(({ path, text }) =>
    [...text.matchAll(/`((?:npx )?typewire [a-z][^`]*)`/g)].map((match) => [path, match[1] ?? ""]),
  );
  expect(inline.length).toBeGreaterThan(10);
  const problems = await Promise.all(
    inline.map(async ([path, text = ""]) => [path, text, await problemOf(text.split(/\s+/))]),
  );
  expect(problems.filter(([, , problem]) => problem !== undefined)).toEqual([]);
});

describe("curl", () => {
  const asking = pages
    .map(({ path, text }) => ({ path, commands: curlsOf(text) }))
    .filter(({ commands }) => commands.length > 0);

  test.each(asking)("of $path gets from a registry what the page shows", async ({ commands }) => {
    const registry = await createRegistryServer({ store: "memory", port: 0 });
    try {
      for (const command of commands) {
        const answer = await ask(command.words, registry.url);
        for (const shown of command.shown) expect(answer.text).toMatch(wildcard(shown));
        const isRefusalShown = command.shown.some((shown) => /^HTTP\S* [45]/.test(shown));
        expect(answer.status >= 400, answer.text).toBe(isRefusalShown);
      }
    } finally {
      await registry.close();
    }
  });
});

describe("JSON", () => {
  const blocks = pages.flatMap(({ path, text }) =>
    snippetsOf(text)
      .filter(({ language }) => language === "json")
      .map((snippet) => ({ ...snippet, at: `${path}:${snippet.line}` })),
  );

  test.each(blocks)("at $at is a configuration or a schema that is taken", ({ text }) => {
    const value: unknown = JSON.parse(text);
    if (isRecord(value) && Object.hasOwn(value, "codegen")) {
      // A page may show a part.
      expect(findConfigProblems({ topics: {}, ...value })).toEqual([]);
    } else expect(parseSchema(text, { mode: "strict" }).kind).toBe("record");
  });
});

test("what does not exist is seen", async () => {
  const text = [
    "npx typewire serve --prot 1 && typewire sreve",
    "npm run biuld",
    "bash .ci/rnu # a comment",
    "frobnicate 'a b' \\",
    "  -x | cat",
  ].join("\n");
  const problems = await Promise.all(commandsOf(text).map(({ words }) => problemOf(words)));
  expect(problems).toEqual([
    "typewire serve has no option --prot",
    "typewire has no command sreve",
    "package.json has no script biuld",
    "there is no .ci/rnu",
    "frobnicate is not known here",
    "cat is not known here",
  ]);
});

/** Programs whose own options are no matter of ours. */
const FOREIGN = new Set(["curl", "export", "node", "npx", "apt-get", "docker"]);
/** Commands of npm itself, and scripts that a page makes. */
const NPM_OWN = new Set(["ci", "install", "pkg", "pack", "rebuild", "approve-scripts"]);

/** What is wrong with a command; undefined when nothing is. */
async function problemOf(words: readonly string[]): Promise<string | undefined> {
  const [program = "", first = "", second = ""] = words;
  if (program === "npx" && first === "typewire") return problemOf(words.slice(1));
  if (program === "typewire") return problemOfOwn(words);
  if (program === "npm") {
    const script = first === "run" ? second : first;
    const exists = Object.hasOwn(readPackage().scripts, script);
    return exists || (first !== "run" && NPM_OWN.has(first))
      ? undefined
      : `package.json has no script ${script}`;
  }
  if (program === "bash" || (program === "node" && first.startsWith("."))) {
    return isThere(first) ? undefined : `there is no ${first}`;
  }
  return FOREIGN.has(program) ? undefined : `${program} is not known here`;
}

async function problemOfOwn([, command = "", ...rest]: readonly string[]): Promise<
  string | undefined
> {
  const { status, stdout } = await inTurn(() => runHere([command, "--help"]));
  if (status !== 0 || !stdout.startsWith(`Usage: typewire ${command} `)) {
    return command.startsWith("--") ? undefined : `typewire has no command ${command}`;
  }
  const options = new Set(stdout.match(/(?<![\w-])--[a-z-]+/g));
  const given = rest
    .filter((word) => word.startsWith("--"))
    .map((word) => word.split("=")[0] ?? "");
  const unknown = given.find((option) => !options.has(option));
  return unknown === undefined ? undefined : `typewire ${command} has no option ${unknown}`;
}

let last: Promise<unknown> = Promise.resolve();

/** One after the other: a command that runs here takes the process's standard output. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const next = last.then(work);
  last = next;
  return next;
}

/** The `curl` commands of a page that can be run as they stand. */
function curlsOf(page: string): ShellCommand[] {
  return snippetsOf(page)
    .filter(({ language }) => language === "sh")
    .flatMap((block) => commandsOf(block.text))
    .filter(isRunnable);
}

/** Input from another program is a matter of the test of README. */
function isRunnable({ words, isPiped }: ShellCommand): boolean {
  return words[0] === "curl" && !isPiped;
}

async function ask(
  words: readonly string[],
  url: string,
): Promise<{ status: number; text: string }> {
  const { method, headers, body, showsHeaders, ...request } = curlOf(words, "");
  const target = request.url.replace("http://localhost:8081", url);
  const response = await fetch(target, { method, headers, body: body ?? null });
  const text = await response.text();
  const lines = [...response.headers].map(([name, value]) => `${name}: ${value}`);
  const head = [`HTTP/1.1 ${response.status} ${response.statusText}`, ...lines, ""];
  return { status: response.status, text: [...(showsHeaders ? head : []), text].join("\n") };
}

/** A text in which `…` stands for anything; names of headers in any case. */
function wildcard(shown: string): RegExp {
  const parts = shown.split("…").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(parts.join(".*"), "is");
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
