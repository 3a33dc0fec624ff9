import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { root } from './files.ts';

const TIMEOUT_MS = 15 * 60_000;
const docker = (env: NodeJS.ProcessEnv, ...args: readonly string[]) =>
  spawnSync('docker', args, { cwd: root, env: { ...process.env, ...env }, encoding: 'utf8', timeout: TIMEOUT_MS });
const answers = (...args: readonly string[]): boolean => spawnSync('docker', args, { stdio: 'ignore', timeout: 10_000 }).status === 0;

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port'))));
    });
  });

const isDockerThere = answers('info') && answers('compose', 'version');

describe.skipIf(!isDockerThere)('where a Docker daemon answers', () => {
  const project = `ringback-test-${randomBytes(4).toString('hex')}`;
  const apiKey = randomBytes(32).toString('base64url');
  const env: NodeJS.ProcessEnv = {
    POSTGRES_PASSWORD: randomBytes(16).toString('hex'),
    KEYS_PASSWORD: randomBytes(16).toString('hex'),
    SECRETS_KEY: randomBytes(32).toString('base64'),
    BOOTSTRAP_API_KEY: apiKey,
    SIMULATOR: 'on',
  };
  afterAll(() => {
    docker(env, 'compose', '-p', project, 'down', '--volumes', '--timeout', '10');
  }, TIMEOUT_MS);

  test('the whole of docker-compose.yml comes up, is ready, and books a callback', { timeout: TIMEOUT_MS }, async () => {
    const port = await freePort();
    const up = docker({ ...env, PUBLISH: `127.0.0.1:${port}` }, 'compose', '-p', project, 'up', '--build', '--wait');
    expect(up.status, up.stderr).toBe(0);
    const ready = await fetch(`http://127.0.0.1:${port}/health/ready`);
    expect(ready.status).toBe(200);
    const booked = await fetch(`http://127.0.0.1:${port}/engagement/v3/callbacks/create`, {
      method: 'POST',
      headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
      body: JSON.stringify({ serviceName: 'demo', phoneNumber: '+12025550190' }),
    });
    expect(booked.status).toBe(200);
  });
});
