/** The commands of a shell block: words, pipes and the comments that show an answer. Nothing is run here. */

/** One command of a block. */
export interface ShellCommand {
  readonly words: readonly string[];
  /** Whether its input is the output of the command before. */
  readonly isPiped: boolean;
  /** What the comments behind it show, each without its `#`. */
  readonly shown: readonly string[];
}

const TOKEN =
  /(?<gap>[ \t]+|\\\n)|(?<comment>#[^\n]*)|(?<end>\n|&&|;|\|)|(?<word>(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\;|&])+)/gy;

/** Reads a block as a POSIX shell would, as far as documents need it: no substitution, no redirection. */
export function commandsOf(block: string): ShellCommand[] {
  const commands: { words: string[]; isPiped: boolean; shown: string[] }[] = [];
  let words: string[] = [];
  let isPiped = false;
  const finish = (pipe: boolean) => {
    if (words.length > 0) commands.push({ words, isPiped, shown: [] });
    if (words.length > 0 || pipe) isPiped = pipe;
    words = [];
  };
  let end = 0;
  for (const { groups = {}, index, 0: whole } of `${block}\n`.matchAll(TOKEN)) {
    if (index !== end) break;
    end = index + whole.length;
    if (groups["word"] !== undefined) words.push(unquoted(groups["word"]));
    else if (groups["comment"] !== undefined) {
      finish(false);
      commands.at(-1)?.shown.push(groups["comment"].slice(1).trim());
    } else if (groups["end"] !== undefined) {
      // A pipe at the end of a line goes on in the next one.
      if (groups["end"] !== "\n" || words.length > 0) finish(groups["end"] === "|");
    }
  }
  if (end <= block.length) throw new Error(`no shell that is understood: ${block.slice(end)}`);
  return commands;
}

function unquoted(word: string): string {
  return word.replace(
    /'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/g,
    (_whole, single?: string, double?: string, escaped?: string) =>
      single ?? double?.replace(/\\(["\\$`])/g, "$1") ?? escaped ?? "",
  );
}

/** What a `curl` asks for. */
export interface CurlRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** `-i`: the headers of the answer belong to the output. */
  readonly showsHeaders: boolean;
}

/** Reads the words of a `curl`. @throws Error for an option that no document uses */
export function curlOf(words: readonly string[], stdin: string): CurlRequest {
  const headers: Record<string, string> = {};
  const implied = { "Content-Type": "application/x-www-form-urlencoded" };
  let [url, method, body, showsHeaders] = ["", "", undefined as string | undefined, false];
  for (let at = 1; at < words.length; at++) {
    const word = words[at] ?? "";
    const value = words[at + 1] ?? "";
    if (word === "-s" || word === "-i") showsHeaders ||= word === "-i";
    else if (!word.startsWith("-")) url = word;
    else {
      at++;
      if (word === "-X") method = value;
      else if (word === "-d" || word === "--data") body = value === "@-" ? stdin : value;
      else if (word === "-H") {
        const [, name = "", text = ""] = /^([^:]+): *(.*)$/s.exec(value) ?? [];
        headers[name] = text;
      } else throw new Error(`curl ${word} is not known here`);
    }
  }
  return {
    url,
    method: method || (body === undefined ? "GET" : "POST"),
    headers: body === undefined ? headers : { ...implied, ...headers },
    body,
    showsHeaders,
  };
}
