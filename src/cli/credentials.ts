/**
 * Credentials of a registry from variables or files, so that none has to stand in a command line, which
 * other users of the machine can read.
 */

import { readFileSync } from "node:fs";
import { Option } from "commander";
import { reasonOf } from "../base/index.ts";
import type { RegistryAuth, RegistryClientOptions } from "../client/index.ts";
import { cliErrors } from "./errors.ts";

/** Whose credentials: the variables begin with it. */
export type CredentialsPrefix = "TYPEWIRE_REGISTRY" | "TYPEWIRE_FROM" | "TYPEWIRE_TO";

/** Says which variables there are, under an option's description in `--help`. */
export function registryOption(flags: string, description: string, prefix: CredentialsPrefix) {
  const variables = `${prefix}_USER and _PASSWORD, or _TOKEN`;
  return new Option(flags, `${description}; credentials: ${variables} (each with _FILE)`);
}

/**
 * Where a registry is, and as whom to ask it. A user in the URL counts before the variables: an option
 * wins over the environment.
 *
 * @throws CLI_CREDENTIALS_INVALID, CLI_FILE_UNUSABLE
 */
export function registryAt(url: string, prefix: CredentialsPrefix): RegistryClientOptions {
  const auth = url.includes("@") ? undefined : credentialsOf(prefix);
  return { url, ...(auth !== undefined && { auth }) };
}

function credentialsOf(prefix: CredentialsPrefix): RegistryAuth | undefined {
  const username = readVariable(`${prefix}_USER`);
  const password = readVariable(`${prefix}_PASSWORD`);
  const token = readVariable(`${prefix}_TOKEN`);
  const invalid = (variable: string, reason: string) =>
    cliErrors.create("CLI_CREDENTIALS_INVALID", { variable, reason });
  if (token !== undefined) {
    if (username === undefined && password === undefined) return { token };
    throw invalid(`${prefix}_TOKEN`, "there is a user or a password, too");
  }
  if (username !== undefined && password !== undefined) return { username, password };
  if (username !== undefined) throw invalid(`${prefix}_USER`, "there is no password to it");
  if (password !== undefined) throw invalid(`${prefix}_PASSWORD`, "there is no user to it");
  return undefined;
}

/** A variable's value, or the content of the file that its `_FILE` variant names; empty counts as absent. */
function readVariable(variable: string): string | undefined {
  const value = process.env[variable] || undefined;
  const file = process.env[`${variable}_FILE`] || undefined;
  if (file === undefined) return value;
  if (value !== undefined) {
    const reason = `${variable}_FILE is there, too`;
    throw cliErrors.create("CLI_CREDENTIALS_INVALID", { variable, reason });
  }
  try {
    // Editors and `echo` end a file with a new line, which belongs to no password.
    return readFileSync(file, "utf8").replace(/\r?\n$/, "");
  } catch (cause) {
    const reason = reasonOf(cause);
    throw cliErrors.create("CLI_FILE_UNUSABLE", { file, reason }, cause);
  }
}
