import { z } from 'zod';
import { cancellationReasons, completionReasons, openStates } from '../../domain/callback/events.ts';

export const states = [...openStates, 'COMPLETED'] as const;

/** What the contract's retrieve answers. */
export const contractCallback = z.object({
  id: z.string(),
  desiredTime: z.string().describe('UTC'),
  callbackState: z.enum(states),
  callbackReason: z
    .string()
    .optional()
    .describe(`Only when COMPLETED: one of ${[...completionReasons, ...cancellationReasons].join(', ')}`),
  phoneNumber: z.string().nullable().describe('Null once personal data is gone'),
  positionInQueue: z.int().optional().describe('1 for the first; 0 while it is being made'),
  estimatedWaitTime: z.number().optional().describe('Seconds; −1 for unknown'),
});

/** A row of the list, and the same for a single callback. */
export const callbackRow = contractCallback
  .extend({
    kind: z.enum(['IMMEDIATE', 'SCHEDULED']),
    direction: z.enum(['USERTERMINATED', 'USERORIGINATED']),
    serviceName: z.string(),
    late: z.boolean().describe('Still SCHEDULED past the window of its desired time'),
    canCancel: z.boolean().describe('By the one who asks'),
    canReschedule: z.boolean(),
    canRecreate: z.boolean(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: 'CallbackRow' });
