import { ContendedError } from '../../commands/handle.ts';
import { isUnavailable } from '../../eventstore/unavailable.ts';
import { ProviderUnavailableError } from '../../integrations/identity-provider/provider-keys.ts';
import { TooManyWaitingError } from '../../keys/turns.ts';
import { Failure } from './failure.ts';
import type { ErrorName } from './table.ts';
import { isDatabaseDown } from './unavailable.ts';

const ofFastify: Readonly<Record<string, ErrorName>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UNSUPPORTED_CONTENT_TYPE',
  FST_ERR_CTP_EMPTY_TYPE: 'UNSUPPORTED_CONTENT_TYPE',
  FST_ERR_HANDLER_TIMEOUT: 'TIMED_OUT',
  FST_ERR_MAX_PARAM_LENGTH: 'ROUTE_NOT_FOUND', // nothing here has a name that long
};

const statusOf = (error: Error): number => {
  const status: unknown = Reflect.get(error, 'statusCode');
  return typeof status === 'number' ? status : 500;
};

/** What any thrown thing is answered with: a row of the table. `bodyLimit` (bytes) is that of the route. */
export const failureFrom = (error: unknown, bodyLimit: number): Failure => {
  if (error instanceof Failure) return error;
  if (!(error instanceof Error)) return new Failure('UNEXPECTED');
  if (error instanceof ContendedError) return new Failure('CONTENDED');
  if (error instanceof ProviderUnavailableError) return new Failure('IDENTITY_PROVIDER_UNAVAILABLE');
  if (error instanceof TooManyWaitingError) return new Failure('SIGN_INS_BUSY');
  const code: unknown = Reflect.get(error, 'code');
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new Failure('BODY_TOO_LARGE', { values: { limit: bodyLimit } });
  const known = typeof code === 'string' ? ofFastify[code] : undefined;
  if (known !== undefined) return new Failure(known);
  if (statusOf(error) < 500) return new Failure('MALFORMED_REQUEST');
  if (isUnavailable(error) || code === 'ENOSPC') return new Failure('EVENT_STORE_UNAVAILABLE');
  return new Failure(isDatabaseDown(error) ? 'READ_MODELS_UNAVAILABLE' : 'UNEXPECTED');
};
