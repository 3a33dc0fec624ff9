import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { iso } from '../../clock.ts';
import { callbackKind } from '../../commands/streams.ts';
import { type Reads, visibleConfiguration } from '../../domain/access/reads.ts';
import { callbackStream } from '../../domain/callback/events.ts';
import { type CallbackState, evolve, initial } from '../../domain/callback/state.ts';
import { configurationDocument } from '../../domain/configuration/document.ts';
import { readsBy } from '../auth/reads.ts';
import { shownHours } from '../business-hours/row.ts';
import { readCursor, writeCursor } from '../callbacks/cursor.ts';
import { periodOf } from '../callbacks/list-query.ts';
import { listRows } from '../callbacks/list-rows.ts';
import { isThere } from '../callbacks/read.ts';
import { recordSearch } from '../callbacks/record-search.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { Failure } from '../errors/failure.ts';
import { shownSettings } from '../queue-settings/row.ts';
import { recordRead } from '../record-read.ts';
import { shownRule } from '../rules/rows.ts';
import { type AsOfQuery, asOfQuery, type Until, untilOf } from './query.ts';
import { earlier, reasonsOfNull, shownThen } from './rows.ts';
import { configurationUntil, eventsUntil } from './then.ts';
import { readRule } from './trail-query.ts';

const WAIT_MS = 5_000;
const AGAIN_SECONDS = 2;

const refused = (path: string, message: string) => new Failure('INVALID_FIELDS', { errors: [{ path, message }] });

/** When is asked for (epoch ms): the instant itself, or that of the event at the position. */
const thenOf = async ({ earlier: lists, commands }: ApiDeps, until: Until): Promise<number> => {
  if ('instant' in until) {
    if (until.instant > commands.clock.now()) throw refused('instant', 'must not lie in the future');
    return until.instant;
  }
  const at = await lists.instantAt(until.position);
  if (at === undefined) throw refused('position', 'must be the position of an event');
  return Date.parse(at);
};

/** What is asked for, and by somebody who reads what: the rights of today hold for every day (9.4). */
type Asked = { readonly until: Until; readonly then: number; readonly reads: Reads };

const callbackThen = async ({ commands }: ApiDeps, id: string, { until, then, reads }: Asked) => {
  let state: CallbackState = initial;
  let position = 0n;
  if (await isThere(commands.store, id, reads)) {
    for await (const event of eventsUntil(commands.store, callbackStream(id), until, true)) {
      if (callbackKind.isOwn(event)) state = evolve(state, event);
      position = event.position;
    }
  }
  if (state.state === 'NONE' || state.retired) throw new Failure('CALLBACK_NOT_FOUND');
  const { configuration } = await configurationUntil(commands.store, until);
  const { queue } = state;
  return { queue, position: position.toString(), callback: shownThen({ ...state, id }, configuration, then), reasons: reasonsOfNull };
};

/** A queue's settings, a rule, a calendar, or all of them, as they were; undefined where nothing such is asked for. */
const settingsThen = async ({ commands }: ApiDeps, { queue, rule, calendar, report }: AsOfQuery, { until, reads }: Asked) => {
  const [name] = report === undefined ? (queue ?? []) : [];
  if (name === undefined && rule === undefined && calendar === undefined && report !== 'configuration') return undefined;
  const then = await configurationUntil(commands.store, until);
  const configuration = visibleConfiguration(then.configuration, reads);
  const position = String(then.position ?? 0n);
  if (name !== undefined) return { position, queue: shownSettings(configuration, name) };
  if (calendar !== undefined) return { position, calendar: shownHours(configuration, calendar) };
  const asked = rule === undefined ? undefined : readRule(rule);
  // which regions were reported by then is not in the log
  const shown = { configuration, knownRegions: [], reads };
  if (asked !== undefined) return { position, rule: shownRule(shown, asked.kind, asked.name) };
  return { position, configuration: { ...configurationDocument(configuration) } };
};

/** The list as it was; undefined while it is being made. */
const listThen = async ({ earlier: lists, readModels, commands }: ApiDeps, query: AsOfQuery, position: bigint, { then, reads }: Asked) => {
  const cursor = readCursor(query);
  const period = cursor?.period ?? periodOf(query, then);
  return lists.read(position, WAIT_MS, async (table) => {
    const { rows, more, total, unreadable } = await listRows({ ...readModels, table: () => table }, query, { period, cursor, reads });
    const { configuration } = await configurationUntil(commands.store, { position });
    const last = rows.at(-1);
    const next = more && last !== undefined ? writeCursor(query, { period, value: last.sortValue, key: last.row.id }) : null;
    return { items: rows.map(({ row }) => shownThen(row, configuration, then)), next, total, unreadable, reasons: reasonsOfNull };
  });
};

/** GET /audit/as-of: a callback, settings and rules or the list of callbacks as they were (9.4). */
export const asOf =
  (deps: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/audit/as-of',
      {
        config: { permission: { user: ['audit', 'R'] } },
        schema: {
          tags: ['audit'],
          operationId: 'getAsOf',
          summary:
            'A callback, a queue, a rule, business hours, all settings or the list of callbacks as they were at a position or an instant',
          security: [{ token: [] }],
          querystring: asOfQuery,
          response: {
            200: z.union([earlier.list, earlier.callback, earlier.queue, earlier.rule, earlier.calendar, earlier.configuration]),
            202: earlier.later,
            ...failures(400, 401, 403, 404, 500, 503),
          },
        },
      },
      async (request, reply) => {
        const { query } = request;
        const until = untilOf(query);
        const then = await thenOf(deps, until);
        const asked = { until, then, reads: readsBy(request) };
        const instant = iso(then);
        if (query.callback !== undefined) {
          const { queue, ...found } = await callbackThen(deps, query.callback, asked);
          await recordRead(deps, request, {
            kind: 'DETAIL',
            operation: 'getAsOf',
            callbackId: query.callback,
            queue,
            filters: { instant },
            rows: 1,
          });
          return { instant, ...found };
        }
        const settings = await settingsThen(deps, query, asked);
        if (settings !== undefined) return { instant, ...settings };
        const position = 'position' in until ? until.position : await deps.earlier.positionAt(then);
        if (position === undefined) throw refused('instant', 'lies before everything that was recorded');
        const found = await listThen(deps, query, position, asked);
        const computedFrom = { position: position.toString(), instant };
        if (found !== undefined) {
          await recordSearch(deps, request, 'getAsOf', query, found.items.length);
          return { ...computedFrom, ...found };
        }
        return reply
          .status(202)
          .header('retry-after', AGAIN_SECONDS)
          .send({ ...computedFrom, message: 'It is being computed from the log: ask again for this position.' });
      },
    );
  };
