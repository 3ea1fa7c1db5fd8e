/** The complete example of README, done as it says: schema, registration, types, producer, consumer. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { READY, startCommand } from "../cli/command.ts";
import { readText } from "../tidy/source.ts";
import { commandsOf, curlOf } from "./shell.ts";
import { snippetsOf } from "./snippets.ts";

const root = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "typewire-readme-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const readme = readText("README.md");
const section = readme.slice(readme.indexOf("\n## A complete example\n"));
const snippets = snippetsOf(section.slice(0, section.indexOf("\n## Documentation\n")));

test("the complete example of README works, block by block", async () => {
  writeFileSync(join(folder, "package.json"), "{}");
  mkdirSync(join(folder, "node_modules/@types"), { recursive: true });
  symlinkSync(root, join(folder, "node_modules/typewire"));
  symlinkSync(join(root, "node_modules/@types/node"), join(folder, "node_modules/@types/node"));
  symlinkSync(join(root, "node_modules/undici-types"), join(folder, "node_modules/undici-types"));

  let url = "";
  let brokers = "";
  let development: ReturnType<typeof startCommand> | undefined;
  let piped = "";
  const consumed: string[] = [];
  const environment = () => ({ ...process.env, KAFKA_BROKERS: brokers });
  const node = async (...args: string[]) =>
    ended(spawn(process.execPath, args, { cwd: folder, env: environment() }));

  /** One command of the page, by the program that it names. */
  const perform = async (words: readonly string[]): Promise<string> => {
    const [program = "", ...args] = words;
    switch (program === "npm" || program === "npx" ? `${program} ${args[0]}` : program) {
      case "npm pkg":
        return ended(spawn("npm", args, { cwd: folder }));
      case "npx typewire": {
        development = startCommand([...args.slice(1), "--port", "0"], folder);
        url = (await development.saw(READY))[1] ?? "";
        brokers = (await development.saw(/KAFKA_BROKERS=(\S+)/))[1] ?? "";
        return "";
      }
      case "npm run": {
        const text = readFileSync(join(folder, "package.json"), "utf8");
        const { scripts } = JSON.parse(text) as { scripts: Record<string, string> };
        const [, ...options] = (scripts[args[1] ?? ""] ?? "").split(" ");
        return node(join(root, "bin/typewire.js"), ...options);
      }
      case "npm install":
        return "";
      case "npx tsc":
        return node(join(root, "node_modules/typescript/bin/tsc"), ...args.slice(1));
      case "export":
        return "";
      case "curl": {
        const { url: asked, ...request } = curlOf(words, piped);
        const target = asked.replace("http://localhost:8081", url);
        const answer = await fetch(target, { ...request, body: request.body ?? null });
        expect(answer.status).toBe(200);
        return answer.text();
      }
      default:
        if (args[0] === "dist/consumer.js") return consume(args[0]);
        expect(program).toBe("node");
        return node(...args);
    }
  };
  const consume = async (file: string): Promise<string> => {
    const child = spawn(process.execPath, [file], { cwd: folder, env: environment() });
    child.stdout.once("data", () => void child.kill("SIGINT"));
    consumed.push(await ended(child));
    return "";
  };

  const outputs: string[] = [];
  for (const { language, text, file } of snippets) {
    if (file !== undefined) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text.replaceAll("http://localhost:8081", url));
    } else {
      expect(language).toBe("sh");
      for (const { words } of commandsOf(text)) {
        piped = await perform(words);
        outputs.push(piped);
      }
    }
  }
  expect(outputs.filter((text) => /^(?:\{"id"|partition )/.test(text))).toEqual([
    '{"id":1}',
    expect.stringMatching(/^partition \d, offset 0\n$/),
  ]);
  expect(consumed).toEqual(["o-17 CARD 19.90\n"]);
  development?.process.kill("SIGTERM");
  expect(await development?.ended).toMatchObject({ status: 0, stderr: "" });
});

/** The output of a program that has to end with status 0. */
async function ended(child: ReturnType<typeof spawn>): Promise<string> {
  let stdout = "";
  let all = "";
  child.stdout?.on("data", (chunk) => {
    stdout += String(chunk);
    all += String(chunk);
  });
  child.stderr?.on("data", (chunk) => {
    all += String(chunk);
  });
  const [status] = (await once(child, "close")) as [number | null];
  expect(status, all).toBe(0);
  return stdout;
}
