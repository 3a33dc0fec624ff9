import type { DomainEvent } from '../../domain/catalogue.ts';
import type { Event } from '../../projections/kit/projection.ts';

/** What a process says is still owed: `command`, due at `anchor` (UTC ISO text) plus what today's settings say for `group`. */
export type Todo<Cmd = unknown> = { readonly group: string; readonly anchor: string; readonly command: Cmd };

/**
 * A process is a fold whose result is a to-do list. An entry stays until a *fact* removes it, so a crash, a duplicate or a rebuild
 * loses no step, and a replay repeats none. States and commands are plain JSON; neither function reads anything but its arguments.
 */
export type Process<S = unknown, Cmd = unknown> = {
  /** In snake case, and no projection's. */
  readonly name: string;
  /** Raised with every change of instances, fold or to-do list. */
  readonly version: number;
  readonly initial: S;
  /** The instance that the event concerns, if any. Methods, so that one list may hold processes of any states. */
  instanceOf(event: Event): string | undefined;
  evolve(state: S, event: DomainEvent): S;
  todo(state: S, instance: string): Readonly<Record<string, Todo<Cmd>>>;
};

export const defineProcess = <S, Cmd>(process: Process<S, Cmd>): Process<S, Cmd> => process;
