import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { SlotDay } from '../../domain/places/slot-day.ts';
import { DAY_MS, zoneOf } from '../../domain/time/zone.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { Failure } from '../errors/failure.ts';
import { seeNewest } from '../newest.ts';
import { envelope, successful } from '../schemas/envelope.ts';
import { queueName } from '../schemas/text.ts';
import { askedFor, availabilityQuery } from './availability-query.ts';
import { slotsText, type Wanted } from './availability-text.ts';
import { refuseUnknownService } from './known-service.ts';

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

/** The slots of a queue as JSON, day by day, with commas between. */
const slotsIn = (onDay: (day: number) => SlotDay, wanted: Wanted): readonly Buffer[] => {
  const days: Buffer[] = [];
  let free = 0;
  for (let day = Math.floor(wanted.from / DAY_MS); day * DAY_MS < wanted.to && free < wanted.most; day++) {
    const found = slotsText(onDay(day), { ...wanted, most: wanted.most - free });
    if (found.bytes.length > 0) days.push(found.bytes);
    free += found.free;
  }
  return [...days.slice(0, -1), ...days.slice(-1).map((last) => last.subarray(0, -1))];
};

const AFTER_SLOTS = '],"durationMin"';

/** Sends slots that are JSON already: made of objects, a month of them would cost many times what sending it does. */
const sendSlots = (
  reply: FastifyReply,
  slots: readonly Buffer[],
  { durationMin, timezone }: { durationMin: number; timezone: string },
): void => {
  const frame = JSON.stringify(successful(reply.request.id, { slots: [], durationMin, timezone }));
  const cut = frame.indexOf(AFTER_SLOTS);
  void reply
    .header('content-type', 'application/json; charset=utf-8')
    .send(Buffer.concat([Buffer.from(frame.slice(0, cut)), ...slots, Buffer.from(frame.slice(cut))]));
};

/** GET /callbacks/availability/{service-name}: the open slots of a queue and what is left of them, none that has begun. */
export const availabilityByContract =
  ({ commands, slotDays, ...deps }: Pick<ApiDeps, 'commands' | 'slotDays' | 'logEnd' | 'liveWaitFor'>): FastifyPluginAsyncZod =>
  async (app) => {
    const seeNow = seeNewest(deps);
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
        refuseUnknownService(commands.configuration(), params.serviceName, 'serviceName');
        const found = slotDays(params.serviceName);
        if (found === undefined) throw new Failure('UNKNOWN_SERVICE'); // not reached: a queue that is there has slots
        const { timezone = 'UTC', maxTimeSlots: most = Number.POSITIVE_INFINITY, reportBusy: withFull } = query;
        const slots = slotsIn(found.onDay, { from, to, most, withFull, zone: zoneOf(timezone) });
        sendSlots(reply, slots, { durationMin: found.slots.durationMinutes, timezone });
        return reply;
      },
    );
  };
