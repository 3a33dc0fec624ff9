import { type Clock, sleepUntil } from '../../../src/clock.ts';
import { seeded } from '../../crash/support/random.ts';
import type { Running } from '../../service/running.ts';
import type { Center } from './contact-center.ts';
import { EDITED_PACING, PURGE_MINUTES, queueSettings } from './settings.ts';
import { MINUTE_MS, QUEUES } from './traffic.ts';

/** When a setting was surely in force (epoch ms). */
export type Period = { readonly from: number; readonly until: number };
export type Disturbed = { readonly stopped: Period; readonly paced: Period; readonly restartedAt: number };

/**
 * What goes wrong in a run and what people change in it, at instants of the seed's: the connector is down, agents log out, one queue is
 * stopped and paced, purges come sooner, priorities begin to age, and the service is closed and started again.
 */
export const disturb = async (options: {
  readonly seed: number;
  readonly clock: Clock;
  readonly center: Pick<Center, 'hangUp' | 'listen' | 'logOut' | 'logIn'>;
  /** Changes something as the administrator, however often that takes. */
  readonly change: (path: string, body: unknown) => Promise<void>;
  readonly restart: () => Promise<Running>;
}): Promise<Disturbed> => {
  const { seed, clock, center, change, restart } = options;
  const random = seeded(seed + 1);
  const begin = clock.now();
  const wait = (from: number, to: number) => sleepUntil(clock, begin + random.between(from, to) * MINUTE_MS);
  const pause = (from: number, to: number) => sleepUntil(clock, clock.now() + random.between(from, to) * MINUTE_MS);

  const connectorDown = async () => {
    await wait(4, 8);
    await center.hangUp();
    await wait(12, 16);
    await center.listen();
  };
  const agentsGone = async (count: number) => {
    center.logOut(count);
    await pause(6, 10);
    center.logIn();
  };
  const stopAndLift = async (): Promise<Period> => {
    await wait(14, 18);
    await change('/queues/sales/stop', { stopped: true, reason: 'a drill' });
    const from = clock.now();
    await wait(22, 28);
    const until = clock.now();
    await change('/queues/sales/stop', { stopped: false });
    return { from, until };
  };
  const pace = async (): Promise<Period> => {
    const edited = { ...queueSettings, callbackPurgeMinutes: PURGE_MINUTES.edited };
    const slowed = { ...edited, pacing: EDITED_PACING };
    for (const queue of QUEUES) await change(`/queue-settings/${queue}`, slowed);
    const from = clock.now();
    const priority = { initial: 0, increment: 5, everySeconds: 60, limit: 500 };
    await change('/queue-settings/sales', { ...slowed, priority });
    await pause(12, 16);
    const until = clock.now();
    for (const queue of QUEUES) await change(`/queue-settings/${queue}`, { ...edited, priority });
    return { from, until };
  };
  const early = async (): Promise<Period> => {
    const [stopped] = await Promise.all([stopAndLift(), connectorDown(), wait(8, 14).then(() => agentsGone(2))]);
    return stopped;
  };
  const stopped = await early();
  await restart();
  const restartedAt = clock.now();
  const paced = await pace();
  await agentsGone(4);
  return { stopped, paced, restartedAt };
};
