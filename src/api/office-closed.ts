import { Failure, sentence } from './errors/failure.ts';

/** What a user's booking or move to a time in no open slot is answered with (1.5). */
export const officeClosed = (): Failure =>
  new Failure('OFFICE_CLOSED', { errors: [{ path: 'desiredTime', message: sentence(new Failure('OFFICE_CLOSED')) }] });
