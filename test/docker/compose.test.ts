import { describe, expect, test } from 'vitest';
import { environment, readConfig } from '../../src/config.ts';
import { filledIn, read, readCompose, references } from './files.ts';

const compose = readCompose();
const { services } = compose;
const known = Object.keys(environment.shape);
const secrets = {
  POSTGRES_PASSWORD: 'a'.repeat(32),
  KEYS_PASSWORD: 'b'.repeat(32),
  SECRETS_KEY: Buffer.alloc(32, 7).toString('base64'),
};

const serviceNamed = (name: string) => {
  const found = services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
};
const environmentOf = (name: string, env: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(serviceNamed(name).environment).map(([key, value]) => [key, filledIn(value, env)]));

/** Variables that the service wouldn't read. */
const unknown = (names: readonly string[]): readonly string[] => names.filter((name) => !known.includes(name));

describe('the service in docker-compose.yml', () => {
  test('is given no variable that it does not read', () => {
    expect(unknown(Object.keys(serviceNamed('ringback').environment))).toEqual([]);
    expect(unknown(['PORT', 'DATABASE_URI'])).toEqual(['DATABASE_URI']);
  });

  test('starts on real stores with the secrets alone', () => {
    const config = readConfig(environmentOf('ringback', secrets));
    expect(config.EVENTSTORE_URL).toBe('esdb://eventstore:2113?tls=false');
    expect(config.DATABASE_URL).toBe(`postgres://ringback:${secrets.POSTGRES_PASSWORD}@postgres:5432/ringback`);
    expect(config.KEYS_DATABASE_URL).toBe(`postgres://keys:${secrets.KEYS_PASSWORD}@keys:5432/keys`);
    expect(config.simulator).toBe(false);
  });

  test('takes a contact center, or the simulated one, from the environment', () => {
    const connected = { CONNECTOR_URL: 'https://pbx.example/ringback', CONNECTOR_SECRET: 'whsec_c2VjcmV0' };
    expect(readConfig(environmentOf('ringback', { ...secrets, ...connected }))).toMatchObject(connected);
    expect(readConfig(environmentOf('ringback', { ...secrets, SIMULATOR: 'on' })).simulator).toBe(true);
  });

  test.each(Object.keys(secrets))('does not come up without %s', (name) => {
    expect(() => environmentOf('ringback', { ...secrets, [name]: '' })).toThrow(name);
  });

  test('waits for its stores to be healthy', () => {
    const { depends_on } = serviceNamed('ringback');
    expect(depends_on).toEqual(
      Object.fromEntries(['eventstore', 'postgres', 'keys'].map((name) => [name, { condition: 'service_healthy' }])),
    );
  });

  test('publishes the port that it listens on, to this machine only unless told otherwise', () => {
    const { ports, environment: variables } = serviceNamed('ringback');
    expect(ports.map((port) => filledIn(port, {}))).toEqual([`127.0.0.1:8080:${variables.PORT}`]);
  });
});

describe('the stores in docker-compose.yml', () => {
  test('are what the service is given the addresses of', () => {
    const given = environmentOf('ringback', secrets);
    for (const name of ['postgres', 'keys'])
      expect([given.DATABASE_URL, given.KEYS_DATABASE_URL]).toContain(
        ((one) => `postgres://${one.POSTGRES_USER}:${one.POSTGRES_PASSWORD}@${name}:5432/${one.POSTGRES_DB}`)(environmentOf(name, secrets)),
      );
  });

  test('keep the keys of personal data in a database and a volume of their own', () => {
    expect(serviceNamed('keys').volumes).not.toEqual(serviceNamed('postgres').volumes);
  });

  test('are reached by nothing but the service, and reach nothing', () => {
    for (const name of ['eventstore', 'postgres', 'keys']) {
      const { ports, networks } = serviceNamed(name);
      expect(ports, name).toEqual([]);
      expect(
        networks.every((network) => compose.networks[network]?.internal),
        name,
      ).toBe(true);
    }
  });

  test('say whether they are healthy', () => {
    for (const name of ['eventstore', 'postgres', 'keys']) expect(serviceNamed(name).healthcheck, name).toBeDefined();
    expect(serviceNamed('eventstore').healthcheck?.test.join(' ')).toContain('http://127.0.0.1:2113/health/live');
  });
});

describe('every container', () => {
  test.each(Object.keys(services))('%s comes of a pinned image, starts again by itself, and keeps its data in named volumes', (name) => {
    const { image, restart, volumes } = serviceNamed(name);
    expect(image).toMatch(/:\d+\.\d+(\.\d+)?(-[a-z][\w-]*)?$/);
    expect(restart).toBe('unless-stopped');
    expect(volumes.length).toBeGreaterThan(0);
    for (const volume of volumes) expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0]);
  });

  test('has its secrets from the environment, never from the file', () => {
    const written = Object.values(services).flatMap(({ environment: variables }) =>
      Object.entries(variables).filter(([name, value]) => /PASSWORD|SECRET|KEY$|TOKEN/.test(name) && references(value).length === 0),
    );
    expect(written).toEqual([]);
  });

  test('takes in no variable that docs/operations.md does not explain', () => {
    const operations = read('docs/operations.md');
    const unexplained = references(read('docker-compose.yml')).filter(({ name }) => !operations.includes(`| \`${name}\``));
    expect(unexplained).toEqual([]);
  });
});
