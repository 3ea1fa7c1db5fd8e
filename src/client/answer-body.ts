/**
 * How much of an answer is read: a body of bounded size, and the target of a redirect.
 *
 * Invariants:
 * - No answer costs more memory than {@link ANSWER_BYTES_MAX} bytes, after decompression.
 * - Credentials and headers of the client reach the host that its URL names and no other.
 */

/** The largest body that is read, in bytes: a list of a million subjects fits. */
export const ANSWER_BYTES_MAX = 64 * 2 ** 20;

/** How often one attempt follows a redirect. */
export const REDIRECTS_MAX = 5;

/** The text of a body; `undefined` when it is, or says that it is, larger than `bytesMax`. */
export async function readText(
  response: Response,
  bytesMax = ANSWER_BYTES_MAX,
): Promise<string | undefined> {
  const { body } = response;
  if (body === null) return "";
  if (Number(response.headers.get("content-length")) > bytesMax) {
    await body.cancel();
    return undefined;
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop early cancels the stream, and with it the transfer.
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) return undefined;
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks, bytes));
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Whether an answer says that the resource is elsewhere. */
export function isRedirect({ status }: Response): boolean {
  return REDIRECTS.has(status);
}

/** Where a redirect leads to, or why it is not followed. */
export type Redirect = { readonly url: string } | { readonly reason: string };

/**
 * Follows within one origin, and from http to https on the same host. A call that writes is followed
 * only where the status keeps its method and body (307, 308).
 */
export function redirectOf(method: string, from: string, response: Response): Redirect {
  const location = response.headers.get("location") ?? "";
  if (location === "" || !URL.canParse(location, from)) {
    return { reason: `it redirects to no address, ${JSON.stringify(location)}` };
  }
  const [source, target] = [new URL(from), new URL(location, from)];
  const place = `${target.origin}${target.pathname}`;
  const isUpgrade = source.protocol === "http:" && target.protocol === "https:";
  if (target.origin !== source.origin && !(isUpgrade && target.hostname === source.hostname)) {
    return { reason: `it redirects to another host, ${place}; give that address if you trust it` };
  }
  const keepsMethod = response.status === 307 || response.status === 308;
  if (method !== "GET" && method !== "HEAD" && !keepsMethod) {
    return { reason: `it redirects to ${place}; give that address as the registry's URL` };
  }
  target.username = "";
  target.password = "";
  return { url: target.href };
}
