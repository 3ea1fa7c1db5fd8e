/**
 * Encoding and decoding against avsc's fastest calls, JSON and hand-written code.
 *
 * Settings: ours with longs as numbers and logical types raw, which is what avsc gives, and once more
 * with the default mapping (longs as bigint); avsc 5 with `encode` into a slab at an offset, `decode`
 * with a cached resolver; 64 different values in turn; a 5-byte frame header before each encoding.
 */
import { existsSync } from "node:fs";
import avsc from "avsc";
import { createCodec, createDecoder, parseSchema } from "../dist/src/avro/index.js";
import { decodeOrder, encodeOrder } from "./avro-by-hand.mjs";
import { records } from "./avro-data.mjs";
import { compare, compareAsync, print } from "./harness.mjs";

const HEADER = 5;
const VALUES = 64;
const SLAB_BYTES = 16_384;
const CONFLUENT = "Confluent's serialiser";
const AVSC_LIKE = { long: "number", logical: "raw" };

function prepare({ schema, added, value, toAvsc = (v) => v }) {
  const evolved = { ...schema, fields: [...schema.fields, added] };
  const parsed = parseSchema(JSON.stringify(schema), { mode: "strict" });
  const reader = parseSchema(JSON.stringify(evolved), { mode: "strict" });
  const values = Array.from({ length: VALUES }, (_, i) => value(i));
  const type = avsc.Type.forSchema(schema);
  const readerType = avsc.Type.forSchema(evolved);
  const codec = createCodec(parsed, { mapping: AVSC_LIKE });
  const frames = values.map((v) => Buffer.concat([Buffer.alloc(HEADER), codec.toBuffer(v)]));
  return {
    parsed,
    reader,
    values,
    type,
    readerType,
    frames,
    codec,
    resolving: createDecoder(parsed, reader, { mapping: AVSC_LIKE }),
    bigint: createCodec(parsed),
    bigintResolving: createDecoder(parsed, reader),
    avscValues: values.map(toAvsc),
    resolver: readerType.createResolver(type),
    texts: values.map((v) => JSON.stringify(v)),
  };
}

function header(slab) {
  slab[0] = 0;
  slab.writeInt32BE(7, 1);
}

function encodeRows(p, isOrder) {
  const slab = Buffer.alloc(SLAB_BYTES);
  const at = (i) => i & (VALUES - 1);
  return {
    "avsc encode into a slab": (i) => {
      header(slab);
      return p.type.encode(p.avscValues[at(i)], slab, HEADER);
    },
    "ours, as avsc's values": (i) => {
      header(slab);
      return p.codec.encode(p.values[at(i)], slab, HEADER);
    },
    "ours, default mapping": (i) => {
      header(slab);
      return p.bigint.encode(p.values[at(i)], slab, HEADER);
    },
    ...(isOrder && {
      "by hand": (i) => {
        header(slab);
        return encodeOrder(p.values[at(i)], slab, HEADER);
      },
    }),
    "JSON.stringify": (i) => JSON.stringify(p.values[at(i)]).length,
  };
}

function decodeRows(p, isOrder) {
  const at = (i) => i & (VALUES - 1);
  return {
    "avsc decode": (i) => p.type.decode(p.frames[at(i)], HEADER).value,
    "ours, as avsc's values": (i) => {
      const frame = p.frames[at(i)];
      return p.codec.decode(frame, HEADER, frame.length);
    },
    "ours, default mapping": (i) => {
      const frame = p.frames[at(i)];
      return p.bigint.decode(frame, HEADER, frame.length);
    },
    ...(isOrder && {
      "by hand": (i) => {
        const frame = p.frames[at(i)];
        return decodeOrder(frame, HEADER, frame.length);
      },
    }),
    "JSON.parse": (i) => JSON.parse(p.texts[at(i)]),
  };
}

function resolveRows(p) {
  const at = (i) => i & (VALUES - 1);
  return {
    "avsc decode, cached resolver": (i) =>
      p.readerType.decode(p.frames[at(i)], HEADER, p.resolver).value,
    "ours, as avsc's values": (i) => {
      const frame = p.frames[at(i)];
      return p.resolving.decode(frame, HEADER, frame.length);
    },
    "ours, default mapping": (i) => {
      const frame = p.frames[at(i)];
      return p.bigintResolving.decode(frame, HEADER, frame.length);
    },
  };
}

/** Confluent's and kafkajs' serialisers on the order record; ours is awaited as well. */
async function heavyPeers(report, p, schema) {
  if (!existsSync(new URL("./peers/node_modules", import.meta.url))) {
    report("  Confluent's and kafkajs' serialisers are not installed: npm run bench:peers");
    return;
  }
  const { peers } = await import("./peers/avro.mjs");
  const { contenders, close } = await peers(schema);
  const at = (i) => i & (VALUES - 1);
  const slab = Buffer.alloc(SLAB_BYTES);
  const encoders = {
    "ours, awaited": async (i) => {
      header(slab);
      return p.codec.encode(p.values[at(i)], slab, HEADER);
    },
  };
  const decoders = {
    "ours, awaited": async (i) => {
      const frame = p.frames[at(i)];
      return p.codec.decode(frame, HEADER, frame.length);
    },
  };
  for (const [name, peer] of Object.entries(contenders)) {
    const frames = [];
    for (const value of p.values) frames.push(await peer.encode(value));
    encoders[name] = (i) => peer.encode(p.values[at(i)]);
    decoders[name] = (i) => peer.decode(frames[at(i)]);
  }
  for (const [title, rows] of [
    ["order: encode into a frame", encoders],
    ["order: decode a frame", decoders],
  ]) {
    print(report, title, await compareAsync(rows, CONFLUENT), CONFLUENT);
  }
  await close();
}

/** Compile time of a codec, and the memory of many. */
function costs(report, p, schema) {
  const value = p.values[0];
  const slab = Buffer.alloc(SLAB_BYTES);
  const frame = p.frames[0];
  const results = compare(
    {
      "avsc Type.forSchema + createResolver": () => {
        const type = avsc.Type.forSchema(schema);
        return type.createResolver(type);
      },
      "ours: parse, plan, compile, first use": () => {
        const codec = createCodec(parseSchema(JSON.stringify(schema), { mode: "strict" }), {
          mapping: AVSC_LIKE,
        });
        codec.encode(value, slab, 0);
        return codec.decode(frame, HEADER, frame.length);
      },
    },
    "avsc Type.forSchema + createResolver",
  );
  print(
    report,
    "making a codec of the order record",
    results,
    "avsc Type.forSchema + createResolver",
  );
  const count = 10_000;
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const codecs = Array.from({ length: count }, (_, i) => {
    const text = JSON.stringify({ ...schema, name: `Order${i}` });
    const codec = createCodec(parseSchema(text, { mode: "strict" }), { mapping: AVSC_LIKE });
    codec.encode(value, slab, 0);
    codec.decode(frame, HEADER, frame.length);
    return codec;
  });
  globalThis.gc?.();
  const each = (process.memoryUsage().heapUsed - before) / codecs.length;
  const note = globalThis.gc ? "" : " (not collected first: run node with --expose-gc)";
  report(
    `  memory of ${count} distinct codecs, each used: ${(each / 1024).toFixed(1)} KB each${note}`,
  );
}

/** Prints the scenario through `report(line)`. */
export async function run(report) {
  report("Avro: encode into a frame, decode, decode with resolution");
  for (const row of records) {
    const p = prepare(row);
    const isOrder = row === records[0];
    const bytes = p.frames.reduce((sum, frame) => sum + frame.length - HEADER, 0) / VALUES;
    const title = `${row.name}, ${bytes.toFixed(0)} bytes`;
    const encoded = compare(encodeRows(p, isOrder), "avsc encode into a slab");
    print(report, `${title}: encode`, encoded, "avsc encode into a slab");
    const decoded = compare(decodeRows(p, isOrder), "avsc decode");
    print(report, `${title}: decode`, decoded, "avsc decode");
    const resolved = compare(resolveRows(p), "avsc decode, cached resolver");
    print(report, `${title}: decode with resolution`, resolved, "avsc decode, cached resolver");
  }
  await heavyPeers(report, prepare(records[0]), records[0].schema);
  costs(report, prepare(records[0]), records[0].schema);
}
