import { describe, expect, it } from 'vitest';
import { logged } from '../../service/running.ts';
import { breachesOf, lostWithoutReason, told } from './rules.ts';
import { runTraffic } from './run.ts';

/** Others, and more, by SIMULATION_SEEDS, such as 1,2,3. */
const seeds = (process.env.SIMULATION_SEEDS ?? '11,12').split(',').map(Number);
const FILES = 2;

/** The runs of one of the two files, which take turns with the seeds: a client of the event store can't share its process with another's end. */
export const simulate = (file: number): void => {
  const own = seeds.filter((_, index) => index % FILES === file);
  describe.each(own)('hours of traffic, with and without faults (SIMULATION_SEEDS=%i)', (seed) => {
    it('every callback comes to an end that its history explains, and no rule of dialing, places or agents is broken', async () => {
      logged.length = 0;
      const calm = await runTraffic({ seed, isFaulty: false });
      const faulty = await runTraffic({ seed, isFaulty: true });
      const breaches = [...breachesOf(calm), ...breachesOf(faulty), ...lostWithoutReason(calm, faulty)];
      const byAgents = [...calm.booked.values()].filter(({ history }) => history.some(({ data }) => data.reason === 'AGENT'));
      expect(byAgents.length).toBeGreaterThan(calm.booked.size / 2);
      expect(faulty.booked.size).toBeGreaterThan(20);
      expect(faulty.facts.some(({ data }) => data.outcome === 'TIMEOUT' || data.cause === 'CONNECTOR_UNREACHABLE')).toBe(true);
      expect(breaches.length, `seeds ${seeds.join(',')}; seed ${seed}\n${told(breaches)}`).toBe(0);
    }, 240_000);
  });
};
