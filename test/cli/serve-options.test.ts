import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { serveOptions } from "../../src/cli/serve-options.ts";
import { READY, startCommand } from "./command.ts";
import { codeIn, runHere } from "./run-here.ts";

/** The table of options in the document, by option. */
const documented = new Map(
  readFileSync("docs/registry.md", "utf8")
    .split("\n")
    .flatMap((line) => {
      const [, option, variable, standard] =
        /^\| `(--[\w-]+)` \| `(\w+)` \| (?:`([^`]*)` )?\|/.exec(line) ?? [];
      return option === undefined
        ? []
        : [[option, { variable, standard: standard ?? "" }] as const];
    }),
);

describe("every option of `typewire serve`", () => {
  test("stands in docs/registry.md with its variable and its default, in the order of --help", () => {
    expect([...documented]).toEqual(
      serveOptions().map(({ long, envVar, defaultValue }) => [
        long,
        { variable: envVar, standard: String(defaultValue) },
      ]),
    );
  });

  test.each(serveOptions().map(({ long, envVar }) => ({ long, envVar })))(
    "$long is read from its variable",
    ({ long, envVar }) => {
      expect(envVar).toBe(`TYPEWIRE_${long?.slice(2).toUpperCase().replaceAll("-", "_")}`);
    },
  );
});

describe("typewire serve", () => {
  const variables = ["TYPEWIRE_COMPATIBILITY_LEVEL", "TYPEWIRE_STORE", "TYPEWIRE_NORMALIZE"];
  afterEach(() => {
    for (const name of variables) delete process.env[name];
  });

  test("does what its options and variables say, and logs requests", async () => {
    process.env["TYPEWIRE_COMPATIBILITY_LEVEL"] = "full";
    process.env["TYPEWIRE_STORE"] = "memory";
    const serving = startCommand(
      ["serve", "--port", "0", "--api-level", "7.9", "--incompatible-error-code", "40901"].concat(
        ["--body-limit-bytes", "200", "--group-id", "g", "--mode-mutability", "false"],
        ["--access-log", "true", "--record-bytes-max", "150"],
      ),
    );
    const [, url = ""] = await serving.saw(READY);
    const ask = async (method: string, path: string, body?: object) => {
      const headers = { "content-type": "application/json", "x-request-id": `${method} ${path}` };
      const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
      const answer = (await (await fetch(url + path, init)).json()) as Record<string, unknown>;
      return answer["error_code"] ?? answer;
    };
    expect(await ask("GET", "/v1/metadata/version")).toMatchObject({ version: "7.9.0" });
    expect(await ask("GET", "/v1/metadata/id")).toMatchObject({
      scope: { clusters: { "schema-registry-cluster": "g" } },
    });
    expect(await ask("GET", "/config")).toEqual({ compatibilityLevel: "FULL" });
    expect(await ask("PUT", "/mode", { mode: "READONLY" })).toBe(42205);
    const register = (schema: string, subject = "s") =>
      ask("POST", `/subjects/${subject}/versions`, { schema });
    expect(await register('"int"')).toEqual({ id: 1 });
    expect(await register('"string"')).toBe(40901);
    expect(await ask("GET", "/subjects/s/versions/1")).toEqual({
      subject: "s",
      version: 1,
      id: 1,
      schema: '"int"',
    });
    const long = `{"type":"fixed","name":"F","size":1,"doc":"${"x".repeat(90)}"}`;
    expect(await register(long, "t")).toBe(42209);
    expect(await register(`"${"x".repeat(200)}"`)).toBe(413);
    serving.process.kill("SIGTERM");
    const { stdout } = await serving.ended;
    const lines = stdout.split("\n").filter((line) => line.startsWith("{"));
    expect(lines.map((line) => JSON.parse(line) as unknown)[0]).toEqual({
      time: expect.stringMatching(/^\d{4}-.*Z$/) as unknown,
      id: "GET /v1/metadata/version",
      method: "GET",
      url: "/v1/metadata/version",
      status: 200,
      durationMs: expect.any(Number) as unknown,
    });
    expect(lines).toHaveLength(9);
  });

  test.each([
    [["--compatibility-level", "SIDEWAYS"], /settings\.level.*SIDEWAYS.*FULL_TRANSITIVE/],
    [["--api-level", "eight"], /apiLevel.*eight/],
    [["--record-bytes-max", "0"], /settings\.recordBytesMax.*0/],
    [["--body-limit-bytes", "0"], /bodyLimitBytes.*0/],
  ])("says which value it can't use: %s", async (args, said) => {
    const ended = await runHere(["serve", "--port", "0", "--store", "memory", ...args]);
    expect(ended.status).toBe(1);
    expect(codeIn(ended)).toBe("SERVER_OPTION_INVALID");
    expect(ended.stderr).toMatch(said);
  });

  test.each([
    [["--normalize", "yes"], "Allowed choices are true, false."],
    [["--incompatible-error-code", "410"], "Allowed choices are 409, 40901."],
    [["--drain-ms", "-1"], "It must be a number from 0."],
  ])("wrong usage ends with status 2: %s", async (args, why) => {
    const ended = await runHere(["serve", ...args]);
    expect(ended.status).toBe(2);
    expect(ended.stderr).toContain(why);
  });
});
