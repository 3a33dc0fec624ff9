import { DateTime } from 'luxon';
import { type BusinessHours, weekdays } from '../../../src/domain/configuration/events.ts';
import { type Calendar, calendarOf } from '../../../src/domain/time/calendar.ts';
import { openSlots } from '../../../src/domain/time/slots.ts';

export const at = (text: string): number => Date.parse(text);
export const utc = (instant: number): string => new Date(instant).toISOString().slice(0, 16);
/** Days since 1970-01-01 of a date. */
export const day = (date: string): number => Date.parse(date) / 86_400_000;

type Day = BusinessHours['weekly'][(typeof weekdays)[number]];

export const everyDay = (hours: NonNullable<Day>): BusinessHours['weekly'] => Object.fromEntries(weekdays.map((name) => [name, hours]));

export const calendar = (zone: string, weekly: BusinessHours['weekly'], some: Partial<BusinessHours> = {}): Calendar =>
  calendarOf({ zone, weekly, exceptions: [], holidays: [], ...some });

/** The slots that begin between two instants, as local time and UTC: what the clocks show, by luxon. */
export const shown = (hours: Calendar, minutes: number, from: string, to: string): string[] =>
  openSlots(hours, minutes, at(from), at(to)).map(({ start }) => {
    const local = DateTime.fromMillis(start, { zone: hours.zone.name });
    return `${local.toFormat('dd HH:mm')} = ${utc(start).slice(8).replace('T', ' ')}Z`;
  });
