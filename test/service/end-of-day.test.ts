import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { iso } from '../../src/clock.ts';
import { freshPostgresDir } from '../support/postgres.ts';
import { configureQueue, ended, given, type Running, startRunning, until } from './running.ts';

const SPEED = 300;
const START = Date.parse('2026-03-02T16:00:00.000Z');
/** The office of the default queue closes two hours after the start; nobody is there to call. */
const env = { ...given, SIMULATOR: 'off' };

let dir: string;
let running: Running;
beforeAll(async () => {
  dir = dirname(await freshPostgresDir());
  running = await startRunning({ dir, env, start: START, speed: SPEED, clockSpeed: SPEED });
  const hours = { zone: 'UTC', weekly: { mon: [['09:00', '18:00']], tue: [['09:00', '18:00']] } };
  expect((await running.asAdmin('PUT', '/business-hours/early', hours, { 'if-none-match': '*' })).status).toBe(201);
  await configureQueue(running, 'demo', { businessHours: 'early', callbackPurgeMinutes: 10_080 });
}, 60_000);
afterAll(() => running.close());

it('at the end of the business day who waits is purged, and who is booked for a time ahead is not', async () => {
  const waiting = await Promise.all(
    ['+12125550160', '+12125550161'].map((phoneNumber) => running.book({ serviceName: 'demo', phoneNumber })),
  );
  const ahead = await running.book({ serviceName: 'demo', phoneNumber: '+12125550162', desiredTime: iso(START + 86_400_000) });
  for (const id of waiting) {
    const { end } = await ended(running, id);
    expect(end).toMatchObject({
      data: { reason: 'PURGED_END_OF_DAY', stateBefore: 'QUEUED' },
      actor: { kind: 'process', name: 'business_days' },
    });
    expect(end.at >= '2026-03-02T18:00').toBe(true);
  }
  expect((await running.history(ahead)).map(({ type }) => type)).toEqual(['CallbackBooked']);
}, 90_000);

it('who waits longer than the queue allows is purged, as soon as the setting says so', async () => {
  const id = await running.book({ serviceName: 'demo', phoneNumber: '+12125550163' });
  await until(async () => (await running.history(id)).some(({ type }) => type === 'CallbackQueued'));
  await configureQueue(running, 'demo', { businessHours: 'early', callbackPurgeMinutes: 1 });
  const { end } = await ended(running, id);
  expect(end).toMatchObject({ data: { reason: 'PURGED_TIMEOUT' }, actor: { name: 'purge' } });
}, 60_000);
