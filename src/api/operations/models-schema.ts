import { z } from 'zod';
import { iso } from '../../clock.ts';
import { type ModelStanding, type ModelTaskRun, modelTasks } from './model-tasks.ts';

const position = z.string().nullable().describe('Of the last event that it has folded');

export const modelRow = z.object({
  name: z.string(),
  kind: z.enum(['read-model', 'process']),
  version: z.int(),
  position,
  lagMs: z.number().nullable().describe('How far behind the log; null while it isn’t known'),
  blocked: z.int().describe('Keys and streams that wait for a repair'),
  problem: z.string().nullable().describe('Why it isn’t served'),
  building: z
    .object({
      phase: z.enum(['reading', 'indexing', 'catching-up', 'done']),
      events: z.int(),
      eventsPerSecond: z.number(),
      position,
      secondsLeft: z.number().nullable(),
    })
    .nullable()
    .describe('How far a rebuild or a verification of it has come'),
});

export const taskRun = z.object({
  task: z.enum(modelTasks),
  names: z.array(z.string()),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  error: z.string().nullable().describe('Kind of the error that ended it early, without its message'),
  results: z.array(
    z.object({
      name: z.string(),
      differing: z.int().optional().describe('Rows that a verify found to differ, 100 at most'),
      repaired: z.int().optional().describe('Keys and streams that go on after a repair'),
      blocked: z.int().optional().describe('Those that still wait after it'),
    }),
  ),
});

/** A read model or to-do list as it is sent. */
export const modelBody = ({ building, ...model }: ModelStanding): z.input<typeof modelRow> => ({
  ...model,
  position: model.position?.toString() ?? null,
  building: building && { ...building, position: building.position?.toString() ?? null },
});

/** A task as it is sent. */
export const runBody = ({ startedAt, endedAt, names, results, ...run }: ModelTaskRun): z.input<typeof taskRun> => ({
  ...run,
  names: [...names],
  startedAt: iso(startedAt),
  endedAt: endedAt === null ? null : iso(endedAt),
  results: [...results],
});
