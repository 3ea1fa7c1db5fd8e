/** Clients of other makers against the registry. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDecoder, createEncoder, parseSchema } from "../../src/avro/index.ts";
import type { RegistryClient } from "../../src/client/index.ts";
import { createRegistryClient } from "../../src/client/index.ts";
import type { RegistryServer } from "../../src/server/index.ts";
import { createRegistryServer } from "../../src/server/index.ts";
import { FRAME_HEADER_BYTES, readSchemaRef, writeFrameHeader } from "../../src/wire/index.ts";
import { folderOf, installNode, installPython } from "./install-clients.ts";

const run = promisify(execFile);

/** Clients that we did not write, and how each is started. */
const clients = [
  { name: "confluent-js", whyNot: await installNode("confluent-js"), command: ["node", "play.js"] },
  { name: "kafkajs", whyNot: await installNode("kafkajs"), command: ["node", "play.js"] },
  { name: "python", whyNot: await installPython(), command: [".venv/bin/python", "play.py"] },
];

/** What every client writes. */
const { orderValue } = JSON.parse(
  readFileSync(new URL("../clients/schemas.json", import.meta.url), "utf8"),
) as { orderValue: unknown };
const ours = JSON.stringify({
  type: "record",
  name: "Ours",
  fields: [
    { name: "text", type: "string" },
    { name: "numbers", type: { type: "array", items: "int" } },
    { name: "maybe", type: ["null", "string"] },
  ],
});
const ourValue = { text: "grüße", numbers: [1, -2, 300_000], maybe: null };

let server: RegistryServer;
let client: RegistryClient;
let ourMessage: string;
beforeAll(async () => {
  server = await createRegistryServer({ store: "memory", port: 0, drainMs: 0 });
  client = createRegistryClient({ url: server.url });
  const { id } = await client.register("ours-value", { schema: ours });
  const buffer = Buffer.alloc(256);
  const start = writeFrameHeader(buffer, 0, id);
  const end = createEncoder(parseSchema(ours, { mode: "strict" })).encode(ourValue, buffer, start);
  ourMessage = buffer.subarray(0, end).toString("hex");
});
afterAll(() => server.close());

/** What a client's script prints. */
interface Played {
  readonly ids: readonly number[];
  readonly latest: number;
  readonly refusal: unknown;
  readonly message: string;
  readonly decoded: unknown;
}

async function play(name: string, [program = "", script = ""]: readonly string[]): Promise<Played> {
  const args = [script, server.url, ourMessage];
  const { stdout } = await run(program, args, { cwd: folderOf(name) });
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Played;
}

describe.each(clients)("$name", ({ name, whyNot, command }) => {
  const title = whyNot === undefined ? "" : ` (skipped, its installation failed: ${whyNot})`;
  test.skipIf(whyNot !== undefined)(
    `registers, evolves, refers, is refused, and reads ours as we read its${title}`,
    async () => {
      const played = await play(name, command);
      const [first, again, second] = played.ids;
      expect([again, played.latest]).toEqual([first, second]);
      expect(second).not.toBe(first);
      expect(JSON.stringify(played.refusal)).toContain("409");
      expect(played.decoded).toEqual(ourValue);
      const message = Buffer.from(played.message, "hex");
      expect(readSchemaRef(message, 0, message.length)).toBe(second);
      const writer = await client.parsedById(Number(second));
      const decoder = createDecoder(writer, writer);
      expect(decoder.decode(message, FRAME_HEADER_BYTES, message.length)).toEqual(orderValue);
    },
  );
});
