import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { Failure } from '../errors/failure.ts';
import { name } from '../schemas/text.ts';
import { type ModelTask, modelTasks } from './model-tasks.ts';
import { runBody, taskRun } from './models-schema.ts';

const MOST_NAMES = 100;
const chosen = z.strictObject({
  names: z.array(name(200)).min(1).max(MOST_NAMES).optional().describe('Names of the list; all of them when left out'),
});
const summaries: Readonly<Record<ModelTask, string>> = {
  rebuild: 'Build read models anew from the events, beside those that are served, and swap',
  verify: 'Compare read models with a replay of the events',
  repair: 'Try again what is blocked in read models',
};

/** POST /operations/rebuild, /verify and /repair: begins it, and answers before it is done; one at a time, commands to the service included. */
export const startOnModels =
  ({ modelWork, log }: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    for (const task of modelTasks) {
      app.post(
        `/operations/${task}`,
        {
          config: { permission: { user: ['operations', 'W'] } },
          schema: {
            ...{ tags: ['operations'], operationId: `${task}Projections`, summary: summaries[task] },
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
