import { type CallableNumber, readAnyNumber } from '../domain/phone/number.ts';
import { Failure, sentence } from './errors/failure.ts';

/** The number in a field, a premium one too. Throws the failure that answers one that can't be read (10). */
export const readNumberField = (text: string, path = 'phoneNumber'): CallableNumber => {
  const number = readAnyNumber(text);
  if (!('code' in number)) return number;
  throw new Failure(number.code, { errors: [{ path, message: sentence(new Failure(number.code)) }] });
};
