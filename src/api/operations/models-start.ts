import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { Failure } from '../errors/failure.ts';
import { name } from '../schemas/text.ts';
import type { ModelTask } from './model-tasks.ts';
import { runBody, taskRun } from './models-schema.ts';

const MOST_NAMES = 100;
const chosen = z.strictObject({
  names: z.array(name(200)).min(1).max(MOST_NAMES).optional().describe('Names of the list; all of them when left out'),
});
type Route = { readonly path: string; readonly task: ModelTask; readonly operationId: string; readonly summary: string };
const routes: readonly Route[] = [
  {
    path: 'rebuild',
    task: 'rebuild',
    operationId: 'rebuildProjections',
    summary: 'Build read models anew from the events, beside those that are served, and swap',
  },
  { path: 'verify', task: 'verify', operationId: 'verifyProjections', summary: 'Compare read models with a replay of the events' },
  { path: 'repair', task: 'repair', operationId: 'repairProjections', summary: 'Try again what is blocked in read models' },
  { path: 'dead-letters/retry', task: 'repair', operationId: 'retryDeadLetters', summary: 'The same as repair' },
];

/** POST /operations/rebuild, /verify, /repair and /dead-letters/retry: begins it, and answers before it is done; one at a time, commands to the service included. */
export const startOnModels =
  ({ modelWork, log }: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    for (const { path, task, operationId, summary } of routes) {
      app.post(
        `/operations/${path}`,
        {
          config: { permission: { user: ['operations', 'W'] } },
          schema: {
            ...{ tags: ['operations'], operationId, summary },
            security: [{ token: [] }],
            body: chosen,
            response: { 202: taskRun, ...failures(400, 401, 403, 409, 500, 503) },
          },
        },
        async ({ body: { names }, actor }, reply) => {
          const started = modelWork.start(task, names);
          switch (started.is) {
            case 'unknown': {
              const errors = started.names.map((strange) => ({
                path: `names[${names?.indexOf(strange) ?? 0}]`,
                message: 'must be a name of the list',
              }));
              throw new Failure('INVALID_FIELDS', { errors });
            }
            case 'busy':
              throw new Failure('TASK_UNDER_WAY', { values: { task: started.with } });
            case 'elsewhere':
              throw new Failure('WORK_ELSEWHERE');
            case 'started':
              log.info({ task, names: started.run.names, by: actor?.id }, 'an operator had a task begun');
              return reply.code(202).send(runBody(started.run));
          }
        },
      );
    }
  };
