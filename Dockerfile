# The registry as an image: docker build -t typewire .
# The first stage has the C++ tool chain that the native addon needs; the last has what runs.

FROM node:20-bookworm AS build
WORKDIR /app
COPY package.json package-lock.json ./
# The registry needs no Kafka client, so of the addons only SQLite's is compiled.
RUN npm ci --ignore-scripts && npm rebuild better-sqlite3
COPY . .
RUN npm run build && npm prune --omit=dev --omit=peer --ignore-scripts
# Sources and object files of the addon are megabytes; what is loaded is one library.
RUN cd node_modules/better-sqlite3 \
    && rm -rf deps src \
    && find build -type f ! -path build/Release/better_sqlite3.node -delete

# Registers the schema of examples/events and ends: docker compose run --rm init
FROM node:20-bookworm-slim AS init
WORKDIR /app
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/package.json ./
USER node
ENTRYPOINT ["node", "dist/examples/events/register.js"]

FROM node:20-bookworm-slim
WORKDIR /app
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist/src dist/src
COPY --from=build /app/dist/codegen dist/codegen
COPY --from=build /app/bin bin
COPY --from=build /app/package.json /app/LICENSE ./
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
ENV NODE_ENV=production \
    TYPEWIRE_HOST=0.0.0.0 \
    TYPEWIRE_PORT=8081 \
    TYPEWIRE_STORE=sqlite \
    TYPEWIRE_DATA=/data
EXPOSE 8081
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.TYPEWIRE_PORT + '/health/ready').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# The process handles SIGTERM itself and has no children to reap: it can be process 1.
ENTRYPOINT ["node", "bin/typewire.js"]
CMD ["serve"]
