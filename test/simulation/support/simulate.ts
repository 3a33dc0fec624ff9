import { describe, expect, it } from 'vitest';
import { FIRST_INSTANT } from '../../service/running.ts';
import { planOf } from './plan.ts';
import { lostWithoutReason } from './rules/lost.ts';
import { breachesOf, told } from './rules/rules.ts';
import { type Outcome, runScenario, type Scenario } from './run.ts';
import { shrunk } from './shrink.ts';
import { trafficOf } from './traffic.ts';

/** Others, and more, by SIMULATION_SEEDS, such as 1,2,3. */
const seeds = (process.env.SIMULATION_SEEDS ?? '11,12').split(',').map(Number);
const FILES = 2;
const DAYS = Number(process.env.SIMULATION_DAYS ?? 2);
const MINUTES = 30;
/** Runs with less that look for the shortest history. */
const TRIES = 6;
const LIMIT_MS = 1_800_000;

const calmly = (scenario: Scenario): Scenario => ({ ...scenario, plan: [], badReports: false });
const breachesWith = async (scenario: Scenario, calm: Outcome | undefined) => {
  const outcome = await runScenario(scenario);
  return { outcome, breaches: [...breachesOf(outcome), ...(calm ? lostWithoutReason(calm, outcome) : [])] };
};

/** What is told of a scenario that breaks a rule: of the least disturbances, and then the least bookings, that still break one. */
const shortest = async (scenario: Scenario): Promise<string> => {
  const fails = async (less: Partial<Scenario>) => (await breachesWith({ ...scenario, ...less }, undefined)).breaches.length > 0;
  const plan = await shrunk(scenario.plan, (some) => fails({ plan: some }), TRIES);
  const wishes = await shrunk(scenario.wishes, (some) => fails({ plan, wishes: some }), TRIES);
  const { breaches } = await breachesWith({ ...scenario, plan, wishes }, undefined);
  const with_ = `with ${wishes.length} of ${scenario.wishes.length} bookings and ${JSON.stringify(plan)}`;
  return breaches.length === 0 ? 'with less it holds' : `${with_}:\n${told(breaches)}`;
};

const nodesEnded = ({ plan }: Scenario): number => plan.filter(({ kind }) => kind.startsWith('NODE_')).length;

/** The runs of one of the two files, which take turns with the seeds. */
export const simulate = (file: number): void => {
  const own = seeds.filter((_, index) => index % FILES === file);
  describe.each(own)('days of traffic, with and without faults (SIMULATION_SEEDS=%i)', (seed) => {
    it(
      'every callback comes to an end that its history explains, and no rule of dialing, order, places or agents is broken',
      async () => {
        const given = [FIRST_INSTANT, DAYS, MINUTES] as const;
        const scenario = {
          seed,
          days: DAYS,
          minutes: MINUTES,
          wishes: trafficOf(seed, ...given),
          plan: planOf(seed, ...given),
          badReports: true,
        };
        const calm = await breachesWith(calmly(scenario), undefined);
        const faulty = await breachesWith(scenario, calm.outcome);
        const byAgents = [...calm.outcome.booked.values()].filter(({ history }) => history.some(({ data }) => data.reason === 'AGENT'));
        expect(byAgents.length).toBeGreaterThan(calm.outcome.booked.size / 2);
        expect(faulty.outcome.booked.size).toBeGreaterThan(20);
        expect(faulty.outcome.up).toHaveLength(1 + nodesEnded(scenario));
        expect(faulty.outcome.facts.filter(({ type }) => type === 'DialingStopped')).toHaveLength(DAYS);
        const breaches = [...calm.breaches, ...faulty.breaches];
        const failing = calm.breaches.length > 0 ? calmly(scenario) : scenario;
        if (breaches.length === 0) return;
        const all = `seed ${seed}\n${told(breaches)}`;
        process.stderr.write(`${all}\nlooking for the least that breaks a rule\n`); // which takes minutes
        expect.fail(`${all}\n${await shortest(failing)}`);
      },
      LIMIT_MS,
    );
  });
};
