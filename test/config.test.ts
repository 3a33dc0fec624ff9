import { describe, expect, it } from 'vitest';
import { environment, readConfig } from '../src/config.ts';

const names = Object.keys(environment.shape);
const secretsKey = Buffer.alloc(32, 7).toString('base64');
const real = { EVENTSTORE_URL: 'esdb://events:2113?tls=false', DATABASE_URL: 'postgres://u:p@db/ringback', SECRETS_KEY: secretsKey };

describe('the environment', () => {
  it('that is empty gives the embedded stores and the simulator at the published defaults', () =>
    expect(readConfig({})).toMatchObject({
      ...{ PORT: 8080, HOST: '127.0.0.1', DATA_DIR: './data', ROLE: 'all', LOG_LEVEL: 'info' },
      ...{ KEYS_BACKUP_EVERY_HOURS: 24, KEYS_BACKUP_KEEP_DAYS: 14, SIMULATOR_SPEED: 1, SIMULATOR_SEED: 1, simulator: true },
    }));

  it.each(names)('with %s empty is as with none', (name) => expect(readConfig({ [name]: '' })).toEqual(readConfig({})));

  it('maps groups of an identity provider to one or several', () =>
    expect(readConfig({ OIDC_GROUPS_MAP: '{ "a": "Supervisors", "b": ["Managers", "EMEA"] }' }).OIDC_GROUPS_MAP).toEqual({
      ...{ a: ['Supervisors'], b: ['Managers', 'EMEA'] },
    }));

  it('is taken as it is written', () =>
    expect(readConfig({ PORT: '0', SIMULATOR_SPEED: '2.5', SIMULATOR_SEED: '-7', LOG_LEVEL: 'warn' })).toMatchObject({
      ...{ PORT: 0, SIMULATOR_SPEED: 2.5, SIMULATOR_SEED: -7, LOG_LEVEL: 'warn' },
    }));

  it.each([
    ['PORT', ' '],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['PORT', '0x1F90'],
    ['PORT', 'http'],
    ['KEYS_BACKUP_EVERY_HOURS', '0'],
    ['KEYS_BACKUP_KEEP_DAYS', 'never'],
    ['SIMULATOR_SPEED', '0'],
    ['SIMULATOR_SPEED', '1e3'],
    ['SIMULATOR_SPEED', 'Infinity'],
    ['SIMULATOR_SEED', '1.5'],
    ['SIMULATOR_SEED', 'true'],
    ['SIMULATOR', 'yes'],
    ['ROLE', 'worker'], // without stores that nodes can share
    ['ROLE', 'API'],
    ['LOG_LEVEL', 'loud'],
    ['EVENTSTORE_URL', 'http://events:2113'],
    ['DATABASE_URL', 'mysql://db'],
    ['KEYS_DATABASE_URL', 'keys'],
    ['SECRETS_KEY', 'short'],
    ['BOOTSTRAP_API_KEY', 'short'],
    ['BOOTSTRAP_ADMIN_TOKEN', 'x'.repeat(129)],
    ['BOOTSTRAP_CONNECTOR_KEY', `${'x'.repeat(32)} `],
    ['CONNECTOR_URL', 'pbx.example'],
    ['CONNECTOR_SECRET', 'secret'],
    ['PUBLIC_URL', 'callbacks.example.com'],
    ['PUBLIC_URL', 'https://example.com/callbacks'],
    ['SESSION_IDLE_MINUTES', '0'],
    ['SESSION_HOURS', 'never'],
    ['OIDC_ISSUER', 'login.example.com'],
    ['OIDC_GROUPS_MAP', 'cc-admins=Administrators'],
    ['OIDC_GROUPS_MAP', '["Administrators"]'],
    ['OIDC_GROUPS_MAP', '{ "cc-admins": 1 }'],
  ])('is refused for %s of %j, by its name', (name, value) => expect(() => readConfig({ [name]: value })).toThrow(name));

  it('is refused where one half asks for another', () => {
    expect(() => readConfig({ ...real, SECRETS_KEY: '' })).toThrow('SECRETS_KEY');
    expect(() => readConfig({ CONNECTOR_URL: 'https://pbx.example' })).toThrow('CONNECTOR_SECRET');
    expect(() => readConfig({ ROLE: 'api' })).toThrow('EVENTSTORE_URL');
    expect(() => readConfig({ OIDC_ISSUER: 'https://login.example.com' })).toThrow('OIDC_AUDIENCE');
    expect(() => readConfig({ OIDC_AUDIENCE: 'ringback' })).toThrow('OIDC_ISSUER');
    expect(() => readConfig({ OIDC_GROUPS_PREFIX: 'cc-', OIDC_GROUPS_MAP: '{}' })).toThrow('OIDC_GROUPS_MAP');
    const connector = { CONNECTOR_URL: 'https://pbx.example', CONNECTOR_SECRET: 'whsec_c2VjcmV0' };
    expect(() => readConfig({ ...connector, SIMULATOR: 'on' })).toThrow('SIMULATOR');
    expect(readConfig({ ...real, ...connector, ROLE: 'api' })).toMatchObject({ ...connector, ROLE: 'api', simulator: false });
    expect(readConfig({ ...real, ...connector, ROLE: 'worker' }).ROLE).toBe('worker');
    expect(readConfig({ ...connector, CONNECTOR_SECRET: 'whsec_bmV3 whsec_b2xk' }).CONNECTOR_SECRET).toBe('whsec_bmV3 whsec_b2xk');
    for (const wrong of ['whsec_bmV3  whsec_b2xk', 'whsec_bmV3 b2xk', 'whsec_bmV3,whsec_b2xk', 'whsec_'])
      expect(() => readConfig({ ...connector, CONNECTOR_SECRET: wrong })).toThrow('CONNECTOR_SECRET');
    for (const ROLE of ['api', 'worker']) expect(() => readConfig({ ...real, ROLE, SIMULATOR: 'on' })).toThrow('SIMULATOR');
  });

  it('never shows a value where it refuses one', () => {
    const secret = 'not-a-secret-key-of-the-right-form!';
    expect(() => readConfig({ BOOTSTRAP_API_KEY: secret, CONNECTOR_SECRET: secret })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(secret) }),
    );
  });
});
