/** Which partition a user belongs to, by the first letter of the name. */
import { partitionBy } from "typewire/kafka";
import { users } from "../shared/generated/index.js";

/** A–M go to partition 0, N–Z to partition 1, in upper and lower case and with accents. */
export const byInitial = partitionBy(users, (name, partitions) => {
  const isFirstHalf = name.localeCompare("n", "en", { sensitivity: "base" }) < 0;
  return isFirstHalf ? 0 : Math.min(1, partitions - 1);
});
