import { type Configuration, DEFAULT_ROW } from '../../domain/configuration/state.ts';
import { Failure, sentence } from '../errors/failure.ts';

/** Refuses the name of a service that isn't there, as the default row isn't one; `path` is where the name stands. */
export const refuseUnknownService = ({ queues }: Pick<Configuration, 'queues'>, queue: string, path: string): void => {
  if (queue !== DEFAULT_ROW && queues.has(queue)) return;
  throw new Failure('UNKNOWN_SERVICE', { errors: [{ path, message: sentence(new Failure('UNKNOWN_SERVICE')) }] });
};
