import { type Clock, sleepUntil } from '../../../src/clock.ts';
import type { Center } from './center/contact-center.ts';
import type { Ground } from './node/ground.ts';
import type { Nodes } from './node/nodes.ts';
import type { Disturbance } from './plan.ts';
import { EDITED_PACING, PURGE_MINUTES, queueSettings } from './settings.ts';
import { MINUTE_MS, QUEUES } from './traffic.ts';

/** A node that is to die with an append dies anyway when none comes for so long. */
const LONGEST_LIFE_MS = 5 * MINUTE_MS;

/** Lets all disturbances happen at their instants; resolves once they are over. */
export const disturb = async (options: {
  readonly plan: readonly Disturbance[];
  readonly clock: Clock;
  readonly center: Pick<Center, 'hangUp' | 'listen' | 'logOut' | 'logIn'>;
  readonly ground: Pick<Ground, 'loseReadModels'>;
  readonly nodes: Nodes;
  /** Changes something as the administrator, however often that takes. */
  readonly change: (path: string, body: unknown) => Promise<void>;
}): Promise<void> => {
  const { plan, clock, center, ground, nodes, change } = options;
  let settings: Readonly<Record<string, unknown>> = queueSettings;
  const edit = async (columns: Readonly<Record<string, unknown>>): Promise<void> => {
    settings = { ...settings, ...columns };
    const edited = settings;
    for (const queue of QUEUES) await change(`/queue-settings/${queue}`, edited);
  };

  const happen = async (one: Disturbance): Promise<void> => {
    await sleepUntil(clock, one.from);
    const end = () => sleepUntil(clock, 'until' in one ? one.until : one.from);
    switch (one.kind) {
      case 'CONNECTOR_DOWN':
        await center.hangUp();
        await end();
        await center.listen();
        break;
      case 'AGENTS_GONE':
        center.logOut(one.count);
        await end();
        center.logIn();
        break;
      case 'QUEUE_STOPPED':
        await change('/queues/sales/stop', { stopped: true, reason: 'a drill' });
        await end();
        await change('/queues/sales/stop', { stopped: false });
        break;
      case 'QUEUES_PACED':
        await edit({ pacing: EDITED_PACING });
        await end();
        await edit({ pacing: 1 });
        break;
      case 'POSTGRES_SLOW':
        nodes.setPauseMs(one.pauseMs);
        await end();
        nodes.setPauseMs(0);
        break;
      case 'NODE_KILLED':
        await nodes.replace(
          (node) => Promise.race([node.killedBy(one.death), sleepUntil(clock, one.from + LONGEST_LIFE_MS).then(node.kill)]),
          () => sleepUntil(clock, clock.now() + one.until - one.from),
        );
        break;
      case 'NODE_RESTARTED':
        await nodes.restart();
        break;
      case 'NODE_REBUILT':
        await nodes.restart(ground.loseReadModels);
        break;
      case 'PRIORITIES_AGE':
        await edit({ priority: { initial: 0, increment: 5, everySeconds: 60, limit: 500 } });
        break;
      case 'PURGE_SOONER':
        await edit({ callbackPurgeMinutes: PURGE_MINUTES.edited });
        break;
    }
  };
  await Promise.all(plan.map(happen));
};
