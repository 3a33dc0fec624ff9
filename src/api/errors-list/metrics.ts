import { Counter, type Registry } from 'prom-client';
import type { ErrorsList, Unlisted } from './failed-query.ts';

const reasons: readonly (keyof Unlisted)[] = ['buffer', 'asker', 'all'];

/** Shows among the metrics how many failed queries the list had no room for. */
export const countUnlisted = (registry: Registry, { unlisted }: Pick<ErrorsList, 'unlisted'>): void => {
  new Counter({
    name: 'ringback_errors_unlisted_total',
    help: 'Failed queries that the errors list had no room for: in the buffer, or in the hour for their asker, or for all',
    labelNames: ['because'],
    registers: [registry],
    collect() {
      this.reset();
      const counts = unlisted();
      for (const because of reasons) this.inc({ because }, counts[because]);
    },
  });
};
