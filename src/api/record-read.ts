import type { FastifyRequest } from 'fastify';
import { iso } from '../clock.ts';
import { type AuditEvent, readsStream } from '../domain/audit/events.ts';
import { contextOf } from './context.ts';
import type { ApiDeps } from './deps.ts';

/** What was read: one callback, the rows that a search found, or those of an export. */
export type PersonalRead = {
  readonly kind: AuditEvent['data']['kind'];
  readonly operation: string;
  readonly callbackId?: string | undefined;
  /** The queue of that callback, which hides the fact from those who don't read it. */
  readonly queue?: string | undefined;
  /** Parameters that name nobody. */
  readonly filters?: Readonly<Record<string, unknown>>;
  /** What was searched for; only its keyed hash is kept. */
  readonly searched?: string | undefined;
  readonly rows: number;
};

const listed = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).map(String);

/**
 * Records that a user reads personal data (9.4): one append, before the answer, which isn't given when it can't be recorded. A client is
 * told what it sent itself, and isn't recorded.
 */
export const recordRead = async (
  { commands: { store, keys, clock, newId } }: Pick<ApiDeps, 'commands'>,
  request: FastifyRequest,
  { kind, operation, callbackId, queue, filters = {}, searched, rows }: PersonalRead,
): Promise<void> => {
  if (request.principal?.kind !== 'user') return;
  const at = iso(clock.now());
  const given = Object.entries(filters).filter(([, value]) => value !== undefined);
  const data = {
    ...{ kind, operation, callbackId: callbackId ?? null, rows, at },
    ...(queue === undefined ? {} : { queue }),
    filters: Object.fromEntries(given.map(([name, value]) => [name, listed(value)])),
    searched: searched === undefined ? null : keys.hash('searched', searched),
  };
  await store.append(readsStream(at), [{ type: 'PersonalDataRead', data }], 'any', contextOf(request, newId));
};
