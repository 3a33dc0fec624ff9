import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { DEFAULT_ROW } from '../../domain/configuration/state.ts';
import type { SlotDay } from '../../domain/places/slot-day.ts';
import { DAY_MS, zoneOf } from '../../domain/time/zone.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { Failure, sentence } from '../errors/failure.ts';
import { seeNewest } from '../newest.ts';
import { envelope, successful } from '../schemas/envelope.ts';
import { queueName } from '../schemas/text.ts';
import { askedFor, availabilityQuery } from './availability-query.ts';
import { slotsText, type Wanted } from './availability-text.ts';

const availability = z.object({
  slots: z.array(
    z.object({
      utcTime: z.string().describe('Where the slot begins: UTC'),
      localTime: z.string().describe('The same in timezone, without offset'),
      capacity: z.int().describe('What is left'),
      total: z.int().describe('What the slot holds'),
    }),
  ),
  durationMin: z.int(),
  timezone: z.string(),
});

const EMPTY = '],"durationMin"';

/** Sends JSON that is text already: made of objects, a month of slots would cost many times what sending it does. */
const sendJson = (reply: FastifyReply, parts: readonly (string | Buffer)[]): void =>
  void reply
    .header('content-type', 'application/json; charset=utf-8')
    .send(Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part))));

/** The slots of a queue as JSON with commas between, day by day. */
const slotsIn = (onDay: (day: number) => SlotDay, wanted: Wanted): Buffer => {
  const parts: Buffer[] = [];
  let free = 0;
  for (let day = Math.floor(wanted.from / DAY_MS); day * DAY_MS < wanted.to && free < wanted.most; day++) {
    const found = slotsText(onDay(day), { ...wanted, most: wanted.most - free });
    parts.push(found.bytes);
    free += found.free;
  }
  const all = Buffer.concat(parts);
  return all.subarray(0, Math.max(0, all.length - 1));
};

/** GET /callbacks/availability/{service-name}: the open slots of a queue and what is left of them, none that has begun. */
export const availabilityByContract =
  ({ commands, slotDays, liveWaitFor }: Pick<ApiDeps, 'commands' | 'slotDays' | 'liveWaitFor'>): FastifyPluginAsyncZod =>
  async (app) => {
    const seeNow = seeNewest({ commands, liveWaitFor });
    app.get(
      '/callbacks/availability/:serviceName',
      {
        config: { permission: { client: 'callbacks' } },
        schema: {
          tags: ['contract'],
          operationId: 'queryAvailability',
          summary: 'Free slots of a service',
          security: [{ apiKey: [] }],
          params: z.object({ serviceName: queueName }),
          querystring: availabilityQuery,
          response: { 200: envelope(availability), ...failures(400, 401, 403, 500, 503) },
        },
      },
      async (request, reply) => {
        const { query, params } = request;
        const { from, to } = askedFor(query, commands.clock.now());
        await seeNow(reply);
        const found = params.serviceName === DEFAULT_ROW ? undefined : slotDays(params.serviceName);
        if (found === undefined) {
          const message = sentence(new Failure('UNKNOWN_SERVICE'));
          throw new Failure('UNKNOWN_SERVICE', { errors: [{ path: 'serviceName', message }] });
        }
        const { timezone = 'UTC', maxTimeSlots: most = Number.POSITIVE_INFINITY, reportBusy: withFull } = query;
        const slots = slotsIn(found.onDay, { from, to, most, withFull, zone: zoneOf(timezone) });
        const frame = JSON.stringify(successful(request.id, { slots: [], durationMin: found.slots.durationMinutes, timezone }));
        sendJson(reply, [frame.slice(0, frame.indexOf(EMPTY)), slots, frame.slice(frame.indexOf(EMPTY))]);
        return reply;
      },
    );
  };
