import { z } from 'zod';
import type { BookingRequest } from '../../commands/book.ts';
import { offerTimings, offerTypes } from '../../domain/callback/events.ts';
import { isZone } from '../../domain/time/zone.ts';
import { instant } from './instant.ts';
import { text } from './text.ts';
import { userData } from './user-data.ts';

const LONGEST_TOKEN = 4_096;
const MOST_TARGETS = 10;
const YEAR_SECONDS = 366 * 86_400;

const channel = z.literal('FCM');
const target = text(LONGEST_TOKEN).min(1);

/** The fields of a booking, by the contract. */
const fields = {
  serviceName: text(128).describe('The virtual queue'),
  phoneNumber: z.string().max(64).describe('Number to call back, with + and calling code'),
  desiredTime: instant.optional().describe('Absent: now'),
  cbOfferType: z.enum(offerTypes).optional().describe('For reports only; ASAP without desiredTime, SCHEDULED with it'),
  language: z
    .string()
    .max(35)
    .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'must be a language such as en-US')
    .default('en-US'),
  inboundVQ: text(128).optional().describe('The queue that the call would have waited in'),
  offerThreshold: z.number().min(0).max(YEAR_SECONDS).optional().describe('EWT that triggered the offer, in seconds'),
  channel: text(128).optional().describe('Where the callback came from'),
  offerTiming: z.enum(offerTimings).optional(),
  cbOriginationIxnId: text(256).optional().describe('Id of the inbound call'),
  surveyRP: text(256).optional().describe('Survey route point, instead of the setting'),
  priority: z.int().min(0).max(1000).optional().describe('Initial priority, instead of the setting'),
  routePoint: text(256).optional().describe('Outbound route point, instead of the setting'),
  userData: userData.optional(),
  nameRecording: text(1024).optional().describe('Opaque: where the recording of the customer’s name lies'),
  captchaToken: z
    .string()
    .max(LONGEST_TOKEN * 4)
    .optional(),
  pushChannel: channel.optional().describe('Older form of pushTargets, with pushTarget'),
  pushTarget: target.optional(),
  alwaysCheckCapacity: z
    .boolean()
    .default(false)
    .describe('Refuse a scheduled callback whose slot is full, and count any desiredTime as scheduled'),
};

type Pushed = { pushChannel?: 'FCM' | undefined; pushTarget?: string | undefined };

const bothOrNeither = ({ value, issues }: z.core.ParsePayload<Pushed>): void => {
  const { pushChannel, pushTarget } = value;
  if ((pushChannel === undefined) === (pushTarget === undefined)) return;
  const missing = pushChannel === undefined ? 'pushChannel' : 'pushTarget';
  issues.push({ code: 'custom', path: [missing], message: 'is required, for its other half is there', input: value });
};

/** The contract's body: fields that it doesn't know are ignored. */
export const contractBooking = z
  .object({ ...fields, pushTargets: z.array(z.object({ channel, target })).max(MOST_TARGETS).optional() })
  .check(bothOrNeither)
  .meta({ id: 'Booking' });

const timezone = text(64)
  .refine(isZone, 'must be an IANA time zone such as Europe/Paris')
  .optional()
  .describe('Where the customer is, for the hours in which he may be called; otherwise it is told from the number');

/** The same body from a user: fields that it doesn't know are refused. */
export const userBooking = z
  .strictObject({ ...fields, timezone, pushTargets: z.array(z.strictObject({ channel, target })).max(MOST_TARGETS).optional() })
  .check(bothOrNeither);

export type BookingBody = z.output<typeof contractBooking>;

/** Empty text says as little as none. */
const orNull = (value: string | undefined): string | null => (value === undefined || value === '' ? null : value);

const targetsOf = ({ pushTargets = [], pushTarget }: BookingBody) => {
  const old =
    pushTarget === undefined || pushTargets.some((one) => one.target === pushTarget)
      ? []
      : [{ channel: 'FCM' as const, target: pushTarget }];
  return [...pushTargets, ...old];
};

/** A booking as the command takes it; `checked` is whether a full slot refuses it. */
export const bookingRequest = (
  body: BookingBody & { readonly timezone?: string | undefined },
  checked: boolean,
  { idempotency, limits }: Pick<BookingRequest, 'idempotency' | 'limits'>,
): BookingRequest => ({
  queue: body.serviceName,
  phoneNumber: body.phoneNumber,
  desiredTime: body.desiredTime ?? null,
  alwaysCheckCapacity: checked,
  offer: {
    type: body.cbOfferType ?? (body.desiredTime === undefined ? 'ASAP' : 'SCHEDULED'),
    timing: body.offerTiming ?? null,
    thresholdSeconds: body.offerThreshold ?? null,
    inboundQueue: orNull(body.inboundVQ),
    channel: orNull(body.channel),
    originationInteractionId: orNull(body.cbOriginationIxnId),
  },
  language: body.language,
  timezone: body.timezone,
  overrides: { priority: body.priority ?? null, routePoint: orNull(body.routePoint), surveyRoutePoint: orNull(body.surveyRP) },
  userData: body.userData ?? {},
  pushTargets: targetsOf(body),
  ...(body.nameRecording ? { rest: { nameRecording: body.nameRecording } } : {}),
  ...{ idempotency, limits },
});
