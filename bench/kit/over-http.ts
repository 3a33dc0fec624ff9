import { Agent, request } from 'node:http';
import fastify from 'fastify';
import { median } from './quantile.ts';

export type Sent = { readonly method: string; readonly headers: Readonly<Record<string, string>>; readonly body?: string };

/** Asks over one connection that stays open; answers the bytes of the reply. */
export const asking = () => {
  const agent = new Agent({ keepAlive: true });
  const ask = (url: string, { method, headers, body }: Sent): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const asked = request(url, { agent, method, headers: { ...headers, 'content-type': 'application/json' } }, (reply) => {
        const chunks: Buffer[] = [];
        reply.on('data', (chunk: Buffer) => chunks.push(chunk));
        reply.on('end', () => {
          const bytes = Buffer.concat(chunks);
          if ((reply.statusCode ?? 500) < 300) resolve(bytes);
          else reject(new Error(`${reply.statusCode}: ${bytes}`));
        });
      });
      asked.on('error', reject);
      asked.end(body);
    });
  return { ask, close: () => agent.destroy() };
};

/** Median milliseconds of each, taken in turns, so that what else the machine does burdens them alike. `before` isn't counted. */
export const times = async (
  gets: readonly (() => Promise<unknown>)[],
  rounds: number,
  before: () => Promise<unknown> = async () => undefined,
): Promise<readonly number[]> => {
  const taken = gets.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    await before();
    for (const [index, get] of gets.entries()) {
      const begun = performance.now();
      await get();
      taken[index]?.push(performance.now() - begun);
    }
  }
  return taken.map(median);
};

/** A server of the same kind that answers these bytes, with nothing behind it. */
export const bareReply = async (bytes: Buffer) => {
  const app = fastify();
  app.get('/bare', async (_, reply) => reply.header('content-type', 'application/json; charset=utf-8').send(bytes));
  return { url: `${await app.listen({ host: '127.0.0.1', port: 0 })}/bare`, close: () => app.close() };
};
