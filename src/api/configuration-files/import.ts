import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { iso } from '../../clock.ts';
import { importConfiguration } from '../../commands/import-configuration.ts';
import type { ImportRefusal } from '../../domain/configuration/import-decider.ts';
import type { ImportCommand } from '../../domain/configuration/import-wanted.ts';
import { readsBy } from '../auth/reads.ts';
import { carryOut, preconditionOf } from '../configuring.ts';
import type { ApiDeps } from '../deps.ts';
import { Failure, type FieldError } from '../errors/failure.ts';
import { withQueues } from '../errors/refusals.ts';
import type { guardedHeaders } from '../schemas/headers.ts';
import { type ChangedName, changedName, shownChanges } from './changes.ts';
import { errorIn, type Locate, MOST_LISTED, type ReadFile } from './import-file.ts';

const LONGEST_WAIT_MS = 2_000;
const MIB = 1024 * 1024;
/** The largest file that is taken. */
export const FILE_LIMIT = 16 * MIB;

const flag = z.enum(['true', 'false']).default('false');
export const importQuery = z.strictObject({
  dryRun: flag.describe('Only say what would change'),
  replace: flag.describe('Delete what the file doesn’t name, instead of leaving it as it is'),
});

/** What an import changed, or would change. */
export const importResult = z
  .object({
    dryRun: z.boolean(),
    changes: z.array(changedName).describe('In order of names, within each part'),
    etag: z.string().describe('Of what was imported into, as it is now'),
  })
  .meta({ id: 'ImportResult' });

/** Bodies of these types are handed on as they came; others are refused, naming these. */
export const takeFiles = (app: FastifyInstance, types: readonly string[]): void => {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser([...types], { parseAs: 'buffer' }, async ({ headers }: FastifyRequest, body: Buffer) => {
    if ((headers['content-encoding'] ?? 'identity') !== 'identity') throw new Failure('UNSUPPORTED_CONTENT_ENCODING');
    return body;
  });
  app.addContentTypeParser('*', async () => {
    throw new Failure('UNSUPPORTED_FILE_TYPE', { values: { types: types.join(' or ') } });
  });
};

const inOrder = (a: FieldError, b: FieldError): number => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);

const invalid = (errors: readonly FieldError[]): Failure =>
  new Failure('INVALID_IMPORT', {
    errors: [...errors].sort(inOrder).slice(0, MOST_LISTED),
    values: { more: Math.max(0, errors.length - MOST_LISTED) },
  });

/** What a refused import is answered with: every problem where the file says it, naming the queues that the asker reads (8.2). */
const failureOf =
  (locate: Locate, { reads }: Pick<ImportCommand, 'reads'>) =>
  (refusal: ImportRefusal): Failure =>
    refusal.code === 'INVALID_IMPORT'
      ? invalid(refusal.problems.map(({ queues, ...one }) => errorIn(locate, { ...one, message: withQueues(one.message, queues, reads) })))
      : new Failure(refusal.code);

type Asked = {
  readonly query: z.output<typeof importQuery>;
  readonly headers: z.output<typeof guardedHeaders>;
  readonly etag: ImportCommand['etag'];
};

/** Carries out an import of a file for the one who asks, or says what it would do; answers with what changed, and the etag after it. */
export const answerImport = async (deps: ApiDeps, request: FastifyRequest, reply: FastifyReply, file: ReadFile, asked: Asked) => {
  const { commands, waiting, liveWaitFor } = deps;
  const { query, headers, etag } = asked;
  if (!file.ok) throw invalid(file.errors);
  const [dryRun, replace] = [query.dryRun === 'true', query.replace === 'true'];
  const given = preconditionOf(headers);
  const asksForNone = dryRun && given.ifMatch === undefined && given.ifNoneMatch === undefined;
  const last = replace ? await commands.store.lastPosition() : undefined;
  if (last !== undefined) await liveWaitFor(last, LONGEST_WAIT_MS); // what other nodes booked counts, too
  const reads = readsBy(request);
  const command: ImportCommand = {
    ...{ wanted: file.wanted, replace, reads, etag, openCallbacks: waiting.openCallbacks },
    ...{ precondition: asksForNone ? null : given, now: iso(commands.clock.now()) },
  };
  let changes: readonly ChangedName[] = [];
  const { configuration } = await carryOut(
    ...([deps, request, reply] as const),
    async (context) => {
      const { store, newId, configurationSoFar } = commands;
      const imported = await importConfiguration(store, command, { dryRun, newId }, context, configurationSoFar);
      changes = shownChanges(imported.changes);
      return imported;
    },
    failureOf(file.locate, command),
  );
  const now = etag(configuration, reads);
  return reply.header('etag', now).send({ dryRun, changes: [...changes], etag: now });
};

/** The body of an import: a file, or nothing at all. */
export const fileOf = (body: unknown): Buffer => (Buffer.isBuffer(body) ? body : Buffer.alloc(0));
