import { defineErrors } from "../errors.ts";

/** Errors of the `typewire` command. */
export const cliErrors = defineErrors({
  CLI_FILE_EXISTS: {
    message: "{file} is there already",
    hint: "Name another file, or give --force to replace it.",
  },
  CLI_FILE_UNUSABLE: {
    message: "{file} can't be used: {reason}",
    hint: "Check the path, and the rights of the user that runs the command.",
  },
  CLI_REGISTRY_UNKNOWN: {
    message: "No registry is named: {file} has no registry.url",
    hint: 'Add "registry": { "url": "http://localhost:8081" } to {file}, give --registry <url>, or read the schema files with --from files.',
  },
});
