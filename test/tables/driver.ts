import type { Operation } from "../../src/api/index.ts";

/** One row's request, in terms of the route table. */
export interface TableRequest {
  readonly route: Operation;
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** Value of the `If-Match` header. */
  readonly ifMatch?: string;
}

/** What came back: the entity, or the error as clients see it. */
export type TableAnswer =
  | { readonly value: unknown }
  | { readonly status: number; readonly errorCode: number; readonly message: string };

/** A registry that a table is played on. */
export interface TableRegistry {
  call(request: TableRequest): Promise<TableAnswer>;
  /** Forgets everything in memory and starts again from what is stored. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** A way to reach a registry: through its service on some store, over HTTP. */
export interface TableDriver {
  readonly name: string;
  /** Starts an empty registry. */
  start(): Promise<TableRegistry>;
}
