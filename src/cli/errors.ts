import { defineErrors } from "../errors.ts";

/** Errors of the `typewire` command. */
export const cliErrors = defineErrors({
  CLI_REGISTRY_UNKNOWN: {
    message: "No registry is named: {file} has no registry.url",
    hint: 'Add "registry": { "url": "http://localhost:8081" } to {file}, give --registry <url>, or read the schema files with --from files.',
  },
});
