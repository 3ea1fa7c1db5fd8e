// A registry in memory as a process of its own. Asked with a message, it says how long its event loop
// stood still at most since the last time, what CPU time it took, and how much memory it has taken at its peak.
import { createRegistryServer } from "../dist/src/server/index.js";

const { url } = await createRegistryServer({ store: "memory", port: 0 });
let longest = 0;
let last = performance.now();
let cpu = process.cpuUsage();
setInterval(() => {
  const now = performance.now();
  longest = Math.max(longest, now - last);
  last = now;
}, 1);
process.on("message", () => {
  const { user, system } = process.cpuUsage(cpu);
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  process.send({ stallMs: longest, cpuMs: (user + system) / 1000, peakBytes });
  longest = 0;
  cpu = process.cpuUsage();
});
process.send({ url });
