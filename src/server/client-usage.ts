/**
 * Notes which client reads and which registers which schema.
 *
 * Invariants:
 * - A client is its principal, where that has a name. An anonymous one is who it says it is
 *   (`X-Client-Id`), else its user name, else its address and `User-Agent`: nothing of that is checked,
 *   as it is for finding users, not for letting them in.
 * - A note never makes a request fail, and names are bounded.
 */
import type { IncomingMessage } from "node:http";
import type { Operation } from "../api/index.ts";
import type { RegistryService, UsageNote } from "../registry/index.ts";
import type { Principal } from "./authenticate.ts";

/** What is known of a request that succeeded. */
interface Answered {
  readonly operation: Operation;
  readonly call: {
    readonly path: object;
    readonly query: object;
    readonly scope: string | undefined;
    readonly principal: Principal;
  };
  readonly outcome: unknown;
}

/** Notes usage. */
interface UsageNotes {
  /** A schema was read by id. */
  read(request: IncomingMessage, principal: Principal, id: number): void;
  /** A route answered. */
  answered(request: IncomingMessage, answered: Answered): void;
}

const KINDS: Readonly<Partial<Record<Operation, UsageNote["kind"]>>> = {
  "subjects.get-schema": "read",
  "subjects.versions.register": "registered",
  "subjects.versions.get-schema": "read",
  "subjects.versions.get-schema.only": "read",
  "subjects.versions.modify-tags": "registered",
  "schemas.ids.get-schema": "read",
  "schemas.ids.get-schema.only": "read",
  "schemas.guids.get-schema": "read",
};

export function createUsageNotes({ usage }: RegistryService): UsageNotes {
  const note = (
    request: IncomingMessage,
    principal: Principal,
    kind: UsageNote["kind"],
    schema: number | string,
    subject: string | undefined,
  ): void => {
    const client = principal.name ?? clientOf(request);
    usage.note({ kind, schema, client, ...(subject === undefined ? {} : { subject }) });
  };
  return {
    read: (request, principal, id) => note(request, principal, "read", id, undefined),
    answered(request, { operation, call, outcome }) {
      if (operation === "batch.register") {
        for (const item of appliedItems(outcome))
          note(request, call.principal, "registered", item.id, item.subject);
        return;
      }
      const kind = KINDS[operation];
      if (kind === undefined) return;
      const { path, query, scope } = call as {
        readonly path: { readonly id?: string; readonly guid?: string; readonly subject?: string };
        readonly query: { readonly subject?: string };
        readonly scope: string | undefined;
      };
      const schema = path.id === undefined ? (path.guid ?? idOf(outcome)) : Number(path.id);
      note(request, call.principal, kind, schema, path.subject ?? query.subject ?? scope);
    },
  };
}

function idOf(outcome: unknown): number {
  return (outcome as { readonly id: number }).id;
}

function appliedItems(
  outcome: unknown,
): readonly { readonly id: number; readonly subject: string }[] {
  const { applied, items } = outcome as {
    readonly applied?: boolean;
    readonly items?: readonly { readonly id: number; readonly subject: string }[];
  };
  return applied === true ? (items ?? []) : [];
}

const NAME_CHARS_MAX = 200;
const BASIC = "Basic ";

function clientOf({ headers, socket }: IncomingMessage): string {
  const own = headers["x-client-id"];
  if (typeof own === "string" && own !== "") return bounded(own);
  const user = userOf(headers.authorization);
  if (user !== "") return bounded(user);
  const address = socket.remoteAddress ?? "";
  const agent = headers["user-agent"];
  return agent === undefined ? address : bounded(`${address} ${agent}`);
}

function userOf(authorization: string | undefined): string {
  if (authorization?.startsWith(BASIC) !== true) return "";
  const credentials = Buffer.from(authorization.slice(BASIC.length), "base64").toString();
  const colon = credentials.indexOf(":");
  return colon < 0 ? "" : credentials.slice(0, colon);
}

/** A copy, so that a short name does not keep a long header in memory. */
function bounded(name: string): string {
  return name.length <= NAME_CHARS_MAX
    ? name
    : Buffer.from(name.slice(0, NAME_CHARS_MAX)).toString();
}
