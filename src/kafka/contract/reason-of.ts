/** The words of an error that may be anything: what a handler throws is not ours. */

/** What it says; never throws. */
export function reasonOf(error: unknown): string {
  try {
    if (error instanceof Error) {
      const { message } = error as { readonly message: unknown };
      return typeof message === "string" && message !== "" ? message : error.constructor.name;
    }
    return String(error);
  } catch {
    return typeof error === "object" ? "an object that has no text" : `a ${typeof error}`;
  }
}
