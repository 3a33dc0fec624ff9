/** A booker that stops itself between its two appends, when its place is taken and its booking or move isn't recorded yet; once woken, it says what it came to. */
import { randomBytes, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { bookCallback } from '../../../src/commands/book.ts';
import type { CommandDeps } from '../../../src/commands/deps.ts';
import { placeTaker } from '../../../src/commands/places.ts';
import { rescheduleCallback } from '../../../src/commands/reschedule.ts';
import { isCallbackStream } from '../../../src/domain/callback/events.ts';
import { CONFIGURATION_STREAM } from '../../../src/domain/configuration/events.ts';
import { connectEventStore } from '../../../src/eventstore/client.ts';
import type { CommandContext } from '../../../src/eventstore/codec.ts';
import type { EventStore } from '../../../src/eventstore/event-store.ts';
import { openKeyring } from '../../../src/keys/keyring.ts';
import { lmdbKeyStore } from '../../../src/keys/lmdb-key-store.ts';
import { keyringSealer } from '../../../src/keys/sealer.ts';
import { bookingCounts } from '../../../src/live/booking-counts.ts';
import { configurationView } from '../../../src/live/configuration.ts';

const { EVENTSTORE_URL, KEYS_DIR, QUEUE, DESIRED_TIME, NOW, MOVE } = z
  .object({
    ...{ EVENTSTORE_URL: z.string(), KEYS_DIR: z.string(), QUEUE: z.string() },
    ...{ DESIRED_TIME: z.coerce.number(), NOW: z.coerce.number(), MOVE: z.string().optional() },
  })
  .parse(process.env);

const keyring = await openKeyring({ store: await lmdbKeyStore({ dir: KEYS_DIR }), secretsKey: randomBytes(32).toString('base64') });
const real = await connectEventStore(EVENTSTORE_URL, keyringSealer(keyring));
const configuration = configurationView();
for await (const event of real.readStream(CONFIGURATION_STREAM)) configuration.apply(event);

let hasStopped = false;
const store: EventStore = {
  ...real,
  append: (streamId, ...what) => {
    if (isCallbackStream(streamId) && !hasStopped) {
      hasStopped = true;
      process.kill(process.pid, 'SIGSTOP');
    }
    return real.append(streamId, ...what);
  },
};
const deps: CommandDeps = {
  ...{ store, keys: keyring, configuration: configuration.current, estimatedWaitSeconds: () => null, newId: randomUUID },
  clock: { now: () => NOW, at: () => () => undefined },
  places: placeTaker(store, configuration.current),
  reserveBooking: bookingCounts().reserve,
};
const context: CommandContext = {
  ...{ commandId: randomUUID(), correlationId: randomUUID(), causationId: randomUUID() },
  actor: { kind: 'client', id: 'slow', name: 'slow' },
};
const come =
  MOVE === undefined
    ? bookCallback(
        deps,
        {
          ...{ queue: QUEUE, phoneNumber: '+12125550123', desiredTime: DESIRED_TIME, alwaysCheckCapacity: true, language: 'en-US' },
          offer: {
            type: 'SCHEDULED',
            timing: null,
            thresholdSeconds: null,
            inboundQueue: null,
            channel: null,
            originationInteractionId: null,
          },
          overrides: { priority: null, routePoint: null, surveyRoutePoint: null },
          ...{ userData: {}, pushTargets: [], idempotency: null, limits: null },
        },
        context,
      )
    : rescheduleCallback(deps, MOVE, { desiredTime: DESIRED_TIME, checked: true }, context);
const result = await come;
process.stdout.write(`came to: ${result.ok ? 'done' : result.refusal.code}\n`);
await real.close();
await keyring.close();
process.exit(0);
