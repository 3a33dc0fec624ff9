import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type OperationsEvent, operationsEvents } from '../../src/domain/operations/events.ts';
import type { Process } from '../../src/processes/kit/process.ts';
import { type ProcessRow, processProjection } from '../../src/processes/kit/process-projection.ts';
import { withoutPersonal } from '../../src/projections/kit/personal.ts';
import type { Event } from '../../src/projections/kit/projection.ts';
import { allProcesses } from './discover.ts';
import { foldBatches } from './fold.ts';
import { anyHistory } from './histories.ts';
import { isJson } from './stored.ts';

fc.configureGlobal({ ...fc.readConfigureGlobal(), numRuns: 40 });

const isDecision = (event: Event, { name }: Process): event is Event & OperationsEvent =>
  event.type in operationsEvents && 'process' in event.data && event.data.process === name;

/** Every state that an instance goes through, with the event that led there. */
const states = (process: Process, history: readonly Event[]) => {
  const now = new Map<string, unknown>();
  return history.flatMap((event): { instance: string; event: Event; state: unknown; todo: ReturnType<Process['todo']> }[] => {
    if (isDecision(event, process)) {
      const { instance } = event.data;
      const state = now.get(instance) ?? process.initial;
      return [{ instance, event, state, todo: process.todo(state, instance) }];
    }
    const instance = process.instanceOf(event);
    if (instance === undefined) return [];
    const state = process.evolve(now.get(instance) ?? process.initial, withoutPersonal(event));
    now.set(instance, state);
    return [{ instance, event, state, todo: process.todo(state, instance) }];
  });
};

describe.each(allProcesses.map((process) => ({ name: process.name, process })))('$name', ({ process }) => {
  it('owes nothing before the first fact', () => expect(process.todo(process.initial, 'c1')).toEqual({}));

  it('keeps states and owes commands that are plain JSON, with anchors that are instants', () =>
    fc.assert(
      fc.property(anyHistory, (history) => {
        for (const { state, todo } of states(process, history)) {
          expect(isJson(state)).toBe(true);
          for (const { group, anchor, command } of Object.values(todo)) {
            expect(group).not.toBe('');
            expect(new Date(anchor).toISOString()).toBe(anchor);
            expect(isJson(command)).toBe(true);
          }
        }
      }),
    ));

  it('makes an entry anew only when it changed, or when an operator decides about it as it is: its cause is the event that did so', () =>
    fc.assert(
      fc.property(anyHistory, (history) => {
        const kept = foldBatches(processProjection(process), [history]);
        const made = new Map<string, { text: string; cause: string; dropped: boolean }>();
        for (const { instance, event, todo } of states(process, history)) {
          for (const name of [...made.keys()].filter((each) => each.startsWith(`${instance}\n`))) {
            if (todo[name.slice(instance.length + 1)] === undefined) made.delete(name);
          }
          for (const [entry, { group, anchor, command }] of Object.entries(todo)) {
            const text = JSON.stringify([group, anchor, command]);
            if (made.get(`${instance}\n${entry}`)?.text !== text)
              made.set(`${instance}\n${entry}`, { text, cause: event.id, dropped: false });
          }
          if (!isDecision(event, process)) continue;
          const name = `${instance}\n${event.data.entry}`;
          const decided = made.get(name);
          const dropped = event.type === 'ParkedEntryDropped';
          if (decided?.cause === event.data.cause && !decided.dropped) made.set(name, { ...decided, cause: event.id, dropped });
        }
        const causes = [...kept].flatMap(([instance, { row }]) =>
          Object.entries((row?.entries ?? {}) as ProcessRow['entries']).map(([entry, { cause, dropped }]): [string, object] => [
            `${instance}\n${entry}`,
            { cause, dropped },
          ]),
        );
        expect(new Map(causes)).toEqual(new Map([...made].map(([name, { cause, dropped }]) => [name, { cause, dropped }])));
      }),
    ));

  it('keeps nothing of an instance that is as if nothing had happened', () =>
    fc.assert(
      fc.property(anyHistory, (history) => {
        for (const { row } of foldBatches(processProjection(process), [history]).values()) {
          if (row !== undefined) expect({ state: row.state, entries: row.entries }).not.toEqual({ state: process.initial, entries: {} });
        }
      }),
    ));
});
