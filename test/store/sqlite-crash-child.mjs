/**
 * Registers schemas as fast as it can and writes a line for each one that was acknowledged, until it
 * is killed: `node sqlite-crash-child.mjs <folder> <round>`. Runs the built package.
 */
import { writeSync } from "node:fs";
import { createRegistryService } from "../../dist/src/registry/index.js";
import { openSqliteLog } from "../../dist/src/store/index.js";

const [folder, round] = process.argv.slice(2);
const log = openSqliteLog({ folder });
const service = await createRegistryService({ log, clock: Date.now });
let next = 0;

async function registerForEver() {
  for (;;) {
    const name = `R${round}N${next++}`;
    const schema = `{ "type": "record", "name": "${name}", "fields": [] }`;
    const answer = await service.register(`subject-${name}`, { schema }, {});
    // Synchronous, so that what the parent has read was acknowledged before the kill.
    writeSync(1, `${name} ${answer.id}\n`);
  }
}

await Promise.all(Array.from({ length: 20 }, registerForEver));
