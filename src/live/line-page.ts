import type { Clock } from '../clock.ts';
import type { Deferral } from '../domain/callback/events.ts';
import type { Tracked } from '../domain/dispatch/tracked.ts';
import type { DispatchBoard, HeadWaitsFor, Outlook } from './dispatch-board.ts';
import type { Waiting } from './waiting-line.ts';
import type { WaitingLines } from './waiting-lines.ts';

/** What one who waits is waiting for (9.6). */
export type WaitsFor = HeadWaitsFor | 'STOPPED' | 'NO_REGION' | 'OTHERS_FIRST' | 'RETRY' | Deferral;

/**
 * One who waits. `priority` as it has grown by now; `waitsFor` is null for one who is about to be called; `until` (epoch ms) is there where
 * that instant is set. `estimatedWaitSeconds` is null where it is unknown.
 */
export type LineRow = {
  readonly callback: Tracked;
  readonly position: number;
  readonly priority: number;
  readonly estimatedWaitSeconds: number | null;
  readonly waitsFor: WaitsFor | null;
  readonly until: number | null;
};

/** `inLine` of those who wait could be called next; the others wait beside the line, in their places. */
export type LinePage = { readonly rows: readonly LineRow[]; readonly hasMore: boolean; readonly total: number; readonly inLine: number };

const besideFor = ({ deferred }: Tracked): Pick<LineRow, 'waitsFor' | 'until'> =>
  deferred === null ? { waitsFor: 'RETRY', until: null } : { waitsFor: deferred.because, until: deferred.until };

const inLineFor = ({ id, zones }: Tracked, outlook: Outlook): Pick<LineRow, 'waitsFor' | 'until'> => {
  if ('all' in outlook) return { waitsFor: outlook.all, until: null };
  if (outlook.calling.has(id)) return { waitsFor: null, until: null };
  const until = zones === null ? undefined : outlook.outOfHours.get(zones);
  if (until !== undefined) return { waitsFor: 'LOCAL_HOURS', until };
  return { waitsFor: outlook.head?.id === id ? outlook.head.waitsFor : 'OTHERS_FIRST', until: null };
};

/** A page of a queue's line in order (9.6), by all that this node knows: its first rows, or those after `after`. */
export const linePage = (
  lines: Pick<WaitingLines, 'everybody' | 'positionOf' | 'estimatedWaitOf' | 'waiting' | 'zonesIn'>,
  board: Pick<DispatchBoard, 'outlook'>,
  clock: Pick<Clock, 'now'>,
) => {
  /** Those in line whose local hours it isn't known to be out of. */
  const callable = (queue: string, outlook: Outlook): number => {
    let count = 0;
    for (const [zones, some] of lines.zonesIn(queue))
      if (zones === null || 'all' in outlook || !outlook.outOfHours.has(zones)) count += some;
    return count;
  };
  return (queue: string, limit: number, after?: Waiting): LinePage => {
    const now = clock.now();
    const outlook = board.outlook(queue, now);
    const rows: LineRow[] = [];
    const counts = { total: lines.waiting(queue), inLine: callable(queue, outlook) };
    for (const { callback, standing, beside } of lines.everybody(queue, now, after)) {
      if (rows.length === limit) return { rows, hasMore: true, ...counts };
      const { id } = callback;
      const why = beside ? besideFor(callback) : inLineFor(callback, outlook);
      const waits = { position: lines.positionOf(id), estimatedWaitSeconds: lines.estimatedWaitOf(id) };
      rows.push({ callback, priority: standing.priority, ...waits, ...why });
    }
    return { rows, hasMore: false, ...counts };
  };
};
