// @ts-check
/**
 * The server jars of Apache Kafka: copied by Maven from Maven Central into the git-ignored folder
 * `.kafka/`, once per content of `pom.xml` and release. `TYPEWIRE_KAFKA_VERSION` asks for another release
 * than the one that `pom.xml` names.
 *
 * Invariant: a folder named `jars-<hash>` is complete. Jars are copied into a folder with a name of
 * its own and renamed at the end, so neither a killed Maven nor two runs at once leave half a folder.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const here = fileURLToPath(new URL(".", import.meta.url));
const pom = join(here, "pom.xml");
const MAVEN_TIMEOUT_MS = 300_000;

/** The first Java that Kafka 4.1 brokers run on. */
const JAVA_MIN = 17;

/**
 * Why Kafka can't be started on this machine, as a sentence; undefined when it can.
 *
 * @param {string} [root] where the jars are kept
 * @returns {Promise<string | undefined>}
 */
export async function whyNoKafka(root = join(here, ".kafka")) {
  const java = await versionOf("java", ["-version"], /version "(\d+)/);
  if (java === undefined) return `no Java on the PATH (Kafka needs Java ${JAVA_MIN} or later)`;
  if (java < JAVA_MIN) return `Java ${java} is too old (Kafka needs Java ${JAVA_MIN} or later)`;
  if (existsSync(jarsFolder(root))) return undefined;
  const maven = await versionOf("mvn", ["-v"], /Apache Maven (\d+)/);
  return maven === undefined ? "no Maven on the PATH (it fetches Kafka's jars)" : undefined;
}

/**
 * The folder with the jars; runs Maven when they are missing.
 *
 * @param {string} [root] where the jars are kept
 * @returns {Promise<string>}
 */
export async function installJars(root = join(here, ".kafka")) {
  const jars = jarsFolder(root);
  if (existsSync(jars)) return jars;
  mkdirSync(root, { recursive: true });
  const partial = mkdtempSync(join(root, "partial-"));
  try {
    await copyJars(partial);
    renameSync(partial, jars);
  } catch (error) {
    if (existsSync(jars)) return jars;
    throw error;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return jars;
}

/** @param {string} root */
function jarsFolder(root) {
  const hash = createHash("sha256")
    .update(readFileSync(pom))
    .update(kafkaVersion() ?? "")
    .digest("hex")
    .slice(0, 12);
  return join(root, `jars-${hash}`);
}

/** The release that the environment asks for; an empty variable is none. */
function kafkaVersion() {
  return process.env["TYPEWIRE_KAFKA_VERSION"] || undefined;
}

/** @param {string} folder */
async function copyJars(folder) {
  const args = ["-B", "-q", "-f", pom, "dependency:copy-dependencies"];
  args.push(`-DoutputDirectory=${folder}`, "-DincludeScope=runtime");
  const version = kafkaVersion();
  if (version !== undefined) args.push(`-Dkafka.version=${version}`);
  try {
    await run("mvn", args, { timeout: MAVEN_TIMEOUT_MS });
  } catch (error) {
    const { stdout, stderr } = /** @type {{ stdout?: string, stderr?: string }} */ (error);
    const said = `${stdout ?? ""}${stderr ?? ""}`.trim().split("\n").slice(-15).join("\n");
    throw new Error(
      `Maven could not fetch Kafka's jars (test/brokers/pom.xml). Check the network, or set ` +
        `TYPEWIRE_TEST_BROKERS to a running broker. Maven said:\n${said}`,
      { cause: error },
    );
  }
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {RegExp} pattern
 * @returns {Promise<number | undefined>} the major version, undefined when the command is missing
 */
async function versionOf(command, args, pattern) {
  try {
    const { stdout, stderr } = await run(command, args, { timeout: 30_000 });
    const major = pattern.exec(stdout + stderr)?.[1];
    return major === undefined ? undefined : Number(major);
  } catch {
    return undefined;
  }
}
