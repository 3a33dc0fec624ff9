import { type Clock, iso } from '../clock.ts';
import type { Callback } from '../domain/callback/state.ts';
import type { Settings } from '../domain/configuration/columns.ts';
import { assignedRule } from '../domain/configuration/rule-state.ts';
import type { Configuration } from '../domain/configuration/state.ts';
import { barredUntil } from '../domain/dispatch/calling-hours.ts';
import { readAnyNumber } from '../domain/phone/number.ts';
import { zonesOfNumber } from '../domain/phone/zones.ts';
import { isAllowed, testNumber } from '../domain/rules/number-verdict.ts';

export type MayCallDeps = {
  readonly configuration: () => Configuration;
  readonly clock: Pick<Clock, 'now'>;
  /** Whether a number (E.164) is on the do-not-call list. */
  readonly isBarred: (phoneNumber: string) => boolean;
};
type Numbered = Pick<Callback, 'zones' | 'phoneNumber'>;

/** Whether the queue's number rule, or the do-not-call list, forbids the call by now (1.5, 4.1, 7.5). */
export const isForbidden = (
  { configuration, isBarred }: Pick<MayCallDeps, 'configuration' | 'isBarred'>,
  { queue, phoneNumber }: Pick<Callback, 'queue' | 'phoneNumber'>,
): boolean => {
  if (phoneNumber === null) return false;
  const number = readAnyNumber(phoneNumber);
  const rule = assignedRule(configuration().rules, 'numbers', queue);
  return ('e164' in number && rule !== undefined && !isAllowed(testNumber(rule, number))) || isBarred(phoneNumber);
};

const zonesOf = ({ zones, phoneNumber }: Numbered): readonly string[] => {
  const number = zones !== undefined || phoneNumber === null ? undefined : readAnyNumber(phoneNumber);
  return zones ?? (number !== undefined && 'e164' in number ? zonesOfNumber(number) : []);
};

/** The customer's local hours are over (7.5), by what the callback itself knows. */
export const deferralOf = ({ configuration, clock }: Pick<MayCallDeps, 'configuration' | 'clock'>, state: Numbered, settings: Settings) => {
  if (settings.localHours === null) return {};
  const zones = zonesOf(state);
  const until = barredUntil(configuration(), settings, zones, clock.now());
  return until === undefined ? {} : { deferral: { until: iso(until), because: 'LOCAL_HOURS' as const, zones } };
};
