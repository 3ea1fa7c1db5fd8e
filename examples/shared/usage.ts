/** Arguments of the scenarios' programs. */

/** The arguments after the program's name; ends the program with its usage when some are missing. */
export function argumentsOf(usage: string, required: number): readonly string[] {
  const given = process.argv.slice(2);
  if (given.length < required) {
    process.stderr.write(`usage: ${usage}\n`);
    process.exit(2);
  }
  return given;
}

/** A whole number from an argument; ends the program with its usage when it is none. */
export function wholeNumber(usage: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (/^\d+$/.test(text)) return Number(text);
  process.stderr.write(`"${text}" is no whole number\nusage: ${usage}\n`);
  process.exit(2);
}
