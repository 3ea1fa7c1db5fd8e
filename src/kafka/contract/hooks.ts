/**
 * What the clients tell an observer: one optional method for each kind of event, called after the
 * fact. The model is franz-go's hooks. Metrics, traces, logs and health stand on them.
 *
 * Every event is also published on a `diagnostics_channel`: `typewire.kafka.handled` for `onHandled`,
 * and so on, for tools that the application does not know of.
 *
 * Invariants: a hook is called synchronously and must not wait; one that throws changes nothing of
 * what the client does; no event carries the payload of a record.
 */
import type { Channel } from "node:diagnostics_channel";
import { channel } from "node:diagnostics_channel";
import type { TopicPartition } from "../../rdkafka/index.ts";

/** Which client an event is about. */
export interface ClientIdentity {
  readonly kind: "producer" | "consumer" | "admin";
  readonly clientId: string;
  /** The group of a consumer. */
  readonly group?: string;
}

interface Of {
  readonly client: ClientIdentity;
}

/** The client is connected, or closed for good. */
export interface ConnectionEvent extends Of {
  readonly brokers: readonly string[];
}

/** Something went wrong; `fatal` when the client can't go on. */
export interface ErrorEvent extends Of {
  readonly error: unknown;
  readonly fatal: boolean;
}

/** The brokers, or the registry, stopped answering, or answer again. */
export interface OutageEvent extends Of {
  readonly what: "brokers" | "registry";
  readonly over: boolean;
  /** Since when, in milliseconds since the epoch. */
  readonly since: number;
  readonly error?: unknown;
}

/** Partitions were given to a consumer, or taken away. */
export interface RebalanceHookEvent extends Of {
  readonly kind: "assign" | "revoke";
  readonly partitions: readonly TopicPartition[];
  /** How long handlers of revoked partitions took to finish, in milliseconds. */
  readonly drainMs?: number;
  /** The drain ended by its deadline. */
  readonly timedOut?: boolean;
}

/** Fetching of partitions was paused or goes on. */
export interface PauseEvent extends Of {
  readonly partitions: readonly TopicPartition[];
  readonly paused: boolean;
  readonly why: "buffer" | "retry" | "outage" | "user";
}

/** A record was handed to a handler and is done, or failed once. */
export interface HandledEvent extends Of {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Milliseconds since the epoch; -1 when unknown. */
  readonly timestamp: number;
  readonly outcome: "ok" | "failed" | "dead-lettered" | "skipped";
  /** 1 for the first. */
  readonly attempt: number;
  readonly durationMs: number;
  /** Records, when a batch was handled. */
  readonly count: number;
  readonly error?: unknown;
}

/** A record will be tried again. */
export interface RetryEvent extends Of {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly stage: string;
  readonly attempt: number;
  readonly delayMs: number;
  readonly error: unknown;
}

/** A record went to a dead-letter or retry topic, acknowledged. */
export interface ForwardEvent extends Of {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly to: string;
  readonly stage: string;
  readonly error: unknown;
}

/** A produced record is acknowledged, or failed. */
export interface DeliveryEvent extends Of {
  readonly topic: string;
  readonly partition: number;
  /** -1 when it failed. */
  readonly offset: number;
  readonly durationMs: number;
  readonly error?: unknown;
}

/** Offsets were committed, or that failed. */
export interface CommitEvent extends Of {
  readonly offsets: readonly (TopicPartition & { readonly offset: number })[];
  readonly durationMs: number;
  readonly error?: unknown;
}

/** Records that are not handled yet, by partition; absent where it is unknown. */
export interface LagEvent extends Of {
  readonly lags: readonly (TopicPartition & { readonly lag: number })[];
}

/** The consumer's loop went round: it lives. */
export interface TickEvent extends Of {
  readonly buffered: number;
  readonly bufferedBytes: number;
  readonly inFlight: number;
  readonly assigned: number;
  /** How long the handler that has run longest runs, in milliseconds; 0 when none does. */
  readonly oldestHandlerMs?: number;
}

/** Every hook; each one optional. */
export interface KafkaHooks {
  onConnect?(event: ConnectionEvent): void;
  onClose?(event: ConnectionEvent): void;
  onError?(event: ErrorEvent): void;
  onOutage?(event: OutageEvent): void;
  onRebalance?(event: RebalanceHookEvent): void;
  onPause?(event: PauseEvent): void;
  onHandled?(event: HandledEvent): void;
  onRetry?(event: RetryEvent): void;
  onForward?(event: ForwardEvent): void;
  onDelivery?(event: DeliveryEvent): void;
  onCommit?(event: CommitEvent): void;
  onLag?(event: LagEvent): void;
  onTick?(event: TickEvent): void;
}

/** The name of a hook. */
export type HookName = keyof KafkaHooks;

type EventOf<Name extends HookName> = Parameters<NonNullable<KafkaHooks[Name]>>[0];

/** Calls the hooks of one client, and publishes on the channels. */
export class HookCaller {
  readonly #hooks: readonly KafkaHooks[];
  readonly client: ClientIdentity;

  constructor(hooks: readonly KafkaHooks[] | undefined, client: ClientIdentity) {
    this.#hooks = hooks ?? [];
    this.client = client;
  }

  /** Whether anybody listens; asked before an event is built on a hot path. */
  wants(name: HookName): boolean {
    for (const hooks of this.#hooks) if (hooks[name] !== undefined) return true;
    return channelOf(name).hasSubscribers;
  }

  /** Tells everybody who listens. */
  call<Name extends HookName>(name: Name, event: Omit<EventOf<Name>, "client">): void {
    const whole = { client: this.client, ...event };
    for (const hooks of this.#hooks) {
      try {
        (hooks[name] as ((event: unknown) => void) | undefined)?.call(hooks, whole);
      } catch {
        // An observer must not change what the client does.
      }
    }
    const told = channelOf(name);
    if (told.hasSubscribers) told.publish(whole);
  }
}

const CHANNEL_PREFIX = "typewire.kafka.";
const channels = new Map<HookName, Channel>();

/** The channel of a hook; kept, because the runtime forgets one that nobody holds. */
function channelOf(name: HookName): Channel {
  let found = channels.get(name);
  if (found === undefined) {
    found = channel(CHANNEL_PREFIX + name.slice(2).toLowerCase());
    channels.set(name, found);
  }
  return found;
}
