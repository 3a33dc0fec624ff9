import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startClock } from '../../src/clock.ts';
import { NotYetError } from '../../src/processes/kit/not-yet.ts';
import { startProjections } from '../../src/projections/kit/engine.ts';
import { tableModel } from '../../src/projections/kit/model.ts';
import { waitingLine } from '../../src/projections/waiting-line.ts';
import { waitingBefore } from '../../src/service/waiting-before.ts';
import { booked, queued } from '../projections/kit/samples.ts';
import { embeddedDatabase, freshStore, silent, type TestDatabase, type TestStore } from '../projections/kit/stack.ts';

const CLOSED_AT = '2026-03-01T10:01:00.000Z';

let database: TestDatabase;
let log: TestStore;
beforeAll(async () => {
  [database, log] = await Promise.all([embeddedDatabase(), freshStore()]);
});
afterAll(async () => {
  await log.close();
  await database.close();
});

describe('who waited before an instant', () => {
  it('is not known yet while the table of the waiting lines is behind the log, and is known once it has caught up', async () => {
    const clock = startClock();
    const enter = (id: string, queue: string, at: number) => log.append(`callback-${id}`, booked(queue, '+12125550100'), queued(queue, at));
    await enter('a', 'q', 0);
    const engine = startProjections({ db: database.db, store: log.store, clock, log: silent, models: [tableModel(waitingLine)] });
    await engine.caughtUp();
    let isBehind = true;
    const waiting = waitingBefore({
      db: database.kysely,
      lastPosition: log.store.lastPosition,
      waitFor: async (...asked) => !isBehind && engine.waitFor(...asked),
    });
    const read = async (queue: string) => {
      const found: string[] = [];
      for await (const ids of waiting(queue, CLOSED_AT)) found.push(...ids);
      return found;
    };
    await expect(read('q')).rejects.toBeInstanceOf(NotYetError);
    isBehind = false;
    await enter('b', 'q', 59);
    await enter('c', 'q', 60);
    await enter('d', 'other', 0);
    expect(await read('q')).toEqual(['a', 'b']);
    await engine.close();
  });
});
