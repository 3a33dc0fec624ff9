import type { DomainEvent } from '../../src/domain/catalogue.ts';
import type { Recorded } from '../../src/domain/kit/events.ts';

/** A log in memory that gives events their places; `append` answers them as they would be read. */
export const memoryLog = () => {
  const revisions = new Map<string, bigint>();
  let position = 0n;
  const append = (streamId: string, ...events: readonly DomainEvent[]): Recorded<DomainEvent>[] =>
    events.map((event) => {
      const revision = (revisions.get(streamId) ?? -1n) + 1n;
      revisions.set(streamId, revision);
      position += 1n;
      const id = `e-${position}`;
      const metadata = {
        ...{ version: 1, correlationId: `r-${position}`, causationId: `r-${position}`, commandId: `c-${position}` },
        actor: { kind: 'user' as const, id: 'u-1', name: 'ann' },
      };
      return { ...event, id, streamId, revision, position, metadata };
    });
  return { append };
};
