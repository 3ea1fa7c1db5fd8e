import { defineErrors } from "../base/index.ts";

/** Errors of the registry client. */
export const clientErrors = defineErrors({
  CLIENT_ANSWER_INVALID: {
    message: "{url} answered {method} {path} with status {status} and no registry answer: {reason}",
    hint: "Check that the URL is a schema registry's, and what a proxy in front of it sends.",
    details: {
      url: "string",
      method: "string",
      path: "string",
      status: "number",
      reason: "string",
    },
  },
  CLIENT_ARGUMENT_INVALID: {
    message: "The registry client's {argument} {value} is not valid: {reason}",
    hint: "Correct the argument; docs/client.md lists what each one may be.",
  },
  CLIENT_REFERENCES_UNRESOLVED: {
    message: "The references of {schema} do not resolve: {reason}",
    hint: "Look at the references with GET /subjects/{subject}/versions/{version}, one by one.",
  },
  CLIENT_REFUSED: {
    message: "{url} refused {method} {path} with status {status}, error code {errorCode}: {reason}",
    hint: "docs/errors.md lists the registry's error codes and what to do about each.",
    details: {
      url: "string",
      method: "string",
      path: "string",
      status: "number",
      errorCode: "number",
      reason: "string",
    },
  },
  CLIENT_SCHEMA_GUID_UNKNOWN: {
    message: "The registry at {url} has no schema with GUID {guid}",
    hint: "Check that the schema that the data was written with is registered here too, with the same references, metadata and rules.",
  },
  CLIENT_SCHEMA_ID_UNKNOWN: {
    message: "The registry at {url} has no schema with id {id}",
    hint: "Check that the data was written with this registry, and that the schema was not deleted permanently.",
    details: { url: "string", id: "number" },
  },
  CLIENT_SCHEMA_NOT_REGISTERED: {
    message: "This schema is not registered under subject {subject} at {url}: {reason}",
    hint: "Register it first (POST /subjects/{subject}/versions), or generate the types again.",
    details: { url: "string", subject: "string", reason: "string" },
  },
  CLIENT_SCHEMA_TYPE_UNSUPPORTED: {
    message: "The schema with {schema} is of type {schemaType}, not AVRO",
    hint: "Read this topic as bytes; typewire knows Avro schemas only.",
  },
  CLIENT_UNREACHABLE: {
    details: {
      url: "string",
      method: "string",
      path: "string",
      attempts: "number",
      reason: "string",
      mayBeDone: "boolean",
    },
    message:
      "The registry at {url} did not answer {method} {path} in {attempts} attempts: {reason}",
    hint: "Check that the registry is running and the URL is right; the same call can succeed later.",
    retriable: true,
  },
});
