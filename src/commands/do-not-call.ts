import { setImmediate } from 'node:timers/promises';
import { iso } from '../clock.ts';
import { accumulate, type DoNotCallCommand, doNotCall, type Entries, type Wanted } from '../domain/do-not-call/decider.ts';
import { type DoNotCallEvent, doNotCallEvents, doNotCallStream, partOf } from '../domain/do-not-call/events.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import type { CommandDeps } from './deps.ts';
import { eachAtOnce } from './each-at-once.ts';
import { ContendedError, fold, type StreamKind } from './handle.ts';

/** Parts changed at once at most, and how many events they may have between them: more would keep others' appends, and their own, waiting too long. */
const AT_ONCE = 64;
const EVENTS_AT_ONCE = 250;
/** Events of one append, which holds 1 MiB. */
const EVENTS = 1_000;
/** Numbers hashed in one go: between two, others have their turn. */
const SLICE = 500;
const ATTEMPTS = 10;

/** Waits in vain for those who follow, after which a list goes on without them. */
const VAIN = 30;

type Deps = Pick<CommandDeps, 'store' | 'keys' | 'clock'> & {
  /** True once those who follow the log have folded a position: a long list goes no faster than they. False when that takes too long. */
  readonly followed?: (position: bigint) => Promise<boolean>;
};
/** What a change came to: entries that are new or gone by it. `position` is that of its last event; undefined when it changed nothing. */
export type ListChanged = { readonly added: number; readonly removed: number; readonly position: bigint | undefined };

const partKind: StreamKind<Entries, DoNotCallCommand, DoNotCallEvent, never> = {
  decider: doNotCall,
  isOwn: (event): event is typeof event & DoNotCallEvent => event.type in doNotCallEvents,
  folder: () => {
    const entries = new Map<string, string>();
    return { take: (event) => accumulate(entries, event), state: () => entries };
  },
};

/** The keyed hash by which a number (E.164) is on the list. */
export const entryOf = (hash: CommandDeps['keys']['hash'], phoneNumber: string): string => hash('do-not-call', phoneNumber);

const countOf = (events: readonly DoNotCallEvent[], type: DoNotCallEvent['type']): number =>
  events.filter((event) => event.type === type).length;

const UNTOUCHED = { state: new Map<string, string>(), revision: undefined };

/**
 * Changes one part of the list, in as many appends as it takes; what came before a failure stays, and a repeat goes on from there. Of a part
 * that `isNew` no stream is expected at first: reading it is spared.
 */
const changePart = async (
  { store, keys }: Deps,
  part: string,
  commandOf: (state: Entries) => Promise<{ readonly command: DoNotCallCommand; readonly keyIds: readonly string[] }>,
  context: CommandContext,
  isNew = false,
): Promise<ListChanged> => {
  let [addedCount, removedCount] = [0, 0];
  let position: bigint | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const folded = isNew && attempt === 0 ? UNTOUCHED : await fold(store, partKind, doNotCallStream(part));
    const { command, keyIds } = await commandOf(folded.state);
    const used = new Set<string>();
    const decision = doNotCall.decide(command, folded.state);
    const events = decision.ok ? decision.events : [];
    let revision = folded.revision;
    let isMine = true;
    for (let from = 0; from < events.length && isMine; from += EVENTS) {
      const some = events.slice(from, from + EVENTS);
      const step = { ...context, commandId: `${context.commandId}.${attempt}.${from}` };
      const appended = await store.append(doNotCallStream(part), some, revision ?? 'no-stream', step);
      isMine = appended.ok;
      if (!appended.ok) break;
      ({ revision, position } = appended);
      for (const { data } of some) used.add(data.keyId);
      addedCount += countOf(some, 'DoNotCallEntryAdded');
      removedCount += countOf(some, 'DoNotCallEntryRemoved');
    }
    for (const keyId of keyIds) if (!used.has(keyId)) keys.giveBack(keyId);
    if (isMine) return { added: addedCount, removed: removedCount, position };
  }
  throw new ContendedError(`do-not-call: another writer came first ${ATTEMPTS} times`);
};

/** Lists numbers (E.164): beside those that are listed, or in place of them all, which are in the parts `listed`. */
export const listNumbers = async (
  deps: Deps,
  how: 'AddEntries' | 'ReplaceEntries',
  numbers: Iterable<string>,
  context: CommandContext,
  listed: Iterable<string> = [],
): Promise<ListChanged> => {
  const { keys, clock, followed } = deps;
  const known = new Set(listed);
  const parts = new Map<string, Map<string, string>>([...known].map((part) => [part, new Map()]));
  let hashed = 0;
  for (const phoneNumber of numbers) {
    if (++hashed % SLICE === 0) await setImmediate();
    const entry = entryOf(keys.hash, phoneNumber);
    const part = parts.get(partOf(entry)) ?? new Map<string, string>();
    parts.set(partOf(entry), part.set(entry, phoneNumber));
  }
  const now = iso(clock.now());
  const commandOf = (wantedHere: ReadonlyMap<string, string>) => async (state: Entries) => {
    const wanted: Wanted[] = [];
    const keyIds: string[] = [];
    for (const [entry, phoneNumber] of wantedHere) {
      const { keyId } = state.has(entry) ? { keyId: '' } : await keys.takeKey();
      if (keyId !== '') keyIds.push(keyId);
      wanted.push({ entry, keyId, phoneNumber });
    }
    return { command: { type: how, wanted, now } as const, keyIds };
  };
  let total: ListChanged = { added: 0, removed: 0, position: undefined };
  let vain = 0;
  const keepPace = async (position: bigint | undefined): Promise<void> => {
    if (position === undefined || followed === undefined || vain >= VAIN) return;
    vain = (await followed(position)) ? 0 : vain + 1;
  };
  const lanes = Math.floor((EVENTS_AT_ONCE * parts.size) / Math.max(1, hashed));
  await eachAtOnce(parts, Math.max(1, Math.min(AT_ONCE, lanes)), async ([part, wanted]) => {
    const isNew = how === 'ReplaceEntries' && !known.has(part);
    const { added, removed, position } = await changePart(deps, part, commandOf(wanted), context, isNew);
    const last = position !== undefined && (total.position === undefined || position > total.position) ? position : total.position;
    total = { added: total.added + added, removed: total.removed + removed, position: last };
    await keepPace(position);
  });
  return total;
};

/** Takes an entry off the list; the key of its number goes with it. */
export const unlist = ({ store, keys, clock }: Deps, entry: string, context: CommandContext): Promise<ListChanged> => {
  const command = { type: 'RemoveEntry', entry, now: iso(clock.now()) } as const;
  return changePart({ store, keys, clock }, partOf(entry), async () => ({ command, keyIds: [] }), context);
};
