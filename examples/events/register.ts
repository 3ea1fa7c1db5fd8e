/** Registers the schema of `events`; the service `init` of docker-compose.yml runs it. */
import { events } from "../shared/generated/events.js";
import { registerSchemas } from "../shared/register.js";

await registerSchemas([events]);
