import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { CommandDeps } from '../commands/deps.ts';
import type { Reads } from '../domain/access/reads.ts';
import type { ParkedEntry } from '../domain/operations/events.ts';
import type { SlotDays } from '../domain/places/slot-day.ts';
import type { AccessView } from '../live/access.ts';
import type { AgentReport } from '../live/agent-report.ts';
import type { DoNotCallView } from '../live/do-not-call.ts';
import type { FlowReport } from '../live/flow.ts';
import type { Taken } from '../live/kit/taken.ts';
import type { linePage } from '../live/line-page.ts';
import type { QueueFacts } from '../live/queue-facts.ts';
import type { RegionsReport } from '../live/regions.ts';
import type { ProcessStanding } from '../processes/kit/standing.ts';
import type { DeadLetter, DeadLetterPlace } from '../projections/kit/dead-letters.ts';
import type { KeyUses } from './access/key-uses.ts';
import type { ErrorsList } from './errors-list/failed-query.ts';
import type { ModelWork } from './operations/model-tasks.ts';
import type { SignInDeps } from './session/deps.ts';

/** A slot with room left, as proposed when the wished one is full. `utcTime` is its start; `capacity` what is left. */
export type FreeSlot = { readonly utcTime: string; readonly capacity: number };

/** What the live views answer about waiting (seconds; null is unknown). */
export type Waiting = {
  /** 1 for the first in line; 0 for a callback that doesn't wait. */
  readonly positionOf: (callbackId: string) => number;
  /** Of a queue: that of everybody who waits there now. Dispatch goes by it. */
  readonly estimatedWait: (queue: string) => number | null;
  readonly estimatedWaitOf: (callbackId: string) => number | null;
  readonly openCallbacks: (queue: string) => number;
};

/** The read models in Postgres. */
export type ReadModels = {
  // The tables are the projections' own, named by their versions, so the schema is known at run time only.
  readonly db: Kysely<unknown>;
  /** The table that serves a projection now. */
  readonly table: (projection: string) => string;
  /** True once everything up to `position` is in the tables; false after `timeoutMs`. */
  readonly waitFor: (position: bigint, timeoutMs: number) => Promise<boolean>;
  /** Why a projection's rows are not to be shown, such as for having been folded from another log; null when all is well. */
  readonly problem: (projection: string) => Promise<string | null>;
  /** How far the tables are behind the log, in ms. */
  readonly lagMs: () => Promise<number>;
};

/** An entry of a process's to-do list whose tries are used up; `parkedAt` is UTC ISO text. */
export type ParkedRow = ParkedEntry & {
  readonly group: string;
  readonly tries: number;
  readonly parkedAt: string;
  readonly lastError: string | null;
};

/** What is parked, as the processes' tables say. */
export type ParkedEntries = {
  /** The longest parked first, after one that was listed before: of the queues that somebody reads. */
  readonly list: (
    limit: number,
    after: Pick<ParkedRow, 'parkedAt' | 'process' | 'instance' | 'entry'> | undefined,
    reads: Reads,
  ) => Promise<{ readonly rows: readonly ParkedRow[]; readonly total: number }>;
  readonly isParked: (entry: ParkedEntry, reads: Reads) => Promise<boolean>;
};

/** A process and what it owes: see `ProcessStanding`. */
export type OwedRow = ProcessStanding & { readonly name: string };

/** What is blocked, in the order of the log, after one that was listed before: of the queues that somebody reads. */
export type DeadLetters = (
  limit: number,
  after: DeadLetterPlace | undefined,
  reads: Reads,
) => Promise<{ readonly rows: readonly DeadLetter[]; readonly total: number }>;

/** The log's past. Positions are events'; instants are epoch ms. */
export type EarlierLists = {
  /** The position that an instant stands for; undefined when nothing had been recorded by then. */
  readonly positionAt: (instant: number) => Promise<bigint | undefined>;
  /** The instant (UTC text) of the event at exactly that position; undefined when there is none. */
  readonly instantAt: (position: bigint) => Promise<string | undefined>;
  /** Reads the list of callbacks as of a position, from the table that `use` is given; undefined while that is still being made after `waitMs`. */
  readonly read: <T>(position: bigint, waitMs: number, use: (table: string) => Promise<T>) => Promise<T | undefined>;
};

/** Everything that routes are given; wired in one place. */
export type ApiDeps = {
  readonly commands: CommandDeps;
  readonly access: AccessView;
  readonly waiting: Waiting;
  /** What the live views know of queues now. */
  readonly queueFacts: QueueFacts;
  /** A page of a queue's waiting line, as this node's live views know it. */
  readonly linePage: ReturnType<typeof linePage>;
  /** The open slots of queues, and what is left of each as this node's live views know it. */
  readonly slotDays: SlotDays;
  readonly freeSlots: (queue: string, around: number, count: number) => readonly FreeSlot[];
  readonly readModels: ReadModels;
  readonly earlier: EarlierLists;
  readonly parked: ParkedEntries;
  /** Of the processes named, of the queues that somebody reads. */
  readonly owed: (processes: readonly string[], reads: Reads) => Promise<readonly OwedRow[]>;
  readonly processNames: readonly string[];
  readonly doNotCall: Pick<DoNotCallView, 'size' | 'parts' | 'etag'>;
  readonly deadLetters: DeadLetters;
  readonly modelWork: ModelWork;
  readonly errorsList: ErrorsList;
  readonly keyUses: KeyUses;
  readonly signIn: SignInDeps;
  /** Position of the last event that any node wrote; undefined while there is none. */
  readonly logEnd: () => Promise<bigint | undefined>;
  /** True once everything up to `position` is in this node's live views. */
  readonly liveWaitFor: (position: bigint, timeoutMs: number) => Promise<boolean>;
  /** Takes a report of the contact center on its agents, for the node that dispatches. */
  readonly reportAgents: (report: AgentReport) => Promise<Taken>;
  /** The same of live calls, and of regions. */
  readonly reportFlow: (report: FlowReport) => Promise<Taken>;
  readonly reportRegions: (report: RegionsReport) => Promise<Taken>;
  /** Every region that the contact center reports, healthy or not, in order. */
  readonly knownRegions: () => readonly string[];
  /** What isn't ready yet, by name; empty when everything is. */
  readonly notReady: () => Promise<readonly string[]>;
  readonly log: Logger;
};
