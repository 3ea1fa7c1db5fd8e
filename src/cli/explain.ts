import { isTypewireError, messageLines, redactUrl, redactUrls } from "../base/index.ts";

/** An error for a terminal: what failed, one problem a line, then the next step. */
export function explain(error: unknown): string {
  if (isTypewireError(error)) {
    const [message = "", ...problems] = messageLines(error);
    const next = `${error.hint} [${error.code}]`;
    return problems.length === 0 ? `${message}. ${next}` : [message, ...problems, next].join("\n");
  }
  return redactUrls(error instanceof Error ? (error.stack ?? error.message) : String(error));
}

/** What a command prints, without the passwords of its arguments: also of those that it does not know. */
export function withoutPasswords(text: string, args: readonly string[]): string {
  const urls = args.filter((arg) => /@|:\/\//.test(arg));
  const bare = urls.reduce((all, arg) => {
    const [option = ""] = /^-[\w-]*=/.exec(arg) ?? [];
    return all.replaceAll(arg, option + redactUrl(arg.slice(option.length)));
  }, text);
  return redactUrls(bare);
}
