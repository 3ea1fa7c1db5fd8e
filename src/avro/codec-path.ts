/** Where in a value an error is, as a reader of JavaScript would write it: `value.items[3].qty`. */

import type { TypewireError } from "../base/index.ts";
import type { CodecFault } from "./codec-fault.ts";
import { avroErrors } from "./errors.ts";

/** Field names, map keys and array indexes from the root to a value. */
export type Path = (string | number)[];

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** The path as text. */
export function pathText(path: Readonly<Path>): string {
  let text = "value";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else text += IDENTIFIER.test(part) ? `.${part}` : `["${part}"]`;
  }
  return text;
}

/** The error of a fault at a path; `offset` is the byte where the value starts. */
export function faultError(fault: CodecFault, path: Readonly<Path>, offset: number): TypewireError {
  return avroErrors.create(fault.code, { path: pathText(path), offset, ...fault.details }, fault);
}
