import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readAnyNumber } from '../../../src/domain/phone/number.ts';
import { distinctClocks, zonesOfNumber } from '../../../src/domain/phone/zones.ts';
import { isZone } from '../../../src/domain/time/zone.ts';
import { zonesByPrefix, zoneTable } from './zone-data.ts';

const zonesOf = (text: string): readonly string[] => {
  const number = readAnyNumber(text);
  if ('code' in number) throw new Error(number.code);
  return zonesOfNumber(number);
};

describe('the time zones of a number', () => {
  it.each([
    ['+12125550123', ['America/New_York']],
    ['+13105550123', ['America/Los_Angeles']],
    ['+18085550123', ['Pacific/Honolulu']],
    ['+493012345678', ['Europe/Berlin']],
    ['+9779812345678', ['Asia/Katmandu']],
    ['+5511961234567', ['America/Sao_Paulo']],
    ['+390612345678', ['Europe/Rome']],
  ])('%s are %j', (number, zones) => expect(zonesOf(number)).toEqual(zones));
  it('that tells its country only are all those of the country', () => {
    expect(zonesOf('+61412345678')).toEqual(expect.arrayContaining(['Australia/Perth', 'Australia/Sydney', 'Australia/Lord_Howe']));
    expect(zonesOf('+18005550123').length).toBeGreaterThan(10);
  });
  it('that belongs to no country are unknown', () => expect(zonesOf('+80012345678')).toEqual([]));

  it('are those of the package that knows them, for every prefix that it has', () => {
    const all = [...zonesByPrefix()];
    expect(all.length).toBeGreaterThan(3_000);
    for (const [prefix, zones] of all)
      expect([prefix, zonesOfNumber({ e164: `+${prefix}`, callingCode: '', type: null })]).toEqual([prefix, zones.filter(isZone)]);
  });
  it('are in a table that is as write-zones.ts makes it', () =>
    expect(readFileSync(new URL('../../../src/domain/phone/zone-prefixes.ts', import.meta.url), 'utf8')).toBe(zoneTable()));
});

describe('zones with the same clocks', () => {
  const NOW = Date.parse('2026-03-02T10:00:00.000Z');
  it('are one', () => expect(distinctClocks(['America/New_York', 'America/Toronto', 'America/Chicago'], NOW)).toEqual(['America/New_York', 'America/Chicago'])); // biome-ignore format: one line
  it('are told apart where one moves its clocks and the other does not', () =>
    expect(distinctClocks(['America/Denver', 'America/Phoenix'], NOW)).toEqual(['America/Denver', 'America/Phoenix']));
  it('leave few of all those of a calling code', () => expect(distinctClocks(zonesOf('+18005550123'), NOW).length).toBeLessThan(20));
});
