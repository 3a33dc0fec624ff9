import { performance } from 'node:perf_hooks';
import { type BusinessHours, weekdays } from '../../src/domain/configuration/events.ts';
import { calendarOf } from '../../src/domain/time/calendar.ts';
import { openSlots } from '../../src/domain/time/slots.ts';
import { figuresOf, say } from '../kit/figure.ts';

const AIM = 1_000_000;
const ROUNDS = 50;
const [from, to] = [Date.UTC(2026, 0), Date.UTC(2027, 0)];

const weekOf = (hours: 'all-day' | [string, string][]): BusinessHours['weekly'] =>
  Object.fromEntries(weekdays.map((name) => [name, hours]));
const shops: [string, string][] = [
  ['08:00', '12:00'],
  ['13:00', '18:00'],
  ['22:00', '01:00'],
];
const calendars: Readonly<Record<string, BusinessHours>> = {
  'all-day': { zone: 'Europe/Paris', weekly: weekOf('all-day'), exceptions: [], holidays: [] },
  shops: { zone: 'Australia/Lord_Howe', weekly: weekOf(shops), exceptions: [], holidays: [] },
  holidays: {
    zone: 'Europe/Berlin',
    weekly: weekOf(shops),
    exceptions: Array.from({ length: 20 }, (_, n) => ({
      date: new Date(from + n * 9 * 86_400_000).toISOString().slice(0, 10),
      intervals: [],
    })),
    holidays: [{ country: 'DE', region: 'BY' }],
  },
};
const figure = figuresOf('time/slots');

say('The slots of 2026 for one calendar, computed anew each time; the first time, zone and holidays are looked up.');
for (const [name, hours] of Object.entries(calendars)) {
  for (const minutes of [5, 60]) {
    const start = performance.now();
    const first = openSlots(calendarOf({ ...hours }), minutes, from, to).length;
    const firstMs = performance.now() - start;
    const again = performance.now();
    let slots = 0;
    for (let round = 0; round < ROUNDS; round++) slots += openSlots(calendarOf({ ...hours }), minutes, from, to).length;
    const ms = performance.now() - again;
    figure(`${name}/${minutes}-minutes`, (slots * 1_000) / ms, 'slots/s', AIM);
    figure(`${name}/${minutes}-minutes/first-year-of-${first}`, firstMs, 'ms');
  }
}
