/**
 * Who sends a request, and what they may do: the one place where both are decided.
 *
 * Invariants:
 * - `front.ts` authenticates every request, once, before it looks for an answer: a hot read, a stream, a
 *   probe, a path that no route takes. Only refusals of HTTP itself, of foreign hosts and of foreign
 *   pages come before it, and the answer to a browser's preflight, which carries no credentials.
 * - Every route has an access row, and is not entered without its permit: `app.ts` checks it in a hook
 *   before the body is read, `hot-path.ts` before it answers.
 *
 * Today every caller is anonymous, and an anonymous caller may do everything.
 */
import type { IncomingMessage } from "node:http";
import type { RouteAccess } from "../api/index.ts";
import { forbidden } from "./http-error.ts";

/** Somebody who sends requests. */
export interface Principal {
  /** As usage and logs show it; `undefined` for an anonymous caller. */
  readonly name: string | undefined;
  /**
   * Whether a route may be entered.
   *
   * @param subject - The path's subject, decoded and in its context
   */
  permits(access: RouteAccess, subject: string | undefined): boolean;
}

/**
 * Finds out who sends a request. Answer without a promise where nothing has to be waited for: a hot read
 * is answered in the same turn then.
 *
 * @throws {@link HttpError} 401 or 403 for credentials that are not accepted; any other error is a 500,
 * and nobody gets in
 */
export type Authenticate = (request: IncomingMessage) => Principal | Promise<Principal>;

const ANONYMOUS: Principal = { name: undefined, permits: () => true };

/** Takes everybody for an anonymous caller. */
export const anonymous: Authenticate = () => ANONYMOUS;

/** Refuses a principal that has no permit. @throws 403 */
export function authorize(
  principal: Principal,
  access: RouteAccess,
  subject: string | undefined,
): void {
  // Only what says so permits: a promise of no is no permit.
  if (principal.permits(access, subject) === true) return;
  const { name } = principal;
  const who = name === undefined ? "An anonymous caller" : `The caller ${JSON.stringify(name)}`;
  const what = access.action === "public" ? "send this request" : `${access.action} ${access.on}`;
  throw forbidden(
    `${who} may not ${what}${subject === undefined ? "" : ` ${JSON.stringify(subject)}`}`,
  );
}
