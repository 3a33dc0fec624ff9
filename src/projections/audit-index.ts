import { queuesOf, scopesOf, subjectsOf } from '../domain/audit/about.ts';
import { defineProjection } from './kit/projection.ts';

/** One event of the log, and what it can be found by; what it says is read from the log. `key` is its position, so that text is in its order. */
export type AuditIndexRow = {
  readonly key: string;
  readonly at: string;
  readonly type: string;
  readonly stream: string;
  readonly actor: string;
  /** Null: only for those who read every queue. */
  readonly queues: readonly string[] | null;
  readonly subjects: readonly string[] | null;
  /** Of a part of an import: what those find it by who read only some of its queues. */
  readonly scopes: readonly string[] | null;
};

/** A position as a key of the index. */
export const positionKey = (position: bigint): string => position.toString().padStart(19, '0');

/** Leads to events by period, actor, type, stream, and by the thing whose history they are (9.4). */
export const auditIndex = defineProjection<AuditIndexRow>({
  name: 'audit_index',
  version: 2,
  personal: false,
  columns: {
    key: 'text',
    at: 'timestamptz',
    type: 'text',
    stream: 'text',
    actor: 'text',
    queues: 'text[]',
    subjects: 'text[]',
    scopes: 'text[]',
  },
  indexes: [
    '(at, key)',
    '(type, at, key)',
    '(stream, at, key)',
    '(actor, at, key)',
    'using gin (subjects) where subjects is not null',
    'using gin (scopes) where scopes is not null',
  ],
  keysOf: ({ position }) => [positionKey(position)],
  fold: (row, event, key) => {
    if (row !== undefined) return row;
    const { type, streamId: stream, metadata, data } = event;
    const subjects = subjectsOf(event);
    const scopes = scopesOf(event);
    return {
      key,
      at: data.at,
      type,
      stream,
      actor: metadata.actor.id,
      queues: queuesOf(event),
      subjects: subjects.length > 0 ? subjects : null,
      scopes: scopes.length > 0 ? scopes : null,
    };
  },
});
