import type { NumberClaim } from '../domain/callback/events.ts';
import { callbackInstance } from './callback-instance.ts';
import { defineProcess } from './kit/process.ts';

type Claimed = { readonly queue: string; readonly claim: NumberClaim; readonly since: string };
type Pending = Claimed & { readonly decidedAt: number | null };
type Over = Claimed & { readonly because: 'CANCELLED' | 'ENDED' | 'CHANGED' };
/** `pending`: claimed, and no booking or change came yet. `held`: by the open callback. `over`: to be released. */
type State = { readonly pending: readonly Pending[]; readonly held: Claimed | null; readonly over: readonly Over[] };
export type ClaimCommand =
  | ({ readonly type: 'LapseClaim'; readonly callbackId: string } & Pick<Pending, 'queue' | 'claim' | 'decidedAt'>)
  | ({ readonly type: 'ReleaseClaim'; readonly callbackId: string } & Pick<Over, 'queue' | 'claim' | 'because'>);

const without = <C extends Claimed>(claims: readonly C[], claimId: string | undefined): readonly C[] =>
  claims.filter(({ claim }) => claim.claimId !== claimId);

/** The net under the check for duplicates (1.7): a claim that nobody came to use lapses, one whose callback is over is released. */
export const numberClaims = defineProcess<State, ClaimCommand>({
  name: 'number_claims',
  version: 1,
  instanceOf: callbackInstance('NumberClaimed', 'NumberReleased', 'CallbackBooked', 'CallbackCancelled', 'CallbackCompleted'),
  initial: { pending: [], held: null, over: [] },
  evolve: (state, { type, data }) => {
    const { pending, held, over } = state;
    switch (type) {
      case 'NumberClaimed': {
        const { queue, claimId, number, decidedAt, at } = data;
        return { ...state, pending: [...pending, { queue, claim: { claimId, number }, decidedAt, since: at }] };
      }
      case 'NumberReleased': {
        const { claimId } = data;
        return { pending: without(pending, claimId), held: held?.claim.claimId === claimId ? null : held, over: without(over, claimId) };
      }
      case 'CallbackBooked': {
        const { queue, claim, at } = data;
        return claim === undefined ? state : { ...state, pending: without(pending, claim.claimId), held: { queue, claim, since: at } };
      }
      case 'CallbackCancelled':
      case 'CallbackCompleted': {
        if (held === null) return state;
        const because = type === 'CallbackCancelled' ? 'CANCELLED' : 'ENDED';
        return { ...state, held: null, over: [...over, { ...held, since: data.at, because }] };
      }
      default:
        return state;
    }
  },
  todo: ({ pending, over }, callbackId) =>
    Object.fromEntries([
      ...pending.map(({ queue, claim, decidedAt, since }) => [
        `lapse:${claim.claimId}`,
        { group: 'unused-hold', anchor: since, command: { type: 'LapseClaim' as const, queue, callbackId, claim, decidedAt } },
      ]),
      ...over.map(({ queue, claim, since, because }) => [
        `release:${claim.claimId}`,
        { group: 'give-back', anchor: since, command: { type: 'ReleaseClaim' as const, queue, callbackId, claim, because } },
      ]),
    ]),
});
