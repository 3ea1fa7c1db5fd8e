/** What a handler of a route is given, and what it answers. */
import type { BodyOf, Operation, PathOf, QueryOf, Refusal } from "../api/index.ts";
import type { RegistryService } from "../registry/index.ts";
import type { ServerSettings } from "./settings.ts";

/** A request as its handler sees it: parsed, validated, subjects in their context. */
export interface Call<Name extends Operation> {
  readonly path: PathOf<Name>;
  readonly query: QueryOf<Name>;
  readonly body: BodyOf<Name>;
  /** The context of the prefix as `:.name:`, or `undefined` for the registry as a whole. */
  readonly scope: string | undefined;
  readonly ifMatch: string | undefined;
}

/** The entity, or why not. */
export type Outcome = Promise<unknown>;

/** Operations that answer with one entity; `changes.stream` answers with a stream. */
export type EntityRoute = Exclude<Operation, "changes.stream">;

export type Handlers = {
  readonly [Name in EntityRoute]: (
    service: RegistryService,
    call: Call<Name>,
    settings: ServerSettings,
  ) => Outcome;
};

/** The calls as the app makes them, the route known only at run time. */
export type AnyHandler = (
  service: RegistryService,
  call: Call<Operation>,
  settings: ServerSettings,
) => Promise<unknown | Refusal>;
