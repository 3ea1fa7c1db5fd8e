/** Runs lanes side by side, each alone, no more than a limit, in turns of one segment. */
import type { Lane, Segment } from "./lane.ts";
import type { Work } from "./record-work.ts";
import { LaneClosed } from "./record-work.ts";

/** What a scheduler reports. */
export interface SchedulerEvents {
  /** A lane's work failed; the lane is closed. */
  failed(error: unknown): void;
  /** Some work ended. */
  progress(): void;
}

/** Gives every lane with records its turn. */
export class Scheduler {
  readonly #limit: number;
  readonly #work: Work;
  readonly #events: SchedulerEvents;
  readonly #ready = new Set<Lane>();
  #active = 0;

  constructor(limit: number, work: Work, events: SchedulerEvents) {
    this.#limit = limit;
    this.#work = work;
    this.#events = events;
  }

  /** The lane may have records. */
  wake(lane: Lane): void {
    if (lane.running !== undefined || lane.take() === undefined) return;
    this.#ready.add(lane);
    this.#fill();
  }

  #fill(): void {
    for (const lane of this.#ready) {
      if (this.#active >= this.#limit) return;
      this.#ready.delete(lane);
      if (lane.closed) continue;
      this.#active++;
      lane.running = this.#run(lane);
    }
  }

  async #run(lane: Lane): Promise<void> {
    // Work starts when everything that was fetched is handed out.
    await Promise.resolve();
    try {
      const segment = lane.take();
      if (segment !== undefined) await this.#handle(lane, segment);
    } catch (error) {
      if (!(error instanceof LaneClosed)) {
        lane.close();
        this.#events.failed(error);
      }
    } finally {
      lane.finished();
      lane.running = undefined;
      this.#active--;
      this.wake(lane);
      this.#fill();
      this.#events.progress();
    }
  }

  /** Handles a segment in order, up to the lane's closing. */
  async #handle(lane: Lane, { shared: { batch }, indexes }: Segment): Promise<void> {
    const { each, together } = this.#work;
    if (together !== undefined) {
      const { done, error } = await together(batch, indexes, lane);
      for (const i of indexes.slice(0, done)) lane.handled(batch.offset(i));
      if (error !== undefined) throw error;
      return;
    }
    for (const i of indexes) {
      if (lane.closed) return;
      const working = each(batch, i, lane);
      if (working !== undefined) await working;
      lane.handled(batch.offset(i));
    }
  }
}
