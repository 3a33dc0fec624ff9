import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Shell, startShell } from './shell.ts';
import { masker, sectionOf, stepsOf, withOutputs } from './tour.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readme = join(root, 'README.md');
const TITLE = 'Tour';
/** Writes what the commands print today into the README, instead of comparing. */
const isWriting = process.env.WRITE_TOUR !== undefined;
/** In the test, customers and agents hurry, and do the same: what they do depends on seed, number and attempt only. */
const SPEED = isWriting ? '1' : '3';

const closing: (() => unknown)[] = [];
let shell: Shell;
/** How the service ended, when it did while the tour was still going on. */
let ended: string | undefined;

/** Starts the built service and reads, as a person would, what its first start prints. */
const firstStart = async (dir: string): Promise<Readonly<Record<string, string>>> => {
  if (!existsSync(join(root, 'dist/main.js'))) throw new Error('dist/main.js is missing: npm run build makes it');
  const env = { ...process.env, PORT: '0', DATA_DIR: join(dir, 'data'), SIMULATOR_SPEED: SPEED, LOG_LEVEL: 'warn' };
  const service = spawn(process.execPath, ['dist/main.js', 'serve'], { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
  service.once('exit', (code, signal) => {
    ended = `code ${code}, signal ${signal}`;
  });
  closing.push(async () => {
    if (service.exitCode === null && service.kill('SIGTERM')) await once(service, 'exit');
  });
  const printed: Record<string, string> = {};
  for await (const line of createInterface({ input: service.stdout })) {
    const [, name, value] = /^(.+?)(?:: | at )(\S+)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) printed[name] = value;
    if (line === 'These are shown this once.') break;
  }
  service.stdout.resume();
  return printed;
};

beforeAll(async () => {
  const dir = await mkdtemp(join(tmpdir(), 'ringback-tour-'));
  closing.push(() => rm(dir, { recursive: true, force: true }));
  const { 'Ringback serves': url, 'API key': apiKey, 'Administrator token': token } = await firstStart(dir);
  const env = { ...process.env, URL: url, API_KEY: apiKey, TOKEN: token, DATA_DIR: join(dir, 'data'), LOG_LEVEL: 'warn' };
  shell = startShell({ cwd: root, dir, env });
  closing.push(shell.close);
});
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

describe('the tour of the README', () => {
  test('each command, as it stands there, prints what stands below it', { timeout: 120_000 }, async () => {
    const markdown = await readFile(readme, 'utf8');
    const steps = stepsOf(sectionOf(markdown, TITLE));
    expect(steps.length).toBeGreaterThan(10);
    const outputs: string[] = [];
    const [promised, seen] = [masker(), masker()];
    for (const { commands, output } of steps) {
      const { output: printed, status } = await shell.run(commands);
      expect(ended, 'the service goes on').toBeUndefined();
      expect(status, `${commands}\n${printed}`).toBe(0);
      outputs.push(printed);
      if (!isWriting) expect(seen(printed), commands).toBe(promised(output ?? ''));
    }
    if (isWriting) await writeFile(readme, withOutputs(markdown, TITLE, outputs));
  });
});

describe('masking', () => {
  const [a, b] = ['3d6a3e50-e5aa-11f1-9370-f3fd5878c6fc', 'd7889068-21c6-80d0-9215-82297ea966df'];

  test('ids may differ between two runs, but not what is the same and what is another', () => {
    const shown = `${a} caused by ${b}, for ${a}`;
    expect(masker()(shown)).toBe(masker()(`${b} caused by ${a}, for ${b}`));
    expect(masker()(shown)).not.toBe(masker()(`${a} caused by ${b}, for ${b}`));
  });

  test('states, numbers and names may not differ', () => {
    expect(masker()('"callbackState": "QUEUED"')).not.toBe(masker()('"callbackState": "ROUTING"'));
    expect(masker()('"positionInQueue": 1')).not.toBe(masker()('"positionInQueue": 2'));
  });
});
