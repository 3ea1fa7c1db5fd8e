// @ts-check
/**
 * Completes package-lock.json after `npm install`: `node .ci/complete-lock.mjs`.
 *
 * Tools with native code are one package per platform, as optional dependencies. npm leaves those out
 * of the lock file that the registry in use does not serve, and then `npm ci` refuses the file as
 * incomplete. This adds them, with the version that their parent asks for and the platform that their
 * name tells; npm passes over them elsewhere, as it does with all packages of other platforms.
 */
import { readFileSync, writeFileSync } from "node:fs";

/**
 * An entry of the lock file.
 * @typedef {object} Entry
 * @property {string} [version]
 * @property {boolean} [dev]
 * @property {boolean} [optional]
 * @property {string[]} [cpu]
 * @property {string[]} [os]
 * @property {string[]} [libc]
 * @property {Record<string, string>} [optionalDependencies]
 */

const path = new URL("../package-lock.json", import.meta.url);
const lock = /** @type {{ packages: Record<string, Entry> }} */ (
  JSON.parse(readFileSync(path, "utf8"))
);
const known = new Set(Object.keys(lock.packages).map((key) => key.split("node_modules/").at(-1)));

let added = 0;
for (const parent of Object.values({ ...lock.packages })) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    if (known.has(name)) continue;
    lock.packages[`node_modules/${name}`] = {
      version,
      ...platformOf(name),
      ...(parent.dev === true ? { dev: true } : {}),
      optional: true,
    };
    known.add(name);
    added++;
  }
}
const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, "en"));
lock.packages = Object.fromEntries(sorted);
writeFileSync(path, `${JSON.stringify(lock, undefined, 2)}\n`);
process.stdout.write(`${added} optional packages of other platforms added\n`);

/**
 * `@biomejs/cli-linux-x64-musl` runs on linux, x64, musl.
 *
 * @param {string} name
 */
function platformOf(name) {
  const pattern =
    /(android|darwin|freebsd|linux|openharmony|win32|windows)-(arm64|arm|x64|ia32|ppc64|riscv64|s390x)(?:-(\w+))?$/;
  const [, os, cpu, rest = ""] = pattern.exec(name.slice(name.lastIndexOf("/"))) ?? [];
  if (os === undefined || cpu === undefined) throw new Error(`${name} names no platform`);
  const libc = rest.startsWith("musl") ? ["musl"] : rest.startsWith("gnu") ? ["glibc"] : undefined;
  return { cpu: [cpu], ...(libc ? { libc } : {}), os: [os === "windows" ? "win32" : os] };
}
