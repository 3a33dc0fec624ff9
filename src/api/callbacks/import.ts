import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { BookingRefusal } from '../../commands/book.ts';
import { type Imported, importCallback, type Standing, standingOf } from '../../commands/import-callbacks.ts';
import type { OfficeClosed } from '../../commands/place-wish.ts';
import { commandsFor, readsBy } from '../auth/reads.ts';
import type { BookingDeps } from '../book.ts';
import { contextOf } from '../context.ts';
import { failures } from '../errors/body.ts';
import { Failure, sentence } from '../errors/failure.ts';
import { failureFrom } from '../errors/from-error.ts';
import { bookingFailure } from '../errors/refusals.ts';
import { officeClosed } from '../office-closed.ts';
import { tellPosition } from '../positions.ts';
import { changeHeaders } from '../schemas/headers.ts';
import { inOrder, MOST_ROWS, type ReadFile, type RowError, readCsvFile, readJsonFile } from './import-file.ts';
import { bookingOfRow } from './import-row.ts';

const FILE_LIMIT = 16 * 1024 * 1024;
/** Rows that are looked up or booked at once. */
const AT_ONCE = 16;
const MOST_ERRORS = 10_000;

const outcomes = ['NEW', 'BOOKED', 'ALREADY', 'DIFFERS', 'REFUSED', 'FAILED', 'NOT_TRIED'] as const;
type Outcome = (typeof outcomes)[number];

const report = z
  .object({
    dryRun: z.boolean(),
    counts: z.record(z.enum(outcomes), z.int()),
    rows: z.array(
      z.object({
        row: z.int().describe('From 1, the line of columns not counted'),
        line: z.int().nullable().describe('Where it begins in a CSV file'),
        reference: z.string(),
        outcome: z
          .enum(outcomes)
          .describe(
            'NEW: would be booked; ALREADY: taken over before; DIFFERS: so was its reference, with other content, which stays; NOT_TRIED: a row before it failed',
          ),
        id: z.string().nullable().describe('The callback'),
        code: z.int().nullable().describe('Why not, as a row of the table of errors'),
        message: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'TakeOverReport' });

const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((value) => value === 'true');

const failureOf = (refusal: BookingRefusal | OfficeClosed): Failure =>
  refusal.code === 'OFFICE_CLOSED' ? officeClosed() : bookingFailure(refusal, () => []);

/** Does something with each in order, so many at once; none is begun after one for which `stop` holds. */
const each = async <T, R>(
  all: readonly T[],
  work: (one: T, index: number) => Promise<R>,
  stop: (done: R) => boolean,
): Promise<(R | undefined)[]> => {
  const done: (R | undefined)[] = all.map(() => undefined);
  let next = 0;
  let stopped = false;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < all.length && !stopped; index = next++) {
      const one = all[index];
      if (one === undefined) continue;
      const result = await work(one, index);
      done[index] = result;
      stopped ||= stop(result);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return done;
};

/** The store doesn’t take anything: the rows after it would fail alike. */
const isLost = (done: Imported | Standing): boolean => done.is === 'FAILED' && failureFrom(done.error, 0).error !== 'CONTENDED';

/** Where the last booking of all lies in the log; undefined where none was made. */
const lastPosition = (done: readonly (Imported | Standing | undefined)[]): bigint | undefined =>
  done.reduce<bigint | undefined>((last, one) => {
    const position = one !== undefined && 'position' in one ? one.position : undefined;
    return position !== undefined && (last === undefined || position > last) ? position : last;
  }, undefined);

const shown = (
  done: Imported | Standing | undefined,
): { outcome: Outcome; id: string | null; code: number | null; message: string | null } => {
  const none = { id: null, code: null, message: null };
  if (done === undefined) return { outcome: 'NOT_TRIED', ...none };
  switch (done.is) {
    case 'NEW':
      return { outcome: 'NEW', ...none };
    case 'REFUSED':
    case 'UNFIT': {
      const failure = failureOf(done.refusal);
      return { outcome: 'REFUSED', id: null, code: failure.row.code, message: sentence(failure) };
    }
    case 'FAILED': {
      const failure = failureFrom(done.error, 0);
      return { outcome: 'FAILED', id: null, code: failure.row.code, message: sentence(failure) };
    }
    default:
      return { outcome: done.is, ...none, id: done.id };
  }
};

/** POST /callbacks/import: takes over open callbacks of another system (1.15). All rows are checked before any is booked. */
export const takeOver =
  (deps: BookingDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.addContentTypeParser('text/csv', { parseAs: 'buffer' }, async (_request: FastifyRequest, body: Buffer) => body);
    app.addContentTypeParser('*', async () => {
      throw new Failure('UNSUPPORTED_FILE_TYPE', { values: { types: 'text/csv or application/json' } });
    });
    app.post(
      '/callbacks/import',
      {
        config: { permission: { user: ['takeOver', 'W'] } },
        bodyLimit: FILE_LIMIT,
        schema: {
          tags: ['callbacks'],
          operationId: 'importCallbacks',
          summary: 'Take over open callbacks of another system, under its ids as references; the same file again changes nothing',
          description: `CSV with a line of columns, or JSON \`{ "callbacks": [ … ] }\`, of at most ${MOST_ROWS} rows: reference, serviceName, phoneNumber; and desiredTime, kind, priority, language, routePoint, surveyRP, channel, nameRecording, userData (in CSV as JSON). With any row wrong none is booked.`,
          security: [{ token: [] }],
          consumes: ['text/csv', 'application/json'],
          headers: changeHeaders,
          querystring: z.strictObject({
            dryRun: flag.describe('Only check, and say what would be booked'),
            checkCapacity: flag.describe('Refuse scheduled callbacks whose slot is full or closed'),
          }),
          response: { 200: report, ...failures(400, 401, 403, 413, 415, 500, 503) },
        },
      },
      async (request, reply) => {
        const { dryRun, checkCapacity } = request.query;
        const commands = commandsFor(deps.commands, request);
        const context = contextOf(request, commands.newId);
        const file: ReadFile = Buffer.isBuffer(request.body) ? await readCsvFile(request.body) : readJsonFile(request.body);
        const rows = file.rows.map((row) => ({ ...row, booking: bookingOfRow(row.value, checkCapacity) }));
        const standings = await each(
          rows,
          ({ booking }) => standingOf(commands, booking, context.actor, readsBy(request)),
          () => false,
        );
        const unfit = rows.flatMap((row, index): RowError[] => {
          const standing = standings[index];
          if (standing?.is !== 'UNFIT') return [];
          const failure = failureOf(standing.refusal);
          return (failure.details.errors ?? []).map(({ path, message }) => ({ ...file.at(row, path), message }));
        });
        const now = commands.clock.now();
        const ahead = rows.flatMap((row): RowError[] => {
          const { kind, desiredTime } = row.value;
          if (kind !== 'IMMEDIATE' || desiredTime === undefined || desiredTime <= now) return [];
          return [{ ...file.at(row, 'desiredTime'), message: 'must not lie ahead for an immediate callback' }];
        });
        const errors = inOrder([...file.errors, ...unfit, ...ahead]);
        if (errors.length > 0) throw new Failure('INVALID_FIELDS', { errors: errors.slice(0, MOST_ERRORS) });

        const done = dryRun
          ? standings
          : await each<(typeof rows)[number], Imported | Standing>(
              rows,
              async ({ booking }, index) => {
                const before = standings[index];
                if (before !== undefined && before.is !== 'NEW') return before;
                return importCallback(commands, booking, { ...context, commandId: commands.newId() });
              },
              isLost,
            );
        tellPosition(reply, lastPosition(done));
        const answers = rows.map(({ row, line, value: { reference } }, index) => ({ row, line, reference, ...shown(done[index]) }));
        const counts = Object.fromEntries(outcomes.map((outcome) => [outcome, answers.filter((one) => one.outcome === outcome).length]));
        return { dryRun, counts: z.record(z.enum(outcomes), z.int()).parse(counts), rows: answers };
      },
    );
  };
