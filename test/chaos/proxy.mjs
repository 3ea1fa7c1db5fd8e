// @ts-check
/** A TCP proxy in front of the registry that can be slow, or refuse. */
import { connect, createServer } from "node:net";

/** @import { AddressInfo, Socket } from "node:net" */
/** @typedef {"up" | "slow" | "down"} ProxyMode */
/**
 * @typedef {object} Proxy
 * @property {string} url what clients are given
 * @property {(mode: ProxyMode) => void} set `down` also ends the connections that there are
 * @property {() => Promise<void>} close
 */

const SLOW_MS = 400;

/**
 * Starts it on a free loopback port.
 *
 * @param {string} target the registry's URL
 * @returns {Promise<Proxy>}
 */
export async function startProxy(target) {
  const { hostname, port } = new URL(target);
  /** @type {ProxyMode} */
  let mode = "up";
  /** @type {Set<Socket>} */
  const open = new Set();
  const server = createServer((client) => {
    if (mode === "down") return void client.destroy();
    const upstream = connect(Number(port), hostname);
    for (const [from, to] of /** @type {const} */ ([
      [client, upstream],
      [upstream, client],
    ])) {
      open.add(from);
      from.on("data", (bytes) => {
        setTimeout(() => to.write(bytes), mode === "slow" ? SLOW_MS : 0);
      });
      from.on("error", () => undefined);
      from.on("close", () => {
        open.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const address = /** @type {AddressInfo} */ (server.address());
  const endAll = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${address.port}`,
    set(next) {
      mode = next;
      if (next === "down") endAll();
    },
    async close() {
      endAll();
      await new Promise((resolve) => server.close(() => resolve(undefined)));
    },
  };
}
