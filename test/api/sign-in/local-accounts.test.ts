import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { failureOf } from '../support/ask.ts';
import { startApi, type TestApi } from '../support/service.ts';
import { putUser, signInFacts } from './support/accounts.ts';
import { anotherNode } from './support/another-node.ts';
import { browser } from './support/browser.ts';

const MINUTE_MS = 60_000;
let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

let made = 0;
const newUser = async (password: string | null = 'open sesame'): Promise<string> => {
  const name = `account ${++made}`;
  await putUser(api, name, password, 'Supervisors');
  return name;
};
const failed = { status: 401, code: 2010, errors: undefined };
const statusOf = async (name: string, password: string, url = api.url): Promise<number> =>
  (await browser(url).signIn({ name, password })).status;
const fail = async (name: string, times: number): Promise<void> => {
  for (let n = 0; n < times; n++) expect(await statusOf(name, 'wrong')).toBe(401);
};
const factsOf = async (name: string): Promise<readonly string[]> =>
  (await signInFacts(api)).filter((fact) => fact.endsWith(` ${name}`)).map((fact) => fact.replace(` ${name}`, ''));

describe('a local account', () => {
  it('opens by its password alone, and its failure looks like that of an account that isn’t there, or has none', async () => {
    const [name, without] = [await newUser(), await newUser(null)];
    expect(await statusOf(name, 'open sesame')).toBe(201);
    for (const [who, password] of [
      [name, 'wrong'],
      [name, 'Open sesame'],
      ['nobody', 'open sesame'],
      [without, 'open sesame'],
      ['toString', 'open sesame'],
    ] as const) {
      const answer = await browser(api.url).signIn({ name: who, password });
      expect(failureOf(answer)).toEqual(failed);
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
  });

  it('is asked for in one of two ways, whole and of sensible length', async () => {
    for (const body of [
      {},
      { name: 'x' },
      { name: '', password: 'x' },
      { name: 'x', password: 'x'.repeat(1_025) },
      { name: 'x', password: 'y', token: 'z' },
      { token: '' },
      { name: ['x'], password: 'y' },
      { name: { toString: 'x' }, password: 'y' },
    ]) {
      expect((await browser(api.url).signIn(body)).status).toBe(400);
    }
  });

  it('costs as much work to fail at when it isn’t there', async () => {
    const checked: (string | null | undefined)[] = [];
    const other = await startApi(({ signIn }) => {
      const matches: typeof signIn.passwords.matches = (password, stored) => {
        checked.push(stored);
        return signIn.passwords.matches(password, stored);
      };
      return { signIn: { ...signIn, passwords: { ...signIn.passwords, matches } } };
    });
    onTestFinished(other.close);
    await putUser(other, 'ann', 'open sesame', 'Supervisors');
    for (const name of ['nobody', 'ann', 'ann', 'ann', 'ann', 'ann', 'ann']) await browser(other.url).signIn({ name, password: 'wrong' });
    expect(checked.map((stored) => stored !== null)).toEqual([false, true, true, true, true, true, true]);
  });
});

describe('an account at which somebody guesses', () => {
  it('is locked after five failures, also for the right password, and opens a minute later', async () => {
    const name = await newUser();
    await fail(name, 5);
    expect(await statusOf(name, 'open sesame')).toBe(401);
    await api.clock.advanceBy(MINUTE_MS - 1);
    expect(await statusOf(name, 'open sesame')).toBe(401);
    await api.clock.advanceBy(1);
    expect(await statusOf(name, 'open sesame')).toBe(201);
  });

  it('is locked for twice as long each time, an hour at most, until its password is given', async () => {
    const name = await newUser();
    for (const minutes of [1, 2, 4, 8, 16, 32, 60, 60]) {
      await fail(name, 5);
      await api.clock.advanceBy(minutes * MINUTE_MS - 1);
      expect(await statusOf(name, 'open sesame')).toBe(401);
      await api.clock.advanceBy(1);
    }
    expect(await statusOf(name, 'open sesame')).toBe(201);
    await fail(name, 5);
    await api.clock.advanceBy(MINUTE_MS);
    expect(await statusOf(name, 'open sesame')).toBe(201);
  });

  it('is locked for itself: others open from the same address', async () => {
    const [name, other] = [await newUser(), await newUser()];
    await fail(name, 6);
    expect(await statusOf(other, 'open sesame')).toBe(201);
  });

  it('is locked on every node', async () => {
    const node = await anotherNode(api);
    onTestFinished(node.close);
    const name = await newUser();
    await node.settle();
    await fail(name, 5);
    expect(await statusOf(name, 'open sesame', node.url)).toBe(401);
  });

  it('lets no more than five guesses through, however many come at once', async () => {
    const name = await newUser();
    const guesses = Array.from({ length: 30 }, (_, n) => statusOf(name, `guess ${n}`));
    const right = statusOf(name, 'open sesame'); // behind them all
    expect(new Set(await Promise.all(guesses))).toEqual(new Set([401]));
    expect(await right).toBe(401);
    await expect.poll(() => factsOf(name)).toHaveLength(6);
  });

  it('opens again for whom an administrator gives another password', async () => {
    const name = await newUser();
    await fail(name, 5);
    await putUser(api, name, 'another', 'Supervisors');
    expect(await statusOf(name, 'another')).toBe(201);
  });

  it('keeps its sessions', async () => {
    const name = await newUser();
    const own = browser(api.url);
    await own.signIn({ name, password: 'open sesame' });
    await fail(name, 5);
    expect((await own.send('GET', '/api/queue-settings')).status).toBe(200);
  });
});

describe('failures', () => {
  it('are facts: whose account, when and by which request, and never the password', async () => {
    const name = await newUser();
    const answer = await browser(api.url).signIn({ name, password: 'my secret guess' });
    await expect.poll(() => factsOf(name)).toEqual(['SignInFailed']);
    const recorded: unknown[] = [];
    for await (const event of api.store.readStream('access'))
      if (event.type === 'SignInFailed' && event.data.user === name) recorded.push(event);
    expect(recorded).toMatchObject([
      {
        data: { user: name, because: 'WRONG_PASSWORD', at: new Date(api.clock.now()).toISOString() },
        metadata: { correlationId: answer.headers.get('x-correlation-id'), actor: { kind: 'process', name: 'sign-in' } },
      },
    ]);
    expect(JSON.stringify(recorded, (_, value) => (typeof value === 'bigint' ? String(value) : value))).not.toContain('my secret guess');
    expect(api.lines.join('')).not.toContain('my secret guess');
  });

  it('fill no log: a lock lets no more be recorded until it is over', async () => {
    const name = await newUser();
    await fail(name, 20);
    const once = [...Array.from({ length: 5 }, () => 'SignInFailed'), 'AccountLocked'];
    await expect.poll(() => factsOf(name)).toEqual(once);
    await api.clock.advanceBy(MINUTE_MS);
    await fail(name, 20);
    await expect.poll(() => factsOf(name)).toEqual([...once, ...once]);
  });

  it('at accounts that aren’t there leave none', async () => {
    const before = await api.store.lastPosition();
    for (let n = 0; n < 20; n++) expect(await statusOf(`made up ${n}`, 'x')).toBe(401);
    expect(await api.store.lastPosition()).toBe(before);
  });
});

describe('a flood of sign-ins', () => {
  it('is turned away beyond a hundred that wait, and everything else goes on', async () => {
    const flood = Array.from({ length: 300 }, (_, n) => browser(api.url).signIn({ name: `flood ${n}`, password: 'x' }));
    const headers = { authorization: `Bearer ${api.adminToken}` };
    expect((await browser(api.url).send('GET', '/api/queue-settings', undefined, headers)).status).toBe(200);
    const answers = (await Promise.all(flood)).map(failureOf);
    expect(new Set(answers.map(({ code }) => code))).toEqual(new Set([2010, 5012]));
    expect(answers.filter(({ status }) => status === 401).length).toBeGreaterThanOrEqual(102);
  });
});
