import { vi } from "vitest";
import { run } from "../../src/cli/main.ts";
import type { Ended } from "./command.ts";

/** Runs the command inside this process: no start-up time, the same output and status. */
export async function runHere(args: readonly string[]): Promise<Ended> {
  const written = { stdout: "", stderr: "" };
  const capture = (name: "stdout" | "stderr") =>
    vi.spyOn(process[name], "write").mockImplementation((chunk) => {
      written[name] += String(chunk);
      return true;
    });
  const spies = [capture("stdout"), capture("stderr")];
  const before = process.exitCode;
  process.exitCode = 0;
  try {
    await run(args, "0.0.0-test");
    return { status: Number(process.exitCode), ...written };
  } finally {
    process.exitCode = before;
    for (const spy of spies) spy.mockRestore();
  }
}

/** The code at the end of an error's line. */
export function codeIn({ stderr }: Ended): string | undefined {
  return /\[([A-Z_]+)\]\n$/.exec(stderr)?.[1];
}
