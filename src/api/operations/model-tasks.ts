import type { RebuildProgress } from '../../projections/kit/beside.ts';
import type { ModelProgress } from '../../projections/kit/engine.ts';

/** What an operator may have done to read models and to-do lists: see `rebuild`, `verify` and `repair` of the projections. */
export const modelTasks = ['rebuild', 'verify', 'repair'] as const;
export type ModelTask = (typeof modelTasks)[number];

/** `building`: how far a rebuild or a verification has come that concerns it; null when none does, or another node does the work. */
export type ModelStanding = ModelProgress & {
  readonly kind: 'read-model' | 'process';
  readonly building: RebuildProgress | null;
};

/** What a task came to for one of its names: `differing` of a verify, at most a hundred; the others of a repair. */
export type ModelResult = { readonly name: string; readonly differing?: number; readonly repaired?: number; readonly blocked?: number };

/** A task that was asked for here. Instants are epoch ms; `error` is the kind of what ended it early, without its message. */
export type ModelTaskRun = {
  readonly task: ModelTask;
  readonly names: readonly string[];
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly error: string | null;
  readonly results: readonly ModelResult[];
};

/** `unknown`: names that there are none of; `busy`: what is under way; `elsewhere`: another node does the work. */
export type Started =
  | { readonly is: 'started'; readonly run: ModelTaskRun }
  | { readonly is: 'unknown'; readonly names: readonly string[] }
  | { readonly is: 'busy'; readonly with: string }
  | { readonly is: 'elsewhere' };

/** The read models and to-do lists, and what is done to them. */
export type ModelWork = {
  readonly list: () => Promise<readonly ModelStanding[]>;
  /** The task that was begun last through this node's API, until it is started again. */
  readonly last: () => ModelTaskRun | undefined;
  /** Begins a task and doesn't wait for its end. All names when none are given. */
  readonly start: (task: ModelTask, names?: readonly string[]) => Started;
};
