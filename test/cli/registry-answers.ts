/** Everything that a registry answers about what it holds, for comparing two of them. */

/** One GET, as parsed JSON. */
export async function get(url: string, path: string): Promise<unknown> {
  return (await fetch(url + path)).json();
}

/** One call with a body. */
export async function send(
  url: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: unknown }> {
  const init =
    body === undefined
      ? { method }
      : { method, body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  const response = await fetch(url + path, init);
  return { status: response.status, body: await response.json() };
}

/** Answers by path; times of registration are left out, they are the registry's own. */
export async function answersOf(url: string): Promise<Record<string, unknown>> {
  const answers: Record<string, unknown> = {};
  const ask = async (path: string): Promise<unknown> => {
    answers[path] = withoutTime(await get(url, path));
    return answers[path];
  };
  const subjects = (await ask("/subjects?deleted=true")) as string[];
  for (const path of ["/subjects", "/config", "/schemas?deleted=true", "/schemas"]) await ask(path);
  for (const subject of subjects) {
    const name = encodeURIComponent(subject);
    const versions = await ask(`/subjects/${name}/versions?deleted=true`);
    for (const kind of ["config", "mode"]) {
      await ask(`/${kind}/${name}`);
      await ask(`/${kind}/${name}?defaultToGlobal=true`);
    }
    await ask(`/subjects/${name}/versions`);
    for (const version of versions as number[]) {
      const path = `/subjects/${name}/versions/${version}`;
      await ask(path);
      await ask(`${path}/referencedby?deleted=true`);
      const { id } = (await ask(`${path}?deleted=true`)) as { id: number };
      await ask(`/schemas/ids/${id}?subject=${name}`);
      await ask(`/schemas/ids/${id}/versions?subject=${name}&deleted=true`);
    }
  }
  return answers;
}

function withoutTime(value: unknown): unknown {
  const text = JSON.stringify(value, (key, member: unknown) => (key === "ts" ? undefined : member));
  return JSON.parse(text) as unknown;
}
