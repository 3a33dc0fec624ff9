import type { AttemptReport } from './call-center.ts';
import type { Delivery } from './delivery.ts';

const MOST_PENDING = 10_000;

/**
 * Delivers the reports of each attempt in order, attempts independently of each other. A `connected` leaves only after the report about
 * agents that is on its way: that one may still call the agent ready, and mustn't arrive second.
 */
export const attemptReports = (options: {
  readonly deliver: Delivery;
  readonly agentsToldUpToNow: () => Promise<void>;
  readonly dropped: (attemptId: string) => void;
}) => {
  const last = new Map<string, Promise<void>>();
  let pending = 0;
  return (attemptId: string, report: AttemptReport): void => {
    if (pending >= MOST_PENDING) {
      options.dropped(attemptId);
      return;
    }
    pending++;
    const delivered = (last.get(attemptId) ?? Promise.resolve()).then(async () => {
      if (report.path === 'connected') await options.agentsToldUpToNow();
      await options.deliver(`/contact-center/attempts/${encodeURIComponent(attemptId)}/${report.path}`, report.body);
      pending--;
      if (last.get(attemptId) === delivered) last.delete(attemptId);
    });
    last.set(attemptId, delivered);
  };
};
