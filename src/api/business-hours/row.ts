import { z } from 'zod';
import { etagOf } from '../../domain/configuration/decider.ts';
import { businessHours } from '../../domain/configuration/events.ts';
import type { Configuration } from '../../domain/configuration/state.ts';
import { Failure } from '../errors/failure.ts';
import { name } from '../schemas/text.ts';

export const params = z.object({ name: name(128).describe('Name of the business hours') });

/** Business hours as they are answered. */
export const shownBusinessHours = z
  .object({
    name: z.string(),
    ...businessHours.extend({ exceptions: businessHours.shape.exceptions.unwrap(), holidays: businessHours.shape.holidays.unwrap() }).shape,
    updatedAt: z.string(),
    updatedBy: z.string(),
    etag: z.string(),
  })
  .meta({ id: 'BusinessHours' });

/** The business hours of a name in `configuration`; throws BUSINESS_HOURS_NOT_FOUND where there are none. */
export const shownHours = (configuration: Configuration, hoursName: string): z.output<typeof shownBusinessHours> => {
  const row = configuration.businessHours.get(hoursName);
  if (row === undefined) throw new Failure('BUSINESS_HOURS_NOT_FOUND');
  const { hours, updatedAt, updatedBy } = row;
  return { name: hoursName, ...hours, updatedAt, updatedBy, etag: etagOf(row) };
};
