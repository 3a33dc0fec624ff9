import { type Configuration, takesBookings } from '../../domain/configuration/state.ts';
import { Failure, sentence } from '../errors/failure.ts';

/** Refuses the name of a service that takes no bookings: one that isn't there, the default row, or one that is retired; `path` is where the name stands. */
export const refuseUnknownService = (configuration: Pick<Configuration, 'queues'>, queue: string, path: string): void => {
  if (takesBookings(configuration, queue)) return;
  throw new Failure('UNKNOWN_SERVICE', { errors: [{ path, message: sentence(new Failure('UNKNOWN_SERVICE')) }] });
};
