/**
 * Clusters that are not reached over the network: a list of brokers may carry the cluster itself, and
 * then the clients get their bindings from it. `typewire/testing` makes such lists.
 *
 * Invariants: settings are checked as for any other cluster; nothing native is loaded.
 */
import type { AdminBinding, ConsumerBinding, ProducerBinding } from "./binding.ts";
import type { ConsumerBindingOptions } from "./consumer.ts";
import type { ProducerBindingOptions } from "./producer.ts";
import type { ConnectionOptions } from "./settings.ts";

/** Where the clients of a cluster in this process take their time from. */
export interface ClusterClock {
  /** Milliseconds on a clock that never goes back. */
  now(): number;
  /** Calls back after so many milliseconds; the returned function cancels. */
  after(ms: number, callback: () => void): () => void;
}

/** A cluster in this process. */
export interface LocalCluster {
  readonly clock: ClusterClock;
  connectProducer(options: ProducerBindingOptions): Promise<ProducerBinding>;
  connectConsumer(options: ConsumerBindingOptions): Promise<ConsumerBinding>;
  connectAdmin(options: ConnectionOptions): Promise<AdminBinding>;
}

/** Where a list of brokers carries its cluster. */
export const LOCAL_CLUSTER: unique symbol = Symbol.for("typewire.localCluster");

/** `host:port` of brokers, or the list that stands for a cluster in this process. */
export interface BrokerList extends ReadonlyArray<string> {
  /** Ours alone; `typewire/testing` sets it. */
  readonly [LOCAL_CLUSTER]?: unknown;
}

/** The cluster that a list stands for; undefined when it has to be reached over the network. */
export function localClusterOf(brokers: BrokerList): LocalCluster | undefined {
  return brokers[LOCAL_CLUSTER] as LocalCluster | undefined;
}
