import { describe, expect, it } from 'vitest';
import { iso } from '../../src/clock.ts';
import type { DomainEvent } from '../../src/domain/catalogue.ts';
import { settingsOf } from '../../src/domain/configuration/state.ts';
import { configurationView } from '../../src/live/configuration.ts';
import type { LiveView } from '../../src/live/live-view.ts';
import { lostKeysView } from '../../src/live/lost-keys.ts';
import { offsetChangesView } from '../../src/live/offset-changes.ts';
import { type PlacesView, placesView } from '../../src/live/places.ts';
import { samples } from '../eventstore/samples.ts';
import { memoryLog } from './log.ts';

const at = '2026-03-02T10:00:00.000Z';
const tell = (view: LiveView, ...events: DomainEvent[]) => {
  const log = memoryLog();
  for (const event of log.append('stream-1', ...events)) view.apply(event);
};

describe('places', () => {
  const taken = (holdId: string, instant: string, now = at): DomainEvent => ({
    type: 'PlaceTaken',
    data: { queue: 'sales', callbackId: 'c', holdId, instant, day: instant.slice(0, 10), checked: true, decidedAt: null, at: now },
  });
  const back = (holdId: string, instant: string): DomainEvent => ({
    type: 'PlaceGivenBack',
    data: { queue: 'sales', callbackId: 'c', holdId, instant, because: 'MOVED', at },
  });
  const noon = '2026-03-02T12:00:00.000Z';

  const heldOn = (view: PlacesView, queue: string, day: string) => [...view.heldOn(queue, day)].map(({ instant }) => iso(instant));

  it('are known by queue and UTC day, one for each hold however often it is told of', () => {
    const view = placesView();
    tell(view, taken('1', noon), taken('2', '2026-03-02T23:59:59.999Z'), taken('3', '2026-03-03T00:00:00.000Z'), taken('1', noon));
    expect(heldOn(view, 'sales', '2026-03-02')).toEqual([noon, '2026-03-02T23:59:59.999Z']);
    expect(heldOn(view, 'sales', '2026-03-03')).toEqual(['2026-03-03T00:00:00.000Z']);
    expect(heldOn(view, 'other', '2026-03-02')).toEqual([]);
  });
  it('given back are free', () => {
    const view = placesView();
    tell(view, taken('1', noon), back('1', noon), back('nobody', noon));
    expect(heldOn(view, 'sales', '2026-03-02')).toEqual([]);
  });
  it('of days that are over are forgotten', () => {
    const view = placesView();
    tell(view, taken('1', noon), taken('2', '2026-03-05T12:00:00.000Z', '2026-03-05T10:00:00.000Z'));
    expect([...view.heldOn('sales', '2026-03-02'), ...view.heldOn('sales', '2026-03-05')].map(({ instant }) => iso(instant))).toEqual([
      '2026-03-05T12:00:00.000Z',
    ]);
  });
});

describe('configuration', () => {
  it('is in force as soon as it is told of, and other events leave it alone', () => {
    const view = configurationView();
    tell(
      view,
      { type: 'QueueCreated', data: { queue: 'sales', settings: { pacing: 0.5 }, at } },
      { type: 'CallbackRequeued', data: { queue: 'sales', at } },
    );
    expect(settingsOf(view.current(), 'sales')?.pacing).toBe(0.5);
    expect(view.current().queues.get('sales')?.updatedBy).toBe('ann');
  });
});

describe('keys that are gone', () => {
  it('leave memory with the fact that says so, whichever it is', () => {
    const gone: string[] = [];
    const view = lostKeysView({ evict: (...keyIds) => gone.push(...keyIds) });
    const data = { queue: 'sales', at };
    tell(
      view,
      { type: 'CallbackRetired', data: { ...data, keyId: 'k-1' } },
      { type: 'PersonalDataErased', data: { ...data, keyId: 'k-2' } },
    );
    tell(view, { type: 'CallbackBooked', data: samples.CallbackBooked });
    expect(gone).toEqual(['k-1', 'k-2']);
  });
});

describe('due times', () => {
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  it('are looked at again once for all that moves them in one go', async () => {
    let times = 0;
    const view = offsetChangesView(() => times++);
    tell(view, { type: 'CallbackRequeued', data: { queue: 'sales', at } });
    await turn();
    expect(times).toBe(0);
    tell(
      view,
      { type: 'QueueCreated', data: { queue: 'sales', settings: {}, at } },
      { type: 'CallbackQueued', data: samples.CallbackQueued },
    );
    await turn();
    expect(times).toBe(1);
    tell(view, { type: 'CallbackConnected', data: samples.CallbackConnected });
    await turn();
    expect(times).toBe(2);
  });
});
