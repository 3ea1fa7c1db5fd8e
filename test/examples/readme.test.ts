/** `examples/README.md` names every program of the scenarios, and none that is not there. */
import { expect, test } from "vitest";
import { readFiles, readText } from "../tidy/source.ts";

const named = [...readText("examples/README.md").matchAll(/node dist\/(examples\/[\w/-]+)\.js/g)];
const scripts = readText("package.json").matchAll(/"node dist\/(examples\/[\w/-]+)\.js"/g);

/** Parts of programs, and the program of the image. */
const NO_COMMANDS = [
  "examples/quickstart",
  "examples/users/by-initial",
  "examples/events/register",
];

test("the programs that are named are those that are there", () => {
  const files = readFiles(["examples"], [".ts"])
    .map(({ path }) => path.replace(/\.ts$/, ""))
    .filter((path) => !path.startsWith("examples/shared/") && !NO_COMMANDS.includes(path));
  const known = new Set([...named, ...scripts].map(([, path]) => path));
  expect(known).toEqual(new Set(files));
  expect(files.length).toBeGreaterThan(10);
});
