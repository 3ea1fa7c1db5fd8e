// @ts-check
/** Asks a broker over its own protocol whether it is ready; needs no Kafka client. */
import { connect } from "node:net";

const METADATA = 3;
/** Version 4 is the oldest with a flag against creating topics, and has no tagged fields yet. */
const METADATA_VERSION = 4;
const ANSWER_TIMEOUT_MS = 2_000;

/**
 * How many brokers the broker at an address knows; 0 when it does not answer (yet).
 *
 * @param {string} host
 * @param {number} port
 * @returns {Promise<number>}
 */
export function knownBrokers(host, port) {
  return new Promise((resolve) => {
    let answer = Buffer.alloc(0);
    const socket = connect({ host, port, timeout: ANSWER_TIMEOUT_MS }, () => {
      socket.write(metadataRequest());
    });
    socket.on("data", (chunk) => {
      answer = Buffer.concat([answer, chunk]);
      // size, correlation id, throttle time, then the number of brokers
      if (answer.length >= 16) {
        resolve(answer.readInt32BE(12));
        socket.destroy();
      }
    });
    socket.on("timeout", () => socket.destroy());
    socket.on("error", () => socket.destroy());
    socket.on("close", () => resolve(0));
  });
}

function metadataRequest() {
  const request = Buffer.alloc(4 + 10 + 5);
  request.writeInt32BE(request.length - 4, 0);
  request.writeInt16BE(METADATA, 4);
  request.writeInt16BE(METADATA_VERSION, 6);
  request.writeInt32BE(1, 8); // correlation id
  request.writeInt16BE(-1, 12); // no client id
  request.writeInt32BE(0, 14); // no topics
  request.writeInt8(0, 18); // create none
  return request;
}
