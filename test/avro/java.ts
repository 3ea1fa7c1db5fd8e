/** Runs the Java referee (test/java) on a batch of cases; built once a run, with Maven. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const FOLDER = join(import.meta.dirname, "../java");

/** One question to the referee; see Referee.java. */
export type RefereeCase =
  | { readonly op: "schema"; readonly text: string }
  | { readonly op: "chain"; readonly texts: readonly string[] }
  | { readonly op: "pair"; readonly reader: string; readonly writer: string }
  | {
      readonly op: "bytes";
      readonly writer: string;
      readonly reader?: string;
      readonly hex: string;
    };

/** One answer; which members it has depends on the question. */
export interface RefereeAnswer {
  readonly error?: string;
  readonly text?: string;
  readonly canonical?: string;
  readonly closed?: string;
  readonly stored?: string;
  readonly rabin?: string;
  readonly incompatibilities?: readonly {
    readonly type: string;
    readonly location: string;
    readonly message: string;
  }[];
  readonly hex?: string;
  readonly rest?: number;
}

/** Why the referee cannot be asked here; `undefined` when it can. */
export function refereeProblem(): string | undefined {
  for (const [command, flag] of [
    ["java", "-version"],
    ["mvn", "-version"],
  ] as const) {
    if (spawnSync(command, [flag]).status !== 0) return `${command} is not installed`;
  }
  return undefined;
}

/** Asks the referee; one answer for each case, in order. */
export function askReferee(cases: readonly RefereeCase[]): RefereeAnswer[] {
  const goals = ["compile", "dependency:build-classpath", "-Dmdep.outputFile=target/classpath"];
  execFileSync("mvn", ["-q", "-B", ...goals], { cwd: FOLDER, stdio: ["ignore", "ignore", "pipe"] });
  const libraries = readFileSync(join(FOLDER, "target/classpath"), "utf8").trim();
  const folder = mkdtempSync(join(tmpdir(), "typewire-referee-"));
  try {
    const [input, output] = [join(folder, "in.jsonl"), join(folder, "out.jsonl")];
    writeFileSync(input, cases.map((one) => `${JSON.stringify(one)}\n`).join(""));
    const classpath = `${join(FOLDER, "target/classes")}:${libraries}`;
    const options = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", classpath];
    execFileSync("java", [...options, "typewire.Referee", input, output], {
      stdio: ["ignore", "ignore", "pipe"],
      maxBuffer: 1 << 28,
    });
    const lines = readFileSync(output, "utf8").trimEnd().split("\n");
    return lines.map((line) => JSON.parse(line) as RefereeAnswer);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
