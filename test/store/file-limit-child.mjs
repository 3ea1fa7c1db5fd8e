/**
 * Registers schemas until the operating system refuses to write, then reads, and prints what it saw as
 * JSON: `node file-limit-child.mjs <folder>`. Runs the built package.
 */
import { createRegistryService } from "../../dist/src/registry/index.js";
import { openSqliteLog } from "../../dist/src/store/index.js";

const [folder] = process.argv.slice(2);
const log = openSqliteLog({ folder });
const service = await createRegistryService({ log, clock: Date.now });
const doc = "x".repeat(2000);
const acknowledged = [];
const refused = [];

for (let round = 0; round < 200 && refused.length === 0; round++) {
  const names = Array.from({ length: 5 }, (_, place) => `R${round}N${place}`);
  const outcomes = await Promise.allSettled(
    names.map((name) => {
      const schema = JSON.stringify({ type: "record", name, doc, fields: [] });
      return service.register(name, { schema }, {});
    }),
  );
  for (const [place, { status, value, reason }] of outcomes.entries()) {
    if (status === "fulfilled") acknowledged.push([names[place], value.id]);
    else refused.push([names[place], reason.code, reason.message]);
  }
}

const reads = [];
for (const [name, id] of acknowledged) {
  const found = await service.version(String(name), "latest", {});
  reads.push(found.id === id);
}
process.stdout.write(JSON.stringify({ acknowledged, refused, reads }));
