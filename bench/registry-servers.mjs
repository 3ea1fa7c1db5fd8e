// Servers for the registry scenario, each in a process of its own: `bare` answers one body with
// Fastify and nothing else, `registry` is the registry on SQLite. Reports URL, CPU and memory.
import { fastify } from "fastify";

const [kind, argument, port] = process.argv.slice(2);

async function bare(body) {
  const app = fastify();
  app.get("/schemas/ids/:id", (_request, reply) => {
    reply.header("content-type", "application/vnd.schemaregistry.v1+json").send(body);
  });
  await app.listen({ port: 0, host: "127.0.0.1" });
  return `http://127.0.0.1:${app.server.address().port}`;
}

async function registry(data) {
  const { createRegistryServer } = await import("../dist/src/server/index.js");
  return (await createRegistryServer({ store: "sqlite", data, port: Number(port) })).url;
}

const url = kind === "bare" ? await bare(argument) : await registry(argument);
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send({ cpuMicros: user + system, rssBytes: process.memoryUsage.rss() });
});
process.send({ url });
