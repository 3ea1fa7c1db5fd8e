import fc from "fast-check";
import { send } from "./registry-answers.ts";

const SUBJECTS = ["a", "b/c", ":.x:a", ":.x:d", ":.y:a"];
const subject = fc.constantFrom(...SUBJECTS);
const version = fc.integer({ min: 1, max: 3 });

type Call = readonly [method: string, path: string, body?: unknown];

const register = fc
  .tuple(subject, fc.integer({ min: 1, max: 4 }), fc.option(fc.tuple(subject, version)))
  .map(([name, field, used]): Call => {
    const schema = {
      type: "record",
      name: `R${SUBJECTS.indexOf(name)}`,
      fields: [{ name: `f${field}`, type: ["null", "string"], default: null }],
    };
    const reference = used && { name: `R${SUBJECTS.indexOf(used[0])}`, subject: used[0] };
    const references = reference ? [{ ...reference, version: used[1] }] : [];
    return [
      "POST",
      `/subjects/${encodeURIComponent(name)}/versions`,
      { schema: JSON.stringify(schema), references },
    ];
  });

const remove = fc
  .tuple(subject, fc.option(version), fc.boolean())
  .map(([name, number, permanent]): Call => {
    const path = `/subjects/${encodeURIComponent(name)}`;
    return [
      "DELETE",
      `${number === null ? path : `${path}/versions/${number}`}?permanent=${permanent}`,
    ];
  });

const scope = fc
  .constantFrom("", ":.x:", ...SUBJECTS)
  .map((name) => (name === "" ? "" : `/${encodeURIComponent(name)}`));

const configure = fc
  .tuple(scope, fc.constantFrom("NONE", "FULL", "BACKWARD_TRANSITIVE"), fc.boolean())
  .map(
    ([name, compatibility, normalize]): Call => [
      "PUT",
      `/config${name}`,
      { compatibility, ...(normalize && { normalize }) },
    ],
  );

const setMode = fc
  .tuple(subject, fc.constantFrom("READONLY", "READWRITE", "IMPORT"))
  .map(([name, mode]): Call => ["PUT", `/mode/${encodeURIComponent(name)}?force=true`, { mode }]);

/** Calls that change a registry; the ones that it refuses change nothing. */
export const history = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: register },
    { weight: 3, arbitrary: remove },
    { weight: 2, arbitrary: configure },
    { weight: 1, arbitrary: setMode },
  ),
  { minLength: 1, maxLength: 30 },
);

/** Sends the calls, one after the other. */
export async function play(url: string, calls: readonly Call[]): Promise<void> {
  for (const [method, path, body] of calls) await send(url, method, path, body);
}
