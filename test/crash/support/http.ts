import { once } from 'node:events';
import { createServer } from 'node:net';

/** What came of a request; undefined when no answer came: it may have been carried out, or not. */
export type Answer = { readonly status: number; readonly headers: Headers; readonly body: unknown };

/** Longer than the service's own limit, so that it is seen to answer. */
const ANSWER_MS = 35_000;

/** Credentials of the tests: the service takes them from its environment. */
export const secrets = { apiKey: 'k'.repeat(40), adminToken: 't'.repeat(40), connectorKey: 'c'.repeat(40) };

/** Sends JSON as a client (`apiKey`) or as an administrator, and reads JSON. */
export const ask = async (
  as: 'client' | 'admin',
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  body?: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer | undefined> => {
  const credentials = as === 'client' ? { 'x-api-key': secrets.apiKey } : { authorization: `Bearer ${secrets.adminToken}` };
  try {
    const answer = await fetch(url, {
      method,
      headers: { ...credentials, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text === '' ? null : JSON.parse(text) };
  } catch {
    return undefined;
  }
};

/** A port that is free now, for a server that has to come back at the same place. */
export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
};
