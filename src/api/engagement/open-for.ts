import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { settingsOf } from '../../domain/configuration/state.ts';
import { isWithinImmediateOffer, offerHoursOpenForSeconds, officeOf, openForSeconds } from '../../domain/offers/office.ts';
import { offeredWait } from '../../domain/waits/offered-wait.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { envelope, successful } from '../schemas/envelope.ts';
import { zone } from '../schemas/instant.ts';
import { queueName } from '../schemas/text.ts';
import { instantOf } from './availability-query.ts';
import { refuseUnknownService } from './known-service.ts';

/** What is answered where there is no end: the largest number that every client can hold. */
const WITHOUT_END = 2_147_483_647;

const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((value) => value === 'true');

const query = z
  .object({
    start: z
      .string()
      .max(64)
      .optional()
      .describe('Instead of now: a local time of timezone without offset; UTC with Z where there is no timezone'),
    timezone: zone.optional().describe('IANA zone of start'),
    queryImmediateOfferHours: flag.describe('Adds immediateOfferHoursOpenFor'),
    returnWithinImmediateOfferTime: flag.describe('Adds isWithinImmediateOfferTime'),
    checkImmediateEnabled: flag.describe('Adds isImmediateEnabled'),
  })
  .check(({ value: { start, timezone }, issues }) => {
    if (start === undefined || instantOf(start, timezone) !== undefined) return;
    const form =
      timezone === undefined ? 'UTC such as 2026-03-01T10:00:00.000Z' : 'a local time of timezone such as 2026-03-01T10:00:00.000';
    issues.push({ code: 'custom', path: ['start'], message: `must be ${form}`, input: start });
  });

const openFor = z.object({
  openFor: z.int().describe(`Seconds until the office closes; 0 when it is closed, ${WITHOUT_END} when it doesn't close`),
  immediateOfferHoursOpenFor: z
    .int()
    .optional()
    .describe('Seconds until the offer hours’ business day ends; 0 outside, −1 without offer hours'),
  isWithinImmediateOfferTime: z.boolean().optional(),
  isImmediateEnabled: z.boolean().optional(),
});

/** GET /callbacks/open-for/{service-name}: how long the office stays open, and what the guide's three flags ask for (3.4). */
export const openForByContract =
  ({ commands, queueFacts }: Pick<ApiDeps, 'commands' | 'queueFacts'>): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/callbacks/open-for/:serviceName',
      {
        config: { permission: { client: 'callbacks' } },
        schema: {
          tags: ['contract'],
          operationId: 'queryOpenFor',
          summary: 'How long the office of a service stays open',
          security: [{ apiKey: [] }],
          params: z.object({ serviceName: queueName }),
          querystring: query,
          response: { 200: envelope(openFor), ...failures(400, 401, 403, 500, 503) },
        },
      },
      async (request) => {
        const { serviceName: queue } = request.params;
        const { start, timezone, queryImmediateOfferHours, returnWithinImmediateOfferTime, checkImmediateEnabled } = request.query;
        const configuration = commands.configuration();
        refuseUnknownService(configuration, queue, 'serviceName');
        const [settings, office] = [settingsOf(configuration, queue), officeOf(configuration, queue)];
        if (settings === undefined || office === undefined) throw new Error('a queue that is there has no settings');
        const today = commands.clock.now();
        const now = (start === undefined ? undefined : instantOf(start, timezone)) ?? today;

        const offerHoursOpenFor = (): number => {
          const seconds = offerHoursOpenForSeconds(office, now);
          return seconds === 'NOT_SET' ? -1 : (seconds ?? WITHOUT_END);
        };
        const isWithin = (): boolean => {
          const wait = offeredWait(queueFacts.wait(queue), settings.loggedInCheck, today);
          return isWithinImmediateOffer(office, now, 'seconds' in wait ? wait.seconds : null);
        };
        return successful(request.id, {
          openFor: openForSeconds(office, now) ?? WITHOUT_END,
          ...(queryImmediateOfferHours && { immediateOfferHoursOpenFor: offerHoursOpenFor() }),
          ...(returnWithinImmediateOfferTime && { isWithinImmediateOfferTime: isWithin() }),
          ...(checkImmediateEnabled && { isImmediateEnabled: settings.immediateEnabled }),
        });
      },
    );
  };
