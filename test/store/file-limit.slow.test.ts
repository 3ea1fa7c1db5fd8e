/** A store at the limit that the operating system sets on the size of files. */
import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { createRegistryService } from "../../src/registry/index.ts";
import { openSqliteLog } from "../../src/store/index.ts";
import { temporaryFolder } from "./logs.ts";

const child = fileURLToPath(new URL("file-limit-child.mjs", import.meta.url));
/** In the shell's blocks of 512 or 1024 bytes. */
const BLOCKS = 600;

interface Seen {
  readonly acknowledged: readonly (readonly [name: string, id: number])[];
  readonly refused: readonly (readonly [name: string, code: string, message: string])[];
  readonly reads: readonly boolean[];
}

test("when the operating system refuses to write, registrations fail with the reason, reads go on, and nothing acknowledged is lost", async () => {
  const folder = await temporaryFolder();
  const limited = `ulimit -f ${BLOCKS}; exec "$0" "$@"`;
  const arguments_ = ["-c", limited, process.execPath, child, folder];
  const { stdout } = await promisify(execFile)("sh", arguments_);
  const { acknowledged, refused, reads } = JSON.parse(stdout) as Seen;
  expect(acknowledged.length).toBeGreaterThan(10);
  expect(reads).toEqual(acknowledged.map(() => true));
  const failure = /^STORE_F(ULL|AILED)$/;
  expect(refused).toEqual(
    refused.map(([name]) => [
      name,
      expect.stringMatching(failure),
      expect.stringContaining(folder),
    ]),
  );
  expect(refused).toHaveLength(5);

  const log = openSqliteLog({ folder });
  const service = await createRegistryService({ log, clock: Date.now });
  for (const [name, id] of acknowledged) {
    expect(await service.version(name, "1", {})).toMatchObject({ id });
  }
  expect(service.stats().versions).toBe(acknowledged.length);
  expect((await service.verify()).problems).toEqual([]);
  const [again] = refused;
  const schema = JSON.stringify({ type: "record", name: again?.[0], fields: [] });
  expect(await service.register(again?.[0] ?? "", { schema }, {})).toMatchObject({
    id: acknowledged.length + 1,
  });
  await log.close();
  await rm(folder, { recursive: true });
});
