import type { Clock } from '../../../../src/clock.ts';
import type { Customer } from '../traffic.ts';
import { agentsDesk } from './agents.ts';
import { callsFloor } from './calls.ts';
import { laterOn } from './later.ts';
import { centerPort } from './port.ts';
import { attemptReports } from './reports.ts';
import type { Tell } from './tell.ts';

/**
 * A contact center on a port of its own and the service's clock. It writes down what it was asked and what came of it. `listen` and `hangUp`
 * take its port up and give it up, `logOut` and `logIn` send agents away and back; at first everybody is out.
 */
export const startCenter = async (options: {
  readonly clock: Clock;
  readonly seed: number;
  /** See `attemptReports`. */
  readonly isFaulty: boolean;
  /** By phone number. */
  readonly customers: ReadonlyMap<string, Customer>;
  readonly tell: Tell;
}) => {
  const { clock, seed, isFaulty, customers, tell } = options;
  const later = laterOn(clock);
  const desk = agentsDesk({ clock, tell, later });
  const reports = attemptReports({ seed, isFaulty, tell, later, agentsTold: desk.told });
  const floor = callsFloor({ clock, later, customers, desk, reports });
  const port = await centerPort(clock, floor);
  return {
    ...{ ...port, record: floor.record, said: desk.said, logOut: desk.logOut, sayAgents: desk.say },
    faults: (): readonly string[] => [...desk.faults, ...reports.faults],
    logIn: (): void => desk.logIn(floor.takeNext),
    close: async (): Promise<void> => {
      later.end();
      await port.hangUp();
    },
  };
};
export type Center = Awaited<ReturnType<typeof startCenter>>;
