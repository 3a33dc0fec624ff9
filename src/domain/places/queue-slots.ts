import { assignedRule } from '../configuration/rule-state.ts';
import { type Configuration, settingsOf } from '../configuration/state.ts';
import { capacityAt } from '../rules/capacity-at.ts';
import type { CapacityRule } from '../rules/capacity-rule.ts';
import { type Calendar, calendarOf } from '../time/calendar.ts';
import { isOpenAt } from '../time/opening.ts';
import { type Slot, slotFinder } from '../time/slots.ts';
import { localOf, zoneOf } from '../time/zone.ts';

/** How a queue's time is cut into slots (3.2), which of them are open, and what each holds today: its rule's capacity, if it has one (4.2). */
export type QueueSlots = {
  readonly durationMinutes: number;
  readonly zone: string;
  /** Undefined for a queue without hours, which is always open. */
  readonly calendar: Calendar | undefined;
  readonly rule: CapacityRule | undefined;
  readonly slotCapacity: number;
  readonly slotAt: (instant: number) => Slot;
  /** Whether the office is open as a slot begins. */
  readonly isOpen: (slot: Slot) => boolean;
  readonly capacityOf: (slot: Slot) => number;
};

/** The slots of a queue as the configuration has them; undefined for a queue that isn't there. */
export const slotsOf = (configuration: Configuration, queue: string): QueueSlots | undefined => {
  const settings = settingsOf(configuration, queue);
  if (settings === undefined) return undefined;
  const { slotDurationMinutes: durationMinutes, businessHours, slotCapacity } = settings;
  const rule = assignedRule(configuration.rules, 'capacity', queue);
  const hours = businessHours === null ? undefined : configuration.businessHours.get(businessHours)?.hours;
  const calendar = hours && calendarOf(hours);
  const zone = hours?.zone ?? 'UTC';
  const clocks = zoneOf(zone);
  return {
    ...{ durationMinutes, zone, calendar, rule, slotCapacity },
    slotAt: slotFinder(durationMinutes, zone),
    isOpen: ({ start }) => calendar === undefined || isOpenAt(calendar, start),
    capacityOf: ({ start }) => (rule === undefined ? slotCapacity : capacityAt(rule, localOf(clocks, start))),
  };
};

/** Whether two cut time alike, into slots that are open and hold alike. Hours and rules are other objects once they are changed. */
export const areSame = (a: QueueSlots, b: QueueSlots): boolean =>
  a.calendar === b.calendar &&
  a.rule === b.rule &&
  a.durationMinutes === b.durationMinutes &&
  a.slotCapacity === b.slotCapacity &&
  a.zone === b.zone;
