import { describe, expect, it } from 'vitest';
import { type CallbackDetailsRow, callbackDetails } from '../../src/projections/callback-details.ts';
import { example } from '../laws/example.ts';
import { memoryLog } from '../live/log.ts';

const id = 'c-1';
const attemptId = 'c-1.1';
const handled = [
  example('CallbackBooked', { queue: 'q', numberHash: 'h' }),
  example('CallbackQueued', { queue: 'q' }),
  example('CallbackAttemptStarted', { queue: 'q', attemptId, attempt: 1 }),
  example('CallbackConnected', { queue: 'q', attemptId, agentId: 'a-1' }),
  example('CallbackCompleted', { queue: 'q', reason: 'AGENT' }),
] as const;

describe('what reports count', () => {
  it.each(['CallbackRetired', 'PersonalDataErased'] as const)('keeps its row when %s, without what tells the number', (type) => {
    const events = memoryLog().append(`callback-${id}`, ...handled, example(type, { queue: 'q' }));
    const rows: (CallbackDetailsRow | undefined)[] = [];
    for (const event of events) rows.push(callbackDetails.fold(rows.at(-1), event, id));
    const [before, after] = rows.slice(-2);
    expect(before).toMatchObject({ reason: 'AGENT', number_hash: 'h', attempts: [{ attemptId, agentId: 'a-1' }] });
    expect(after).toEqual({ ...before, number_hash: null });
  });
});
