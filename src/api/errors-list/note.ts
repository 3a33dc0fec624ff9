import type { FastifyRequest } from 'fastify';
import { iso } from '../../clock.ts';
import { mayRead, type Reads } from '../../domain/access/reads.ts';
import { parseAttemptId } from '../../domain/callback/events.ts';
import { readsBy } from '../auth/reads.ts';
import type { ApiDeps } from '../deps.ts';
import { statusOf } from '../errors/body.ts';
import { Failure, sentence } from '../errors/failure.ts';
import { isCallbackId } from '../schemas/text.ts';
import type { NotedFailure } from './failed-query.ts';
import { fieldsOf, parametersOf } from './known-names.ts';

/** Takes note of a request that failed, and of what was thrown. */
export type NoteFailure = (failure: Failure, error: unknown, request: FastifyRequest) => void;
/** Takes note of what couldn't be read as a request. */
export type NoteUnreadable = (failure: Failure, corrId: string) => void;

/** What is for orchestrators and browsers of the description is no query of the API. */
const isAside = (url: string | undefined): boolean => /^\/(health|metrics|docs)(\/|\?|$)/.test(url ?? '');

/** Values of messages that are the service's own words or numbers; others may name what not every reader of the list may see. */
const ownWords: readonly string[] = ['state', 'count', 'limit', 'methods', 'credentials', 'minutes', 'days', 'more', 'types'];

const messageOf = (failure: Failure): string => {
  const values = Object.entries(failure.details.values ?? {}).filter(([name]) => ownWords.includes(name));
  return sentence(new Failure(failure.error, { values: Object.fromEntries(values) }));
};

const plain = (value: unknown): string => (typeof value === 'string' && /^[\w.-]{1,64}$/.test(value) ? value : '');

/** The row of the table of errors with the fields to blame, or the kind of error behind it: never its text, which may hold data. */
const causeOf = (failure: Failure, error: unknown, request: FastifyRequest | undefined): string => {
  if (error instanceof Error && error !== failure) {
    return [plain(error.name) || 'Error', plain(Reflect.get(error, 'code'))].filter((part) => part !== '').join(' ');
  }
  const paths = (failure.details.errors ?? []).map(({ path }) => path);
  const fields = fieldsOf(paths, request?.routeOptions.schema);
  return fields.length === 0 ? failure.error : `${failure.error}: ${fields.join(', ')}`;
};

const textIn = (value: unknown, name: string): string | undefined => {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  return typeof found === 'string' ? found : undefined;
};

const isBetween = (code: number, from: number, to: number): boolean => code >= from && code < to;

/** The callback that a request is about, where it was looked up: not for what was refused before, nor for what isn't there for the asker. */
const callbackOf = ({ code }: Failure['row'], { params, body, routeOptions: { url = '' } }: FastifyRequest): string | null => {
  if (!isBetween(code, 4000, 6000)) return null;
  const id = url.includes('/callbacks/') ? (textIn(params, 'id') ?? textIn(body, 'id')) : undefined;
  const attempt = url.includes('/attempts/') ? parseAttemptId(textIn(params, 'id') ?? '')?.callbackId : undefined;
  const found = id ?? attempt;
  return found !== undefined && isCallbackId(found) ? found : null;
};

/** What the asker himself can't see is as good as unknown: otherwise the list would tell him of queues that don't exist for him. */
const queueOf = ({ code }: Failure['row'], request: FastifyRequest, reads: Reads, exists: (queue: string) => boolean): string | null => {
  if (isBetween(code, 3000, 4000)) return null;
  const { params, body, query } = request;
  const named = textIn(params, 'queue') ?? textIn(params, 'serviceName') ?? textIn(body, 'serviceName') ?? textIn(query, 'queue');
  return named !== undefined && exists(named) && mayRead(reads, named) ? named : null;
};

const NOTHING: Reads = new Set();

/** How failures get into the errors list (8.5): the route and names alone, no values, no words of the asker. */
export const noteInto = ({ errorsList, commands }: Pick<ApiDeps, 'errorsList' | 'commands'>) => {
  const now = () => iso(commands.clock.now());
  const exists = (queue: string) => commands.configuration().queues.has(queue);
  const failed: NoteFailure = (failure, error, request) => {
    if (isAside(request.raw.url)) return;
    const { id: correlationId, method, query, routeOptions } = request;
    const principal = request.principal ?? null; // an address that can't be read never came to be a request of the app's own kind
    const reads = principal === null ? NOTHING : readsBy(request);
    const noted: NotedFailure = {
      ...{ correlationId, at: now(), method, route: routeOptions.url ?? 'unknown' },
      parameters: parametersOf(query, routeOptions.schema),
      ...{ status: statusOf(failure, request.raw.url), code: failure.row.code },
      ...{ message: messageOf(failure), cause: causeOf(failure, error, request) },
      queue: queueOf(failure.row, request, reads, exists),
      callbackId: callbackOf(failure.row, request),
      ...{ reads, asker: principal === null ? 'nobody' : `${principal.kind}:${principal.id}` },
    };
    errorsList.note(noted);
  };
  const unreadable: NoteUnreadable = (failure, correlationId) =>
    errorsList.note({
      ...{ correlationId, at: now(), method: 'unknown', route: 'unknown', parameters: [], queue: null, callbackId: null },
      ...{ status: failure.row.http, code: failure.row.code, message: messageOf(failure), cause: failure.error },
      ...{ reads: NOTHING, asker: 'nobody' },
    });
  return { failed, unreadable };
};
