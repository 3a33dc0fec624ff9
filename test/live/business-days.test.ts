import { describe, expect, it } from 'vitest';
import { iso } from '../../src/clock.ts';
import type { BusinessHours } from '../../src/domain/configuration/events.ts';
import type { ImportedChange } from '../../src/domain/configuration/import-events.ts';
import { businessDaysView } from '../../src/live/business-days.ts';
import { at, everyDay } from '../domain/time/hours.ts';
import { memoryLog } from './log.ts';

const until = (end: string): BusinessHours => ({ zone: 'UTC', weekly: everyDay([['09:00', end]]), exceptions: [], holidays: [] });
const MONDAY = '2026-03-02T10:00:00.000Z';

/** A view of a queue whose hours, those of the default row, end at 18:00. */
const viewed = () => {
  const [view, log] = [businessDaysView(), memoryLog()];
  const tell = (...events: Parameters<typeof log.append>[1][]) => {
    for (const event of log.append('configuration', ...events)) view.apply(event);
  };
  tell(
    { type: 'BusinessHoursCreated', data: { name: 'office', hours: until('18:00'), at: MONDAY } },
    { type: 'QueueCreated', data: { queue: 'default', settings: { businessHours: 'office' }, at: MONDAY } },
    { type: 'QueueCreated', data: { queue: 'sales', settings: {}, at: MONDAY } },
  );
  return { view, tell, next: () => iso(view.nextEnd('sales') ?? 0).slice(0, 16) };
};

describe('the business days of a queue', () => {
  it('end by the hours that it inherits, one after the other as they are recorded', () => {
    const { view, tell, next } = viewed();
    expect(next()).toBe('2026-03-02T18:00');
    expect(view.unrecorded('sales', at('2026-03-02T17:59Z'))).toBeUndefined();
    const closedAt = '2026-03-02T18:00:00.000Z';
    expect(view.unrecorded('sales', at(closedAt))).toEqual({ day: '2026-03-02', closedAt: at(closedAt) });
    tell({ type: 'BusinessDayClosed', data: { queue: 'sales', day: '2026-03-02', closedAt, at: closedAt } });
    expect(view.unrecorded('sales', at(closedAt))).toBeUndefined();
    expect(next()).toBe('2026-03-03T18:00');
  });
  it('end by edited hours from the edit on: none today when their end is past already', () => {
    const { tell, next } = viewed();
    const weekly = { before: until('18:00').weekly, after: until('14:00').weekly };
    tell({ type: 'BusinessHoursChanged', data: { name: 'office', changes: { weekly }, at: '2026-03-02T15:00:00.000Z' } });
    expect(next()).toBe('2026-03-03T14:00');
  });
  it('do not end once the queue is gone, nor of a queue that there is not', () => {
    const { view, tell } = viewed();
    tell({ type: 'QueueDeleted', data: { queue: 'sales', settings: {}, at: '2026-03-02T15:00:00.000Z' } });
    expect([view.nextEnd('sales'), view.nextEnd('other')]).toEqual([null, null]);
  });
  it('do not end once a large import deleted the queue, and end by the hours that it brings to another', () => {
    const { view, tell } = viewed();
    const at = '2026-03-02T15:00:00.000Z';
    tell({ type: 'QueueCreated', data: { queue: 'support', settings: {}, at: MONDAY } });
    const changes: ImportedChange[] = [
      { type: 'BusinessHoursCreated', v: 1, data: { name: 'late', hours: until('20:00'), at } },
      { type: 'QueueSettingsChanged', v: 1, data: { queue: 'support', changes: { businessHours: { before: null, after: 'late' } }, at } },
      { type: 'QueueDeleted', v: 1, data: { queue: 'sales', settings: {}, at } },
    ];
    tell(
      { type: 'ImportBegun', data: { importId: 'i', changes: changes.length, at } },
      { type: 'ImportPartAdded', data: { importId: 'i', changes, at } },
      { type: 'ImportCommitted', data: { importId: 'i', at } },
    );
    expect(view.nextEnd('sales')).toBeNull();
    expect(iso(view.nextEnd('support') ?? 0)).toBe('2026-03-02T20:00:00.000Z');
  });
  it('of several that were missed the last is found', () => {
    const { view } = viewed();
    view.seed('sales', at('2026-03-03T18:00Z'));
    expect(view.unrecorded('sales', at('2026-03-06T10:00Z'))?.day).toBe('2026-03-05');
  });
});
