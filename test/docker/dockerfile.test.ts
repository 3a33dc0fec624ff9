import fastify from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { describe, expect, test } from 'vitest';
import { health } from '../../src/api/health.ts';
import { environment, readConfig } from '../../src/config.ts';
import { instructions, read, readCompose } from './files.ts';

const lines = instructions(read('Dockerfile'));
const all = (name: string): readonly string[] => lines.filter((line) => line.name === name).map(({ text }) => text);
const variables = Object.fromEntries(all('ENV').flatMap((text) => text.split(' ').map((pair) => pair.split('=', 2))));

describe('the image', () => {
  test('is built on one pinned Node that the service may run on', () => {
    const bases = new Set(all('FROM').map((text) => text.split(' ')[0]));
    expect([...bases]).toEqual([expect.stringMatching(/^node:\d+\.\d+\.\d+-bookworm-slim$/)]);
    const [major] = /\d+/.exec([...bases].join()) ?? [];
    expect(Number(major)).toBeGreaterThanOrEqual(20);
  });

  test('installs what the lock file says, and serves without rights', () => {
    expect(all('RUN')).toContain('npm ci');
    expect(lines.findIndex(({ name }) => name === 'USER')).toBeGreaterThan(lines.findLastIndex(({ name }) => name === 'RUN'));
    expect(all('USER')).toEqual(['node']);
    expect(JSON.parse(all('CMD')[0] ?? '[]')).toEqual(['node', '--max-semi-space-size=64', 'dist/main.js', 'serve']);
  });

  test('sets no variable that the service does not read, and it starts with them', () => {
    const { NODE_ENV, ...own } = variables;
    expect(NODE_ENV).toBe('production');
    expect(Object.keys(own).filter((name) => !Object.keys(environment.shape).includes(name))).toEqual([]);
    expect(readConfig(own)).toMatchObject({ HOST: '0.0.0.0', PORT: 8080, DATA_DIR: '/data' });
  });

  test('keeps its data in a volume, and shows the port that the service listens on', () => {
    expect(all('VOLUME')).toEqual([variables.DATA_DIR]);
    expect(all('EXPOSE')).toEqual([variables.PORT]);
    expect(readCompose().services.ringback?.volumes).toEqual([`service-data:${variables.DATA_DIR}`]);
  });

  test('is healthy when an address answers that the service has', async () => {
    const [, path = ''] = /http:\/\/127\.0\.0\.1:\$\{process\.env\.PORT\}(\/[\w/]+)/.exec(all('HEALTHCHECK').join()) ?? [];
    const app = fastify();
    app.setValidatorCompiler(validatorCompiler);
    app.setSerializerCompiler(serializerCompiler);
    await app.register(health({ notReady: async () => ['postgres'] }));
    expect((await app.inject(path)).statusCode, 'alive also while a store is away').toBe(200);
    expect((await app.inject(`${path}-not`)).statusCode).toBe(404);
    await app.close();
  });

  test('is built from the sources alone: what is not named stays outside', () => {
    const [first, ...named] = read('.dockerignore').trim().split('\n');
    expect(first).toBe('*');
    const copied = all('COPY')
      .filter((text) => !text.startsWith('--from'))
      .flatMap((text) => text.split(' ').slice(0, -1));
    expect(named.map((line) => line.slice(1)).sort()).toEqual([...new Set(copied)].sort());
  });
});
