import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FIRST_INSTANT } from '../service/running.ts';
import { instantOf } from './support/rules/floor.ts';
import { runScenario, type Scenario } from './support/run.ts';
import { endsOf } from './support/same-end.ts';
import { trafficOf } from './support/traffic.ts';

const [SEED, MINUTES] = [5, 15];
const scenario: Scenario = {
  ...{ seed: SEED, days: 1, minutes: MINUTES, plan: [], badReports: false },
  wishes: trafficOf(SEED, FIRST_INSTANT, 1, MINUTES),
};
/** Prefixes that are tried, each at the cost of a run. */
const PREFIXES = Number(process.env.SIMULATION_PREFIXES ?? 3);

it('replaying any prefix of the log, and resuming, gives the same end', async () => {
  const whole = await runScenario(scenario);
  const ends = endsOf(whole);
  expect(ends.size).toBeGreaterThan(8);
  const instants = [...new Set(whole.facts.filter(({ data }) => 'at' in data).map(instantOf))].filter((at) => at > FIRST_INSTANT);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...instants), async (at) => {
      const resumed = await runScenario({ ...scenario, plan: [{ kind: 'NODE_REBUILT', from: at + 1 }] });
      expect(resumed.faults).toEqual([]);
      expect(endsOf(resumed)).toEqual(ends);
    }),
    { numRuns: PREFIXES, endOnFailure: true },
  );
}, 600_000);
