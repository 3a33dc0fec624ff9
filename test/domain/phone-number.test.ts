import { describe, expect, it } from 'vitest';
import { readNumber } from '../../src/domain/phone/number.ts';

describe('reading a phone number', () => {
  it.each(['', ' ', '+', 'hello', '+abc', '12a45', '++12125550123', '12125550123x', '+0123456789', '+999 123456'])(
    '%j can’t be read',
    (text) => expect(readNumber(text)).toEqual({ code: 'INVALID_NUMBER' }),
  );
  it.each(['+1212555', '+121255501234567', '+4930', '0', '12', '+1 212 555 012 345 678'])('%j is impossible', (text) =>
    expect(readNumber(text)).toEqual({ code: 'IMPOSSIBLE_NUMBER' }),
  );
  it.each(['+19002345678', '19002345678', '+49 900 1 234567', '+33 899 12 34 56'])('%j is a premium number, and not allowed', (text) =>
    expect(readNumber(text)).toEqual({ code: 'NUMBER_NOT_ALLOWED' }),
  );
  it('what is possible but not valid is accepted', () => expect(readNumber('+1 555 555 0123')).toHaveProperty('e164', '+15555550123'));

  it.each([
    ['+12125550123', { e164: '+12125550123', country: 'US', callingCode: '1', area: '212' }],
    [' +1 (212) 555-0123 ', { e164: '+12125550123', country: 'US', callingCode: '1', area: '212' }],
    ['18005555555', { e164: '+18005555555', callingCode: '1', area: '800', type: 'TOLL_FREE' }],
    ['8445555555', { e164: '+8445555555', country: 'VN', callingCode: '84', area: null }],
    ['+12425550123', { e164: '+12425550123', country: 'BS', callingCode: '1', area: '242' }],
    ['+442079460958', { e164: '+442079460958', country: 'GB', callingCode: '44', area: null }],
    ['+15555550123', { e164: '+15555550123', callingCode: '1', area: '555', type: null }],
  ])('%j is %o', (text, read) => expect(readNumber(text)).toMatchObject(read));
});
