import { randomUUID } from 'node:crypto';
import type { BookingRequest } from '../../src/commands/book.ts';
import type { CommandDeps } from '../../src/commands/deps.ts';
import { placeTaker } from '../../src/commands/places.ts';
import { callbackStream } from '../../src/domain/callback/events.ts';
import type { DomainEvent } from '../../src/domain/catalogue.ts';
import type { OwnSettings } from '../../src/domain/configuration/columns.ts';
import { type Configuration, evolve, initialConfiguration } from '../../src/domain/configuration/state.ts';
import type { Recorded } from '../../src/domain/kit/events.ts';
import { load, type Places, places, placesStream } from '../../src/domain/places/decider.ts';
import { dayOf, type Slot } from '../../src/domain/time/slots.ts';
import type { CommandContext } from '../../src/eventstore/codec.ts';
import type { EventStore } from '../../src/eventstore/event-store.ts';
import { bookingCounts } from '../../src/live/booking-counts.ts';
import { all, openDoor } from '../eventstore/door.ts';
import { manualClock } from '../support/manual-clock.ts';

export const NOW = Date.parse('2026-03-02T10:00:00.000Z');
export const SOON = Date.parse('2026-03-02T12:05:00.000Z');
export const LATER = Date.parse('2026-03-02T15:05:00.000Z');

/** A configuration with one queue of these settings. */
export const configurationWith = (queue: string, settings: OwnSettings): Configuration =>
  evolve(initialConfiguration, {
    event: { type: 'QueueCreated', data: { queue, settings: { ...settings }, at: new Date(NOW).toISOString() } },
    ...{ revision: 0n, by: 'ann' },
  });

/** Commands on real stores, with a clock that stands still. `store` may be wrapped to lose or hold back an append. */
export const openDesk = async () => {
  const door = await openDoor();
  const clock = manualClock(NOW);
  let commands = 0;
  const context = (): CommandContext => {
    const commandId = `command-${++commands}`;
    return { commandId, correlationId: commandId, causationId: commandId, actor: { kind: 'client', id: 'k-1', name: 'web' } };
  };
  /** What commands on one queue are carried out with; a queue of its own for each test. */
  const deskFor = (settings: OwnSettings = {}, wrapped: (store: EventStore) => EventStore = (store) => store) => {
    const queue = `q-${randomUUID()}`;
    const store = wrapped(door.store);
    let configuration = configurationWith(queue, settings);
    const deps: CommandDeps = {
      ...{ store, keys: door.keyring, configuration: () => configuration, estimatedWaitSeconds: () => 90, clock, newId: randomUUID },
      places: placeTaker(store, () => configuration),
      reserveBooking: bookingCounts().reserve,
    };
    const request = (some: Partial<BookingRequest> = {}): BookingRequest => ({
      ...{ queue, phoneNumber: '+12125550123', desiredTime: null, alwaysCheckCapacity: false, language: 'en-US' },
      offer: { type: 'ASAP', timing: null, thresholdSeconds: null, inboundQueue: null, channel: null, originationInteractionId: null },
      overrides: { priority: null, routePoint: null, surveyRoutePoint: null },
      ...{ userData: {}, pushTargets: [], idempotency: null, limits: null, ...some },
    });
    const placesAt = async (instant: number): Promise<Places> => {
      let held = places.initial;
      for await (const event of door.store.readStream(placesStream(queue, dayOf(instant))))
        if (event.type === 'PlaceTaken' || event.type === 'PlaceGivenBack') held = places.evolve(held, event);
      return held;
    };
    return {
      ...{ queue, deps, store, request, placesAt },
      loadOf: async (slot: Slot): Promise<number> => load(await placesAt(slot.start), slot),
      configure: (now: OwnSettings) => {
        configuration = configurationWith(queue, now);
      },
    };
  };
  const historyOf = (id: string): Promise<Recorded<DomainEvent>[]> => all(door.store.readStream(callbackStream(id), { personal: true }));
  return { ...door, clock, context, deskFor, historyOf };
};
export type Desk = Awaited<ReturnType<typeof openDesk>>;

export const typesOf = (events: readonly { readonly type: string }[]): string[] => events.map(({ type }) => type);
/** The id of what was booked; throws the refusal. */
export const idOf = (booked: { ok: true; id: string } | { ok: false; refusal: unknown }): string => {
  if (!booked.ok) throw new Error(`refused: ${JSON.stringify(booked.refusal)}`);
  return booked.id;
};
