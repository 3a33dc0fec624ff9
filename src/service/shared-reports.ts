import pg from 'pg';
import type { Logger } from 'pino';
import type { Taken } from '../live/kit/taken.ts';

/** Where nodes hear that a source has reported; the payload is the kind's name. */
export const REPORTS_CHANNEL = 'ringback_reports';
/** How long a node hears nothing before it looks by itself: the net under a connection that broke unnoticed. */
const LOOK_MS = 1_000;
const SILENCE_MS = 5_000;

/** Reports of one kind, kept in Postgres for all nodes, each of which has them in a view. */
export type SharedKind<R> = {
  readonly name: string;
  /** Keeps a report, and tells every node by `REPORTS_CHANNEL`. */
  readonly keep: (report: R) => Promise<Taken>;
  /** Reads into this node's view what it doesn't know yet; whether there was anything. */
  readonly look: () => Promise<boolean>;
  /** Something changed in the view. */
  readonly changed: () => void;
};

/**
 * What any node was told by the contact center, in the views of each: reports are kept in Postgres, and every node reads what it doesn't
 * know yet when it hears of one. The table decides which sequence is newer, so a report is taken once whatever node it comes to.
 */
export const shareReports = (options: {
  readonly connectionString: string;
  readonly kinds: readonly SharedKind<never>[];
  readonly log: Logger;
}) => {
  const { connectionString, kinds, log } = options;
  const stop = new AbortController();
  const look = async ({ look: news, changed }: Pick<SharedKind<never>, 'look' | 'changed'>): Promise<void> => {
    if (await news()) changed();
  };

  let told = () => {};
  /** Of which kinds news came since they were looked at last. */
  const news = new Set<string>();
  /** Settles when a report is heard of, or nothing was for a while; what is heard from the call on counts. */
  const hearing = (): Promise<'news' | 'quiet'> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, LOOK_MS, 'quiet');
      told = () => {
        clearTimeout(timer);
        resolve('news');
      };
      if (stop.signal.aborted || news.size > 0) told();
    });

  const listen = async (): Promise<void> => {
    const client = new pg.Client({ connectionString, connectionTimeoutMillis: SILENCE_MS, query_timeout: SILENCE_MS });
    let broken = false;
    const breaks = () => {
      broken = true;
      told();
    };
    client.on('error', breaks).on('end', breaks);
    client.on('notification', ({ payload = '' }) => {
      news.add(payload);
      told();
    });
    try {
      await client.connect();
      await client.query(`listen ${REPORTS_CHANNEL}`);
      for (let heard: 'news' | 'quiet' = 'quiet'; !stop.signal.aborted && !broken; ) {
        const due = heard === 'quiet' ? kinds : kinds.filter(({ name }) => news.has(name));
        news.clear();
        for (const kind of due) await look(kind);
        heard = await hearing();
      }
    } finally {
      await client.end().catch(() => undefined);
    }
  };
  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await listen().catch((error) => log.warn({ err: error }, 'what other nodes were told could not be looked at; trying again'));
      news.clear();
      if (!stop.signal.aborted) await hearing();
    }
  };
  const running = run();
  return {
    /** Keeps a report for all nodes. */
    report:
      <R>(kind: SharedKind<R>) =>
      async (report: R): Promise<Taken> => {
        const taken = await kind.keep(report);
        if (taken === 'TAKEN') await look(kind);
        return taken;
      },
    close: async (): Promise<void> => {
      stop.abort();
      told();
      await running;
    },
  };
};
