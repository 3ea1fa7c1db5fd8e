/** Runs lanes side by side, each alone, no more than a limit, in turns of one segment. */
import type { Lane } from "./lane.ts";
import type { LaneWork } from "./record-work.ts";

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
  readonly #work: LaneWork;
  readonly #events: SchedulerEvents;
  readonly #ready = new Set<Lane>();
  #active = 0;

  constructor(limit: number, work: LaneWork, events: SchedulerEvents) {
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
      if (segment !== undefined) await this.#work(lane, segment);
    } catch (error) {
      lane.close();
      this.#events.failed(error);
    } finally {
      lane.finished();
      lane.running = undefined;
      this.#active--;
      this.wake(lane);
      this.#fill();
      this.#events.progress();
    }
  }
}
