import { askHolder as askAnyHolder, isHeld } from '../ask-holder.ts';
import { type CarryOut, holdFolder as holdAnyFolder } from '../control-socket.ts';

/** What the process that serves an event store's folder can be asked to do. */
export type Command = { readonly command: 'scavenge' } | { readonly command: 'backup'; readonly to: string };

/** Sends a command to the process that serves `dir`; undefined if none does. Rejects with the holder's sentence if it fails. */
export const askHolder = (dir: string, command: Command) => askAnyHolder(dir, command);

/** Whether a process serves `dir`. */
export const isServed = isHeld;

/** Takes hold of `dir` for this process until released; rejects with a sentence when another one has it. */
export const holdFolder = async (dir: string, carryOut: CarryOut<Command>): Promise<() => Promise<void>> =>
  (await holdAnyFolder(dir, 'The event store', carryOut)).release;
