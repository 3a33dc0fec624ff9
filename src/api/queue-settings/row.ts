import { z } from 'zod';
import { type ColumnName, columns, type OwnSettings, type Settings } from '../../domain/configuration/columns.ts';
import { etagOf } from '../../domain/configuration/decider.ts';
import { type Configuration, DEFAULT_ROW, inheritedColumns, settingsOf } from '../../domain/configuration/state.ts';
import { Failure } from '../errors/failure.ts';

/** A row as it is answered: every column's value in force, and which of them are inherited. */
export const queueSettings = z
  .object({
    queue: z.string(),
    settings: z
      .object(
        // Object.fromEntries forgets the columns' names.
        Object.fromEntries(Object.entries(columns).map(([column, type]) => [column, type.nullable()])) as {
          [K in ColumnName]: z.ZodNullable<(typeof columns)[K]>;
        },
      )
      .describe('Null where neither the row nor the default one has a value'),
    inherited: z.array(z.string()),
    warnings: z.array(z.object({ path: z.string(), message: z.string() })),
    retired: z
      .object({ since: z.string(), by: z.string() })
      .nullable()
      .describe('Set where no bookings are taken any more: the row goes when the last open callback is over, and nothing is inherited'),
    updatedAt: z.string(),
    updatedBy: z.string(),
    etag: z.string(),
  })
  .meta({ id: 'QueueSettings' });
export type ShownSettings = z.output<typeof queueSettings>;

/** What is saved and won't work as it stands (2.1). The default row books nothing, so it lacks nothing; to call in, nobody needs one. */
const warningsOf = (queue: string, { callDirection, routePoint }: Settings): ShownSettings['warnings'] =>
  queue === DEFAULT_ROW || callDirection !== 'USERTERMINATED' || routePoint !== null
    ? []
    : [
        {
          path: 'routePoint',
          message: 'There is no route point, neither here nor in the default row: the contact center has to choose one.',
        },
      ];

/** A queue's row in `configuration`; throws QUEUE_NOT_FOUND where there is none. */
export const shownSettings = (configuration: Configuration, queue: string): ShownSettings => {
  const row = configuration.queues.get(queue);
  const settings = settingsOf(configuration, queue);
  if (row === undefined || settings === undefined) throw new Failure('QUEUE_NOT_FOUND');
  return {
    queue,
    settings,
    inherited: row.retired === undefined ? [...inheritedColumns(row.own)] : [],
    warnings: warningsOf(queue, settings),
    retired: row.retired ?? null,
    updatedAt: row.updatedAt,
    updatedBy: row.updatedBy,
    etag: etagOf(row),
  };
};

/** A row's own values: what was left out or null is inherited. */
export const ownSettings = (body: Readonly<Record<string, unknown>>): OwnSettings =>
  Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null && value !== undefined));
