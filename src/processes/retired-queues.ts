import { isCallbackStream } from '../domain/callback/events.ts';
import { defineProcess } from './kit/process.ts';

/** `open`: callbacks of the queue that aren't over; `retired`: when it was retired; `emptied`: when the last callback was over. */
type State = { readonly open: number; readonly retired: string | null; readonly emptied: string | null };
export type RetiredQueueCommand = { readonly type: 'DeleteRetiredQueue'; readonly queue: string };

const OF_CALLBACKS = new Set(['CallbackBooked', 'CallbackCancelled', 'CallbackCompleted']);

/** The row of a retired queue goes with the last of its open callbacks (2.1). An instance is a queue. */
export const retiredQueues = defineProcess<State, RetiredQueueCommand>({
  name: 'retired_queues',
  version: 1,
  instanceOf: ({ streamId, type, data }) => {
    if (OF_CALLBACKS.has(type)) return isCallbackStream(streamId) && 'queue' in data ? (data.queue ?? undefined) : undefined;
    return type === 'QueueRetired' || type === 'QueueReinstated' || type === 'QueueDeleted' ? data.queue : undefined;
  },
  initial: { open: 0, retired: null, emptied: null },
  evolve: (state, { type, data }) => {
    switch (type) {
      case 'CallbackBooked':
        return { ...state, open: state.open + 1, emptied: null };
      case 'CallbackCancelled':
      case 'CallbackCompleted':
        return state.open > 1 ? { ...state, open: state.open - 1 } : { ...state, open: 0, emptied: state.retired && data.at };
      case 'QueueRetired':
        return { ...state, retired: data.at, emptied: state.open === 0 ? data.at : null };
      case 'QueueReinstated':
      case 'QueueDeleted':
        return { ...state, retired: null, emptied: null };
      default:
        return state;
    }
  },
  todo: ({ retired, emptied }, queue) =>
    retired === null || emptied === null
      ? {}
      : { delete: { group: 'retired-queue', anchor: emptied, command: { type: 'DeleteRetiredQueue', queue } } },
});
