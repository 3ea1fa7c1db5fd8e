/** What a handler of a route is given, and what it answers. */
import type { BodyOf, PathOf, QueryOf, Refusal, RouteId } from "../api/index.ts";
import type { RegistryService } from "../registry/index.ts";
import type { ServerSettings } from "./settings.ts";

/** A request as its handler sees it: parsed, validated, subjects in their context. */
export interface Call<Id extends RouteId> {
  readonly path: PathOf<Id>;
  readonly query: QueryOf<Id>;
  readonly body: BodyOf<Id>;
  /** The context of the prefix as `:.name:`, or `undefined` for the registry as a whole. */
  readonly scope: string | undefined;
  readonly ifMatch: string | undefined;
}

/** The entity, or why not. */
export type Outcome = Promise<unknown>;

/** Routes that answer with one entity; E5 answers with a stream. */
export type EntityRoute = Exclude<RouteId, "E5">;

export type Handlers = {
  readonly [Id in EntityRoute]: (
    service: RegistryService,
    call: Call<Id>,
    settings: ServerSettings,
  ) => Outcome;
};

/** The calls as the app makes them, the route known only at run time. */
export type AnyHandler = (
  service: RegistryService,
  call: Call<RouteId>,
  settings: ServerSettings,
) => Promise<unknown | Refusal>;
