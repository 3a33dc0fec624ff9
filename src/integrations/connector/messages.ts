import { z } from 'zod';

/** `attempt.place`: dial this customer, unless `placeBy` has passed. Null means that the contact center's own default holds. */
export const placeMessage = z.object({
  type: z.literal('attempt.place'),
  attemptId: z.string().min(1).max(200),
  placeBy: z.iso.datetime(),
  callbackId: z.string().min(1).max(200),
  queue: z.string().min(1).max(200),
  phoneNumber: z.string().min(1).max(40),
  displayName: z.string().nullable(),
  displayNumber: z.string().nullable(),
  routePoint: z.string().nullable(),
  region: z.string().nullable(),
  userData: z.record(z.string(), z.unknown()),
});

/** `attempt.withdraw`: the attempt is no longer wanted. */
export const withdrawMessage = z.object({ type: z.literal('attempt.withdraw'), attemptId: z.string().min(1).max(200) });

export const connectorMessage = z.discriminatedUnion('type', [placeMessage, withdrawMessage]);

export type AttemptPlacement = Omit<z.infer<typeof placeMessage>, 'type'>;
export type AttemptWithdrawal = Omit<z.infer<typeof withdrawMessage>, 'type'>;
export type ConnectorMessage = z.infer<typeof connectorMessage>;
