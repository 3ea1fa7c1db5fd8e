import { defineErrors } from "../base/index.ts";

/** Errors of the `typewire` command. */
export const cliErrors = defineErrors({
  CLI_CONTEXT_INVALID: {
    message: "{name} is not the name of a context that an import can be put into",
    hint: "Give a name such as team-a, without control characters and without a colon in it; the default context and __GLOBAL are none.",
  },
  CLI_CREDENTIALS_INVALID: {
    message: "{variable} can't be used: {reason}",
    hint: "Set a user and a password, or a token; each as the variable itself, or as a file that the variable with _FILE names.",
  },
  CLI_FILE_EXISTS: {
    message: "{file} is there already",
    hint: "Name another file, or give --force to replace it.",
  },
  CLI_FILE_UNUSABLE: {
    message: "{file} can't be used: {reason}",
    hint: "Check the path, and the rights of the user that runs the command.",
  },
  CLI_IMPORT_ANSWER_INVALID: {
    message: "{url} answered {path} with something that is no list of subjects: {found}",
    hint: "Check that the URL is a schema registry's with its base path (Apicurio's is /apis/ccompat/v7), and what a proxy in front of it sends.",
  },
  CLI_IMPORT_CONFLICT: {
    message: "The target has something else already, in {count} places: {first}",
    hint: "Import into an empty registry, or below another context with --context; --dry-run lists all places.",
  },
  CLI_IMPORT_MODE_LEFT: {
    message: "{url} could not be taken out of IMPORT mode: {reason}",
    hint: "Put the modes back yourself, as PUT /mode/{subject} or DELETE /mode/{subject}: {modes}.",
  },
  CLI_IMPORT_STOPPED: {
    message: "The import was stopped by a signal",
    hint: "Run it again: it goes on where it stopped.",
    retriable: true,
  },
  CLI_IMPORT_TOO_LARGE: {
    message: "{url} has more than {limit}, which is more than an import takes",
    hint: "Check that the URL is the registry that you mean; to move a typewire registry of that size, use backup and restore.",
  },
  CLI_REGISTRY_UNKNOWN: {
    message: "No registry is named: {file} has no registry.url",
    hint: 'Add "registry": { "url": "http://localhost:8081" } to {file}, give --registry <url>, or read the schema files with --from files.',
  },
});
