import type { CapacityDuration, CapacityRule, CapacityValues } from './capacity-rule.ts';

const halved = (values: CapacityValues): CapacityValues =>
  Object.fromEntries(Object.entries(values).flatMap(([time, value]) => [time, time.replace(/00$/, '30')].map((at) => [at, value])));

const doubled = (values: CapacityValues): CapacityValues =>
  Object.fromEntries(Object.entries(values).filter(([time]) => time.endsWith('00')));

/** Values for time slots of another length (4.2): from 60 to 30 minutes each is copied to the half hour; from 30 to 60 those of half hours are dropped. */
export const convertValues = (values: CapacityValues, from: CapacityDuration, to: CapacityDuration): CapacityValues =>
  from === to ? values : to === 30 ? halved(values) : doubled(values);

/** A rule for time slots of another length, its exceptions too; see `convertValues`. */
export const withDuration = (rule: CapacityRule, to: CapacityDuration): CapacityRule => {
  const convert = (values: CapacityValues) => ({ ...convertValues(values, rule.duration, to) });
  return {
    duration: to,
    days: Object.fromEntries(Object.entries(rule.days).map(([day, values]) => [day, convert(values)])),
    exceptions: rule.exceptions.map(({ date, values }) => ({ date, values: convert(values) })),
  };
};
