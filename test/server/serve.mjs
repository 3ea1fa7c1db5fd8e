// A registry in a process of its own, over the built package: prints its URL, stops on SIGTERM.
import { startRegistry } from "../../dist/src/server/index.js";

const server = await startRegistry({ store: "sqlite", data: process.argv[2], port: 0 });
process.once("SIGTERM", () => void server.close());
process.stdout.write(`${server.url}\n`);
