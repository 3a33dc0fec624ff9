import { z } from 'zod';
import { serve } from '../../support/serve.ts';

export type Received = {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
};

const agentsBody = z.object({
  source: z.string(),
  sequence: z.int(),
  full: z.boolean(),
  agents: z.array(
    z.object({
      id: z.string(),
      state: z.enum(['READY', 'BUSY', 'AWAY', 'OUT']),
      queues: z.array(z.string()),
      skills: z.record(z.string(), z.int()),
    }),
  ),
});
export type AgentsReport = z.infer<typeof agentsBody>;

/**
 * Plays the service's side of `/contact-center`: keeps what it is told, and answers 200 unless `answer` says another status.
 * `answer` may also hold an answer back by returning a promise.
 */
export const startStandInService = async (options: { answer?: (received: Received) => number | Promise<number>; port?: number } = {}) => {
  const received: Received[] = [];
  const accepted: Received[] = [];
  const { url, port, stop } = await serve(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const one = {
      method: request.method ?? '',
      path: request.url ?? '',
      authorization: request.headers.authorization,
      body: JSON.parse(text),
    };
    received.push(one);
    const status = (await options.answer?.(one)) ?? 200;
    if (status < 300) accepted.push(one);
    response.writeHead(status).end('{}');
  }, options.port);
  const about = (attemptId: string) =>
    accepted
      .filter(({ path }) => path.startsWith(`/contact-center/attempts/${attemptId}/`))
      .map(({ path, body }) => ({ what: path.split('/').at(-1) ?? '', ...z.looseObject({ at: z.iso.datetime() }).parse(body) }));
  return {
    ...{ url, port, stop },
    received,
    /** Reports accepted for an attempt, in the order they came: `{ what: 'outcome' | …, …body }`. */
    about,
    agentReports: (): AgentsReport[] =>
      received.filter(({ path }) => path === '/contact-center/agents').map(({ body }) => agentsBody.parse(body)),
  };
};
