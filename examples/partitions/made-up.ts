/** Made-up readings, the same ones in each run. */
import type { RecordOf } from "typewire/kafka";
import type { readings } from "../shared/generated/index.js";

const SENSORS = ["attic", "cellar", "garden", "kitchen", "porch"] as const;

/** The reading with that number. */
export function madeUpReading(number: number): RecordOf<typeof readings> {
  const turn = Math.imul(number + 1, 2_654_435_761) >>> 0;
  return {
    value: {
      number,
      sensor: SENSORS[turn % SENSORS.length] ?? SENSORS[0],
      celsius: (turn % 4_000) / 100 - 10,
      takenAt: new Date(),
    },
  };
}
