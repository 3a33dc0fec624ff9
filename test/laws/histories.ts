import fc from 'fast-check';
import { ACCESS_STREAM, accessEvents } from '../../src/domain/access/events.ts';
import { auditEvents, readsStream } from '../../src/domain/audit/events.ts';
import { businessDayEvents, businessDayStream } from '../../src/domain/business-day/events.ts';
import { attemptIdOf, callbackEvents, callbackStream } from '../../src/domain/callback/events.ts';
import { catalogue, specOf } from '../../src/domain/catalogue.ts';
import { CONFIGURATION_STREAM, configurationEvents } from '../../src/domain/configuration/events.ts';
import { DISPATCH_STREAM, dispatchEvents } from '../../src/domain/dispatch/events.ts';
import { doNotCallEvents, doNotCallStream } from '../../src/domain/do-not-call/events.ts';
import { duplicatesEvents, duplicatesStream } from '../../src/domain/duplicates/events.ts';
import type { Catalogue, Metadata } from '../../src/domain/kit/events.ts';
import { operationsEvents, processStream } from '../../src/domain/operations/events.ts';
import { placesStream } from '../../src/domain/places/decider.ts';
import { placesEvents } from '../../src/domain/places/events.ts';
import type { Event } from '../../src/projections/kit/projection.ts';
import { anyDate, arbitraryOf, type Fields } from './arbitrary.ts';
import { allProcesses } from './discover.ts';

const anyId = fc.constantFrom('c1', 'c2', 'c3');
const anyQueue = fc.constantFrom('q1', 'q2');
/** One entry of the do-not-call list in each of its streams. */
const anyListed = fc.constantFrom('e1', 'e2');
const attempt = fc.integer({ min: 1, max: 3 });
const anyProcess = fc.constantFrom(...allProcesses.map(({ name }) => name));
const shared: Fields = {
  queue: anyQueue,
  callbackId: anyId,
  attempt,
  attemptId: fc.tuple(anyId, attempt).map(([id, n]) => attemptIdOf(id, n)),
  instance: anyId,
  entry: fc.constantFrom('start', 'lapse', 'report', 'handling', 'retry', 'withdraw', 'retire', 'lapse:h1', 'give-back:h1'),
  /** As `recorded` numbers events: an operator may name the one that made an entry. */
  cause: fc.integer({ min: 0, max: 40 }).map((position) => `event-${position}`),
  holdId: fc.constantFrom('h1', 'h2', 'h3'),
  keyName: fc.constantFrom('k1', 'k2'),
  apiKeyId: fc.constantFrom('i1', 'i2'),
  user: fc.constantFrom('u1', 'u2'),
  tokenId: fc.constantFrom('t1', 't2'),
  group: fc.constantFrom('Administrators', 'g1', 'g2'),
  folder: fc.constantFrom('f1', 'f2'),
};

/** The events of one kind of stream, and which streams of that kind there are, with what their events have in common. */
type Kind = { readonly events: Catalogue; readonly streams: fc.Arbitrary<{ streamId: string; fields: Fields }>; readonly weight: number };

const fixed = (streamId: string) => fc.constant({ streamId, fields: {} });
const kinds: readonly Kind[] = [
  {
    events: callbackEvents,
    streams: anyId.map((id) => ({
      streamId: callbackStream(id),
      fields: { attemptId: attempt.map((n) => attemptIdOf(id, n)), keyId: fc.constant(`key-${id}`) },
    })),
    weight: 12,
  },
  {
    events: placesEvents,
    streams: fc
      .tuple(anyQueue, anyDate)
      .map(([queue, day]) => ({ streamId: placesStream(queue, day), fields: { queue: fc.constant(queue) } })),
    weight: 3,
  },
  {
    events: duplicatesEvents,
    streams: anyQueue.map((queue) => ({ streamId: duplicatesStream(queue, 'n'), fields: { queue: fc.constant(queue) } })),
    weight: 1,
  },
  {
    events: businessDayEvents,
    streams: anyQueue.map((queue) => ({ streamId: businessDayStream(queue), fields: { queue: fc.constant(queue) } })),
    weight: 1,
  },
  {
    events: doNotCallEvents,
    streams: anyListed.map((entry) => ({
      streamId: doNotCallStream(entry),
      fields: { entry: fc.constant(entry), keyId: fc.constant(`key-${entry}`) },
    })),
    weight: 2,
  },
  { events: dispatchEvents, streams: fixed(DISPATCH_STREAM), weight: 2 },
  { events: configurationEvents, streams: fixed(CONFIGURATION_STREAM), weight: 1 },
  { events: accessEvents, streams: fixed(ACCESS_STREAM), weight: 1 },
  { events: auditEvents, streams: anyDate.map((day) => ({ streamId: readsStream(day), fields: {} })), weight: 1 },
  {
    events: operationsEvents,
    streams: anyProcess.map((process) => ({ streamId: processStream(process), fields: { process: fc.constant(process) } })),
    weight: 3,
  },
];

/** Types of the catalogue that no stream above has: a new kind of stream is to be added there. */
export const typesWithoutStream = (): string[] => Object.keys(catalogue).filter((type) => !kinds.some(({ events }) => type in events));

/** Facts after which the personal data of a stream is gone. */
export const retiringTypes: readonly string[] = ['CallbackRetired', 'PersonalDataErased'].filter((type) => specOf(type) !== undefined);

type Draft = { readonly streamId: string; readonly type: string; readonly data: unknown };

const draftOf = (type: string, streamId: string, fields: Fields): fc.Arbitrary<Draft> => {
  const spec = specOf(type);
  if (spec === undefined) throw new Error(`${type} isn't in the catalogue`);
  return arbitraryOf(spec.data, { ...shared, ...fields }).map((data) => ({ streamId, type, data }));
};

/** What opens a life comes oftener, or most histories would fold to nothing. */
const typeWeight = (type: string): number => (/^(CallbackBooked|CallbackQueued|PlaceTaken)$/.test(type) ? 5 : 1);

const draftsOf = ({ events, streams }: Kind): fc.Arbitrary<Draft> =>
  streams.chain(({ streamId, fields }) =>
    fc.oneof(...Object.keys(events).map((type) => ({ arbitrary: draftOf(type, streamId, fields), weight: typeWeight(type) }))),
  );

/** One event of a type, in a stream that it belongs to. */
export const draftsOfType = (type: string): fc.Arbitrary<Draft> => {
  const kind = kinds.find(({ events }) => type in events);
  if (kind === undefined) throw new Error(`${type} has no stream here`);
  return kind.streams.chain(({ streamId, fields }) => draftOf(type, streamId, fields));
};

const anyMetadata: fc.Arbitrary<Metadata> = fc.record({
  version: fc.constant(1),
  correlationId: fc.constantFrom('r1', 'r2'),
  causationId: fc.constantFrom('r1', 'r2'),
  commandId: fc.constantFrom('m1', 'm2'),
  actor: fc.record({
    kind: fc.constantFrom('user', 'client', 'process', 'connector'),
    id: fc.constantFrom('1', '2'),
    name: fc.constantFrom('A', 'B'),
  }),
});

/** Numbers the events of all streams as a log does. */
export const recorded = (drafts: readonly (readonly [Draft, Metadata])[], after?: Event): Event[] => {
  const revisions = new Map<string, bigint>();
  let position = after?.position ?? -1n;
  return drafts.map(([{ streamId, type, data }, metadata], i) => {
    const revision = revisions.get(streamId) ?? 0n;
    revisions.set(streamId, revision + 1n);
    position += BigInt(1 + (i % 3)); // positions grow, but don't count
    return { type, data, streamId, revision, position, id: `event-${position}`, metadata } as Event; // as the schema of its type made it
  });
};

/** Any histories: not only those that deciders would allow, for a fold must cope with all that can lie in a log. */
export const anyHistory: fc.Arbitrary<Event[]> = fc
  .array(fc.tuple(fc.oneof(...kinds.map((kind) => ({ arbitrary: draftsOf(kind), weight: kind.weight }))), anyMetadata), {
    maxLength: 60,
    size: 'max',
  })
  .map((drafts) => recorded(drafts));

/** A retiring fact for each stream that has personal data, at the log's end. */
export const retired = (history: readonly Event[], type: string): fc.Arbitrary<Event[]> => {
  const owners = new Map(history.filter((event) => (specOf(event.type)?.personal.length ?? 0) > 0).map((event) => [event.streamId, event]));
  const facts = [...owners.values()].map((owner) => {
    const fact = owner.type === 'DoNotCallEntryAdded' ? 'DoNotCallEntryRemoved' : type;
    const keyId = fc.constant('keyId' in owner.data ? owner.data.keyId : '');
    const kept: Fields = 'entry' in owner.data ? { entry: fc.constant(owner.data.entry), keyId } : { keyId };
    return fc
      .tuple(arbitraryOf(specOf(fact)?.data ?? callbackEvents.CallbackRetired.data, { ...shared, ...kept }), anyMetadata)
      .map(([data, metadata]) => [{ streamId: owner.streamId, type: fact, data }, metadata] as const);
  });
  return fc.tuple(...facts).map((drafts) => [...history, ...recorded(drafts, history.at(-1))]);
};
