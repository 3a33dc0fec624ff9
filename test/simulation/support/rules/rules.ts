import { dialingFaults } from '../../../crash/support/dialing.ts';
import { placesFaults } from '../../../crash/support/places.ts';
import type { Disturbance } from '../plan.ts';
import type { Outcome } from '../run.ts';
import { PURGE_MINUTES, RING_LIMIT_S, SLOT_CAPACITY, SLOT_MINUTES } from '../settings.ts';
import { MINUTE_MS } from '../traffic.ts';
import { decisionFaults } from './decisions.ts';
import { type Breach, historyBreaches } from './history.ts';
import { idleFaults, type Period } from './idle.ts';
import { orderFaults } from './order.ts';

/** While the circuit finds out that the contact center is back, one attempt at a time: each may wait for its placeBy. */
const RECOVERY_MS = 15_000;

/** When nothing could be placed. */
const unreachable = (plan: readonly Disturbance[]): readonly Period[] =>
  plan.flatMap((one) => (one.kind === 'CONNECTOR_DOWN' ? [{ from: one.from, until: one.until + RECOVERY_MS }] : []));

/** When nothing was done, or late: from those instants on places are to be given back. */
const delays = ({ scenario: { plan }, up }: Outcome): readonly number[] => [
  ...up.map(({ from }) => from),
  ...plan.flatMap((one) => (one.kind === 'POSTGRES_SLOW' ? [one.from, one.until] : [])),
];

/** All that a run's outcome has against the rules. */
export const breachesOf = (outcome: Outcome): readonly Breach[] => {
  const { booked, center, up, facts, scenario, faults } = outcome;
  const { plan } = scenario;
  const about = { said: center.said, up, facts };
  const purgeMinutes = plan.some(({ kind }) => kind === 'PURGE_SOONER') ? PURGE_MINUTES.edited : PURGE_MINUTES.first;
  const places = { slotMs: SLOT_MINUTES * MINUTE_MS, capacityOf: () => SLOT_CAPACITY, kills: delays(outcome) };
  const sentences = [
    ...faults,
    ...dialingFaults(center.record, RING_LIMIT_S * 1_000),
    ...placesFaults(facts, places),
    ...decisionFaults(about),
    ...orderFaults(about),
    ...idleFaults(about, unreachable(plan)),
  ];
  const histories = [...booked.values()].map(({ id, history }) => ({ id, history }));
  const shown = (sentence: string) => histories.find(({ id }) => sentence.includes(id))?.history;
  return [
    ...[...booked.values()].flatMap((one) => historyBreaches(one, purgeMinutes)),
    ...sentences.map((sentence): Breach => {
      const history = shown(sentence);
      return history === undefined ? { sentence } : { sentence, history };
    }),
  ];
};

/** The breaches, and the shortest history that shows one. */
export const told = (breaches: readonly Breach[]): string => {
  const [shortest] = breaches
    .flatMap(({ sentence, history }) => (history ? [{ sentence, history }] : []))
    .sort((a, b) => a.history.length - b.history.length);
  const lines = shortest?.history.map(({ at, type, data }) => `  ${at} ${type} ${JSON.stringify(data)}`) ?? [];
  return [...breaches.map(({ sentence }) => sentence), ...(shortest ? [`shortest: ${shortest.sentence}`, ...lines] : [])].join('\n');
};
