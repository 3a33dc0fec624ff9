import type { Kysely } from 'kysely';
import pg from 'pg';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { AgentReport, AgentsView } from '../live/agents.ts';
import { AGENTS_CHANNEL, agentsTables, changedAgents, keepReport } from './agents-table.ts';

/** How long a node hears nothing before it looks by itself: the net under a connection that broke unnoticed. */
const LOOK_MS = 1_000;
const SILENCE_MS = 5_000;

export type SharedAgentsOptions = {
  readonly connectionString: string;
  readonly db: Kysely<unknown>;
  readonly view: AgentsView;
  /** Something changed in the view. */
  readonly changed: () => void;
  readonly clock: Clock;
  readonly log: Logger;
};

/**
 * What any node was told of agents, in the view of each: reports are kept in Postgres, and every node reads what it doesn't know yet when
 * it hears of one. The table decides which sequence is newer, so a report is taken once whatever node it comes to.
 */
export const shareAgents = ({ connectionString, db, view, changed, clock, log }: SharedAgentsOptions) => {
  const stop = new AbortController();
  const ready = agentsTables(db);
  const look = async (): Promise<void> => {
    await ready();
    const news = (await changedAgents(db, view.sequences())).filter(view.merge);
    if (news.length > 0) changed();
  };

  let told = () => {};
  /** Settles when a report is heard of, or nothing was for a while; what is heard from the call on counts. */
  const hearing = (): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, LOOK_MS);
      told = () => {
        clearTimeout(timer);
        resolve();
      };
      if (stop.signal.aborted) told();
    });

  const listen = async (): Promise<void> => {
    const client = new pg.Client({ connectionString, connectionTimeoutMillis: SILENCE_MS, query_timeout: SILENCE_MS });
    let broken = false;
    const breaks = () => {
      broken = true;
      told();
    };
    client.on('error', breaks).on('end', breaks);
    client.on('notification', () => told());
    try {
      await client.connect();
      await client.query(`listen ${AGENTS_CHANNEL}`);
      while (!stop.signal.aborted && !broken) {
        const heard = hearing();
        await look();
        await heard;
      }
    } finally {
      await client.end().catch(() => undefined);
    }
  };
  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await listen().catch((error) =>
        log.warn({ err: error }, 'agents that other nodes were told of could not be looked at; trying again'),
      );
      if (!stop.signal.aborted) await hearing();
    }
  };
  const running = run();
  return {
    /** Keeps a report for all nodes; false for one that isn't newer than the source's last. */
    report: async (report: AgentReport): Promise<boolean> => {
      await ready();
      const taken = await keepReport(db, report, clock.now());
      if (taken) await look();
      return taken;
    },
    close: async (): Promise<void> => {
      stop.abort();
      told();
      await running;
    },
  };
};
