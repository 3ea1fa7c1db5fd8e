import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { onTestFinished } from "vitest";

/** A run of the command that has ended. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run of the command that goes on. */
export interface Running {
  readonly process: ChildProcess;
  /** Resolves with the first output that matches; rejects when the command ends before. */
  saw(pattern: RegExp): Promise<RegExpMatchArray>;
  readonly ended: Promise<Ended>;
}

/** The line of a registry that is ready; its URL is the first group. */
export const READY = /typewire registry ready at (http:\/\/127\.0\.0\.1:\d+) /;

const PROGRAM = resolve(import.meta.dirname, "../../bin/typewire.js");

/** Starts the built command; one that still runs when the test is over, because it failed, is ended. */
export function startCommand(args: readonly string[], cwd?: string, program = PROGRAM): Running {
  const child = spawn(process.execPath, [program, ...args], { cwd });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += String(chunk);
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += String(chunk);
  });
  const ended = once(child, "close").then(([status]) => {
    return { status: status as number | null, stdout, stderr };
  });
  const saw = async (pattern: RegExp): Promise<RegExpMatchArray> => {
    for (;;) {
      const match = pattern.exec(stdout);
      if (match) return match;
      if (child.exitCode !== null) throw new Error(`the command ended first: ${stdout}${stderr}`);
      await Promise.race([once(child.stdout, "data"), ended]);
    }
  };
  return { process: child, saw, ended };
}
