/**
 * Runs the programs of `examples/` as processes, each in a terminal of its own, so to speak. Needs the
 * build. Whatever a test forgets is ended by its process id when the test is over.
 */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createRegistryServer } from "../../src/server/index.ts";

/** A program that runs, or has run. */
export interface Program {
  /** What it has written to its output so far. */
  readonly lines: readonly string[];
  /** Writes a line to its input. */
  type(line: string): void;
  /** Ends its input. */
  endInput(): void;
  /** Waits for a line that matches and gives it; rejects when the program ends without one. */
  says(pattern: RegExp): Promise<string>;
  /** Waits for the end; rejects unless its status is 0. */
  ends(): Promise<void>;
  /** Asks it to stop, as Ctrl-C does, and waits for a good end. */
  stop(): Promise<void>;
}

/** Terminals on one Kafka and one registry. */
export interface Terminals {
  readonly registry: string;
  /** Starts `examples/<name>.ts`. */
  start(name: string, ...args: readonly string[]): Program;
  /** Runs it to its end, and gives its lines. */
  run(name: string, ...args: readonly string[]): Promise<readonly string[]>;
  /** Ends every program that still runs. */
  endAll(): Promise<void>;
  /** Ends everything, the registry too. */
  close(): Promise<void>;
}

/** No program of a test lives longer, whatever happens to the test. */
const LIFETIME_MS = 120_000;

/** Opens terminals with a registry of their own in memory. */
export async function openTerminals(brokers: readonly string[]): Promise<Terminals> {
  const registry = await createRegistryServer({ store: "memory", host: "127.0.0.1", port: 0 });
  const env = {
    ...process.env,
    KAFKA_BROKERS: brokers.join(","),
    TYPEWIRE_REGISTRY: registry.url,
  };
  const running = new Set<ChildProcess>();
  const start = (name: string, ...args: readonly string[]): Program => {
    const file = fileURLToPath(new URL(`../../dist/examples/${name}.js`, import.meta.url));
    const child = spawn(process.execPath, [file, ...args], {
      env,
      stdio: ["pipe", "pipe", "pipe"],
      timeout: LIFETIME_MS,
      killSignal: "SIGKILL",
    });
    running.add(child);
    void once(child, "exit").then(() => running.delete(child));
    return programOf(child, [name, ...args].join(" "));
  };
  const endAll = async () => {
    const ends = [...running].map((child) => once(child, "exit"));
    for (const child of running) child.kill("SIGKILL");
    await Promise.all(ends);
  };
  return {
    registry: registry.url,
    start,
    async run(name, ...args) {
      const program = start(name, ...args);
      await program.ends();
      return program.lines;
    },
    endAll,
    async close() {
      await endAll();
      await registry.close();
    },
  };
}

function programOf(child: ChildProcess, name: string): Program {
  const lines: string[] = [];
  const problems: string[] = [];
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) throw new Error("no pipes");
  createInterface({ input: stdout }).on("line", (line) => lines.push(line));
  createInterface({ input: stderr }).on("line", (line) => problems.push(line));
  let status: number | NodeJS.Signals | undefined;
  // `close` comes after the last line.
  const closed = once(child, "close").then(([code, signal]) => {
    status = (code ?? signal) as number | NodeJS.Signals;
  });
  const story = () => [...lines, ...problems].join("\n");
  const ends = async () => {
    await closed;
    if (status !== 0) throw new Error(`${name} ended with ${status}:\n${story()}`);
  };
  return {
    lines,
    type: (line) => void stdin.write(`${line}\n`),
    endInput: () => void stdin.end(),
    async says(pattern) {
      for (;;) {
        const isOver = status !== undefined;
        const found = lines.find((line) => pattern.test(line));
        if (found !== undefined) return found;
        if (isOver) throw new Error(`${name} ended without ${pattern}:\n${story()}`);
        await sleep(20);
      }
    },
    ends,
    async stop() {
      child.kill("SIGTERM");
      await ends();
    },
  };
}
