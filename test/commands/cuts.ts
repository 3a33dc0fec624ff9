import type { ConfigurationEvent } from '../../src/domain/configuration/events.ts';
import { type Configuration, evolve, initialConfiguration } from '../../src/domain/configuration/state.ts';
import type { CapacityRule } from '../../src/domain/rules/capacity-rule.ts';

/** How a queue cuts its time: slots of this length in this zone, around the clock, of this capacity; or of what a rule says. */
export type Cut = {
  readonly zone: string;
  readonly slotDurationMinutes: 5 | 10 | 15 | 20 | 30 | 60 | 120;
  readonly slotCapacity: number;
  readonly rule?: CapacityRule;
};

const at = '2026-03-01T00:00:00.000Z';
const weekly = Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, 'all-day' as const]));

/** A configuration with one queue that is cut so. */
export const configurationOf = (queue: string, { zone, rule, ...settings }: Cut): Configuration => {
  const events: ConfigurationEvent[] = [
    { type: 'BusinessHoursCreated', data: { name: 'hours', hours: { zone, weekly, exceptions: [], holidays: [] }, at } },
    { type: 'QueueCreated', data: { queue, settings: { businessHours: 'hours', ...settings }, at } },
  ];
  if (rule !== undefined) {
    events.push({ type: 'CapacityRuleCreated', data: { name: 'rule', rule, at } });
    events.push({ type: 'CapacityRuleAssigned', data: { queue, name: 'rule', before: null, at } });
  }
  return events.reduce((state, event, index) => evolve(state, { event, revision: BigInt(index), by: 'ann' }), initialConfiguration);
};
