/** An answer over HTTP. `body` is the JSON, where it is JSON. */
export type Answer = { readonly status: number; readonly headers: Headers; readonly text: string; readonly body: unknown };

/** Asks over HTTP. `body` is sent as JSON, unless it is text already. */
export const ask = async (
  url: string,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body?: unknown,
): Promise<Answer> => {
  const answer = await fetch(new URL(path, url), {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.startsWith('application/json') === true;
  return { status: answer.status, headers: answer.headers, text, body: isJson && text !== '' ? JSON.parse(text) : undefined };
};

/** What lies at a path inside JSON; undefined where the path leads nowhere. */
export const at = (value: unknown, ...path: (string | number)[]): unknown =>
  path.reduce<unknown>((inside, key) => (typeof inside === 'object' && inside !== null ? Reflect.get(inside, key) : undefined), value);

/** The text at a path; a test that finds none there fails. */
export const textAt = (value: unknown, ...path: (string | number)[]): string => {
  const found = at(value, ...path);
  if (typeof found !== 'string') throw new Error(`no text at ${path.join('.')} of ${JSON.stringify(value)}`);
  return found;
};

/** What a failure says, without what differs from request to request. */
export const failureOf = ({ status, body }: Answer) => ({ status, code: at(body, 'status', 'code'), errors: at(body, 'status', 'errors') });
