/** Versions, scopes and references as an import names them: pure. */
import type { Config, Metadata, Mode, RuleSet, SchemaReference } from "../api/index.ts";
import { subjectSegment } from "../client/index.ts";
import {
  contextKey,
  contextNamed,
  contextPrefix,
  DEFAULT_CONTEXT,
  EVERYTHING_KEY,
  GLOBAL_KEY,
  isValidScope,
  prefixSubject,
  qualifySubject,
  splitSubject,
} from "../confluent/index.ts";
import { cliErrors } from "./errors.ts";

/** A version of a subject, live or soft-deleted. */
export interface HeldVersion {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  readonly schemaType: string;
  readonly schema: string;
  readonly references: readonly SchemaReference[];
  readonly metadata?: Metadata;
  readonly ruleSet?: RuleSet;
  readonly deleted: boolean;
}

/** Everything that an import carries over. Scopes are subjects, contexts (`:.x:`), {@link GLOBAL_KEY}. */
export interface Holdings {
  readonly versions: readonly HeldVersion[];
  /** Own configurations by scope; that of {@link GLOBAL_KEY} is the one in force. */
  readonly configs: ReadonlyMap<string, Config>;
  /** Own modes by scope; that of {@link GLOBAL_KEY} is the one in force. */
  readonly modes: ReadonlyMap<string, Mode>;
  /** Settings of which it can't be told whether they are the scope's own. */
  readonly untold: {
    readonly configs: ReadonlyMap<string, Config>;
    readonly modes: ReadonlyMap<string, Mode>;
  };
  /** What is listed and could not be read: a version, or a whole subject. */
  readonly unread: readonly { readonly subject: string; readonly version?: number }[];
  /** What is missing here, one sentence each. */
  readonly problems: readonly string[];
  /** What was strange, and is not missing. */
  readonly notes: readonly string[];
}

/** The scope of a subject's context; of a context, itself. */
export function contextScope(subject: string): string {
  return contextKey(splitSubject(subject).context);
}

/** A subject as a reference of `referrer` names it: without a context it is in the same one. */
function besides(referrer: string, subject: string): string {
  return qualifySubject(splitSubject(referrer).context, subject);
}

/** The path of a config or mode. */
export function scopePath(kind: "config" | "mode", scope: string): string {
  return scope === GLOBAL_KEY ? `/${kind}` : `/${kind}/${subjectSegment(scope)}`;
}

/** The path of a subject's versions. */
export function versionsPath(subject: string): string {
  return `/subjects/${subjectSegment(subject)}/versions`;
}

/** Says which version it is; unique in a registry. */
export function keyOf({ subject, version }: Pick<HeldVersion, "subject" | "version">): string {
  return `${version} ${subject}`;
}

/** A version as sentences name it. */
export function nameOf({ subject, version }: Pick<HeldVersion, "subject" | "version">): string {
  return `subject ${JSON.stringify(subject)} version ${version}`;
}

/** Finds what a version refers to; references to what is not there are left out. */
export function createReferenceFinder(
  versions: readonly HeldVersion[],
): (referrer: HeldVersion) => HeldVersion[] {
  const byKey = new Map(versions.map((version) => [keyOf(version), version]));
  const latest = new Map<string, number>();
  for (const { subject, version } of versions) {
    latest.set(subject, Math.max(version, latest.get(subject) ?? 0));
  }
  return (referrer) =>
    referrer.references.flatMap((reference) => {
      const subject = besides(referrer.subject, reference.subject);
      const version = reference.version < 0 ? (latest.get(subject) ?? 0) : reference.version;
      return byKey.get(keyOf({ subject, version })) ?? [];
    });
}

/**
 * The context that an import is to be put into, from what was given for it.
 *
 * @throws CLI_CONTEXT_INVALID
 */
export function readContext(text: string): string {
  const name = contextNamed(text);
  const isName = name !== undefined && name !== DEFAULT_CONTEXT && isValidScope(contextKey(name));
  if (isName && contextKey(name) !== EVERYTHING_KEY) return name;
  throw cliErrors.create("CLI_CONTEXT_INVALID", { name: text });
}

/**
 * Puts everything of the default context into another one, with what leads there by its full name;
 * named contexts stay.
 */
export function intoContext(holdings: Holdings, context: string): Holdings {
  const scope = contextKey(context);
  const moved = (name: string): string =>
    name === GLOBAL_KEY ? scope : prefixSubject(scope, name);
  const renamed = <T>(values: ReadonlyMap<string, T>) =>
    new Map([...values].map(([name, value]) => [moved(name), value]));
  const modes = renamed(holdings.modes);
  modes.delete(scope);
  // The target's default context has other subjects of these names.
  const followed = (name: string): string =>
    contextPrefix(name) === GLOBAL_KEY ? scope + splitSubject(name).subject : name;
  const configs = new Map(
    [...renamed(holdings.configs)].map(([name, config]) => {
      const { alias } = config;
      return [name, alias ? { ...config, alias: followed(alias) } : config];
    }),
  );
  // It would reach the target's other contexts.
  configs.delete(EVERYTHING_KEY);
  return {
    ...holdings,
    versions: holdings.versions.map((held) => ({
      ...held,
      subject: moved(held.subject),
      references: held.references.map((one) => ({ ...one, subject: followed(one.subject) })),
    })),
    unread: holdings.unread.map((each) => ({ ...each, subject: moved(each.subject) })),
    configs,
    modes,
  };
}
