import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ACCESS_STREAM } from '../../../src/domain/access/events.ts';
import { ask, at, failureOf } from '../support/ask.ts';
import { startApi, type TestApi } from '../support/service.ts';
import { deleteUser, putUser, signInFacts } from './support/accounts.ts';
import { anotherNode } from './support/another-node.ts';
import { type Browser, browser, cookieIn } from './support/browser.ts';

const MINUTE_MS = 60_000;
let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

let made = 0;
/** A new user's name; the password is `open sesame`. */
const newUser = async (...groups: string[]): Promise<string> => {
  const name = `user ${++made}`;
  await putUser(api, name, 'open sesame', ...(groups.length > 0 ? groups : ['Supervisors']));
  return name;
};
const signedIn = async (name: string, url = api.url): Promise<Browser> => {
  const own = browser(url);
  expect((await own.signIn({ name, password: 'open sesame' })).status).toBe(201);
  return own;
};
const newSession = async (): Promise<Browser> => signedIn(await newUser());
const reads = async ({ send }: Browser) => (await send('GET', '/api/queue-settings')).status;
const over = { status: 401, code: 2011, errors: undefined };

describe('a session', () => {
  it('by name and password says who one is, and opens what his roles open', async () => {
    const name = await newUser();
    const own = browser(api.url);
    const { body, headers } = await own.signIn({ name, password: 'open sesame' });
    expect(body).toMatchObject({
      actor: { kind: 'user', id: name, name },
      groups: ['Supervisors'],
      roles: ['Supervisor'],
      csrfToken: own.csrf(),
    });
    expect(headers.getSetCookie()).toEqual([
      expect.stringMatching(/^ringback-session=[\w-]{43}\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/),
    ]);
    expect((await own.send('GET', '/api/session')).body).toEqual(body);
    expect(await reads(own)).toBe(200);
    expect((await own.send('PUT', '/api/queue-settings/demo', {}, { 'if-match': '*' })).status).toBe(403);
  });

  it('by a token is the token’s user’s, and ends with the token', async () => {
    const token = await api.token('by token', 'Administrator');
    await api.settle();
    const own = browser(api.url);
    expect((await own.signIn({ token })).status).toBe(201);
    expect(await reads(own)).toBe(200);
    await deleteUser(api, 'by token');
    expect(await reads(own)).toBe(401);
  });

  it('is begun by no API key, and by nothing that is unknown', async () => {
    for (const token of [api.apiKey, 'unknown', 'a.b.c']) {
      expect(failureOf(await browser(api.url).signIn({ token }))).toMatchObject({ status: 401, code: 2002 });
    }
  });

  it('is no other credential: the contract and the contact center take no cookie', async () => {
    const own = await newSession();
    for (const path of ['/engagement/v3/callbacks/retrieve', '/contact-center/attempts/x.1/ended']) {
      expect(failureOf(await own.send('POST', path, {}))).toMatchObject({ status: 401, code: 2001 });
    }
  });

  it('carries its cookie only by https where the service is reached so', async () => {
    const other = await startApi(undefined, { PUBLIC_URL: 'https://callbacks.example' });
    onTestFinished(other.close);
    const own = browser(other.url, 'https://callbacks.example');
    const answer = await own.signIn({ token: other.adminToken });
    expect(answer.headers.getSetCookie()[0]).toMatch(/^__Host-ringback-session=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
    expect(await reads(own)).toBe(200);
    own.adopt(own.cookie().replace('__Host-', ''));
    expect(failureOf(await own.send('GET', '/api/queue-settings'))).toMatchObject({ status: 401, code: 2001 });
  });

  it('lies in Postgres, and in the log, as a hash alone', async () => {
    const own = await newSession();
    const [secret = ''] = own.cookie().replace('ringback-session=', '').split('.');
    const { sql } = await import('kysely');
    const { rows } = await sql`select * from ops_sessions`.execute(api.deps.readModels.db);
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain(secret);
    expect(api.lines.join('')).not.toContain(secret);
  });
});

describe('a cookie', () => {
  it('opens nothing more after signing out, and signing out twice is no error', async () => {
    const own = await newSession();
    const answer = await own.send('DELETE', '/api/session');
    expect(answer.status).toBe(204);
    expect(answer.headers.getSetCookie()[0]).toMatch(/^ringback-session=; .*(Max-Age=0|Expires=Thu, 01 Jan 1970)/);
    expect(failureOf(await own.send('GET', '/api/queue-settings'))).toEqual(over);
    expect((await own.send('DELETE', '/api/session')).status).toBe(204);
  });

  it('that was altered anywhere, or made up, opens nothing', async () => {
    const own = await newSession();
    const good = own.cookie();
    const start = 'ringback-session='.length;
    for (const index of [start, start + 20, good.length - 44, good.length - 20, good.length - 2]) {
      const letter = good[index] === 'A' ? 'B' : 'A';
      own.adopt(good.slice(0, index) + letter + good.slice(index + 1));
      expect(failureOf(await own.send('GET', '/api/queue-settings'))).toEqual(over);
    }
    for (const value of ['', '.', 'x', `${'A'.repeat(43)}.${'A'.repeat(43)}`]) {
      own.adopt(`ringback-session=${value}`);
      expect(await reads(own)).toBe(401);
    }
    own.adopt(good);
    expect(await reads(own)).toBe(200);
  });

  it('that was made up costs Postgres nothing', async () => {
    let asked = 0;
    const other = await startApi(({ signIn }) => {
      const find: typeof signIn.sessions.find = (secret) => {
        asked++;
        return signIn.sessions.find(secret);
      };
      return { signIn: { ...signIn, sessions: { ...signIn.sessions, find } } };
    });
    onTestFinished(other.close);
    const own = browser(other.url);
    await own.signIn({ token: other.adminToken });
    expect(await reads(own)).toBe(200);
    expect(asked).toBe(1);
    for (const value of ['x', `${'A'.repeat(43)}.${'A'.repeat(43)}`, own.cookie().slice(17, -1)]) {
      own.adopt(`ringback-session=${value}`);
      expect(await reads(own)).toBe(401);
    }
    expect(asked).toBe(1);
  });

  it('that somebody foisted on a browser isn’t the one that signing in gives, nor does it open anything then', async () => {
    const attacker = await newSession();
    const victim = browser(api.url);
    victim.adopt(attacker.cookie());
    await victim.signIn({ name: await newUser(), password: 'open sesame' });
    expect(victim.cookie()).not.toBe(attacker.cookie());
    expect(await reads(victim)).toBe(200);
    expect(await reads(attacker)).toBe(401);
  });

  it('is another at each sign-in, and the one before is over', async () => {
    const name = await newUser();
    const own = await signedIn(name);
    const before = own.cookie();
    expect((await own.signIn({ name, password: 'open sesame' })).status).toBe(201);
    expect(own.cookie()).not.toBe(before);
    expect(await reads(own)).toBe(200);
    own.adopt(before);
    expect(await reads(own)).toBe(401);
  });

  it('of a session that is over counts as none where anybody may ask', async () => {
    const own = await newSession();
    await own.send('DELETE', '/api/session');
    expect((await own.send('GET', '/api/session')).body).toMatchObject({ actor: null });
  });

  it('is not looked at beside a token', async () => {
    const own = await newSession();
    const headers = { authorization: `Bearer ${api.adminToken}` };
    expect((await own.send('GET', '/api/session', undefined, headers)).body).toMatchObject({ actor: { name: 'administrator' } });
    expect((await own.send('GET', '/api/queue-settings', undefined, { authorization: 'Bearer wrong' })).status).toBe(401);
  });
});

describe('two who sign in at once', () => {
  it('as the same user have a session each', async () => {
    const name = await newUser();
    const [one, other] = await Promise.all([signedIn(name), signedIn(name)]);
    expect(one.cookie()).not.toBe(other.cookie());
    await one.send('DELETE', '/api/session');
    expect([await reads(one), await reads(other)]).toEqual([401, 200]);
  });
});

describe('time', () => {
  it('ends a session after 20 idle minutes, and not one that is used', async () => {
    const [idle, used] = [await newSession(), await newSession()];
    for (let minutes = 0; minutes < 19; minutes++) {
      await api.clock.advanceBy(MINUTE_MS);
      expect(await reads(used)).toBe(200);
    }
    await api.clock.advanceBy(MINUTE_MS);
    expect([await reads(idle), await reads(used)]).toEqual([401, 200]);
    await api.clock.advanceBy(20 * MINUTE_MS - 1);
    expect(await reads(used)).toBe(200);
    await api.clock.advanceBy(20 * MINUTE_MS);
    expect(await reads(used)).toBe(401);
  });

  it('ends a session after twelve hours, however much it is used', async () => {
    const own = await newSession();
    for (let quarters = 0; quarters < 47; quarters++) {
      await api.clock.advanceBy(15 * MINUTE_MS);
      expect(await reads(own)).toBe(200);
    }
    await api.clock.advanceBy(15 * MINUTE_MS);
    expect(await reads(own)).toBe(401);
  });
});

describe('a user', () => {
  it('who is demoted has the rights that are left at once', async () => {
    const name = await newUser('Supervisors');
    const own = await signedIn(name);
    expect(await reads(own)).toBe(200);
    await putUser(api, name, 'open sesame', 'Managers');
    const still = await signedIn(name);
    expect(await reads(still)).toBe(403);
  });

  it('who is deleted, or gets another password, has no session any more', async () => {
    const [gone, changed] = [await newUser(), await newUser()];
    const sessions = [await signedIn(gone), await signedIn(changed)];
    await deleteUser(api, gone);
    await putUser(api, changed, 'another', 'Supervisors');
    for (const own of sessions) expect(await reads(own)).toBe(401);
    await putUser(api, gone, 'open sesame', 'Supervisors');
    for (const own of sessions) expect(await reads(own)).toBe(401);
  });

  it('who signs out everywhere has no session any more, on no node, and can sign in again; others stay', async () => {
    const node = await anotherNode(api);
    onTestFinished(node.close);
    const name = await newUser();
    const [here, there, other] = [await signedIn(name), await signedIn(name, node.url), await newSession()];
    expect([await reads(here), await reads(there)]).toEqual([200, 200]);
    const answer = await here.send('DELETE', '/api/session?everywhere=true');
    expect([answer.status, answer.headers.get('x-position')]).toEqual([204, expect.stringMatching(/^\d+$/)]);
    await node.settle();
    expect([await reads(here), await reads(there), await reads(other)]).toEqual([401, 401, 200]);
    expect(await signInFacts(api)).toContain(`UserSignedOutEverywhere ${name}`);
    expect(await reads(await signedIn(name, node.url))).toBe(200);
  });

  it('who goes on signing out everywhere stands in no administrator’s way: changes of access aren’t decided anew for it', async () => {
    const own = await newSession();
    const before = await api.store.lastOf(ACCESS_STREAM);
    expect((await own.send('DELETE', '/api/session?everywhere=true')).status).toBe(204);
    expect(await api.store.lastOf(ACCESS_STREAM)).toEqual(before);
  });

  it('who isn’t signed in can’t sign out everywhere', async () =>
    expect(failureOf(await ask(api.url, 'DELETE', '/api/session?everywhere=true'))).toEqual(over));

  it('is signed in on every node, and a second later signed out on every node', async () => {
    const node = await anotherNode(api);
    onTestFinished(node.close);
    const own = await newSession();
    const there = browser(node.url);
    there.adopt(own.cookie());
    expect(await reads(there)).toBe(200);
    await own.send('DELETE', '/api/session');
    await api.clock.advanceBy(1_000);
    expect(await reads(there)).toBe(401);
  });
});

describe('a page of somebody else', () => {
  const forged = async (own: Browser, headers: Record<string, string | null>) => {
    const { status, code } = failureOf(await own.send('PUT', '/api/session/preferences', {}, { 'if-match': '*', ...headers }));
    return [status, code];
  };
  it('changes nothing: not without the token, nor with another session’s, nor from another origin or none', async () => {
    const [own, other] = [await newSession(), await newSession()];
    await own.send('PUT', '/api/session/preferences', { theme: 'dark' });
    for (const token of [null, '', 'x', other.csrf(), own.csrf().slice(1)]) {
      expect(await forged(own, { 'x-csrf-token': token })).toEqual([403, 2013]);
    }
    for (const origin of [
      null,
      'null',
      'https://evil.example',
      `${api.url}0`,
      api.url.replace('127.0.0.1', '127.0.0.2'),
      `${api.url}/`.replace('http', 'ftp'),
    ]) {
      expect(await forged(own, { origin })).toEqual([403, 2012]);
    }
    expect(at((await own.send('GET', '/api/session/preferences')).body, 'theme')).toBe('dark');
  });

  it('signs nobody out, and nobody in', async () => {
    const own = await newSession();
    expect((await own.send('DELETE', '/api/session', undefined, { 'x-csrf-token': null })).status).toBe(403);
    expect(await reads(own)).toBe(200);
    const answer = await own.signIn({ token: api.adminToken }, { origin: 'https://evil.example' });
    expect(failureOf(answer)).toMatchObject({ status: 403, code: 2012 });
    expect(cookieIn(answer)).toBeUndefined();
  });

  it('reads nothing either: no answer lets another origin have it with a cookie', async () => {
    const own = await newSession();
    const { headers } = await own.send('GET', '/api/queue-settings', undefined, { origin: 'https://evil.example' });
    expect(headers.get('access-control-allow-credentials')).toBeNull();
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  it('is no matter for those who send a token or an API key themselves', async () => {
    const headers = { authorization: `Bearer ${api.adminToken}`, origin: 'https://evil.example', 'if-match': '*' };
    expect((await ask(api.url, 'PUT', '/api/queue-settings/demo', headers, {})).status).toBe(200);
  });
});

describe('without Postgres', () => {
  it('sessions are 503, also new ones, and tokens and API keys go on', async () => {
    const other = await startApi();
    onTestFinished(other.close);
    const own = browser(other.url);
    await own.signIn({ token: other.adminToken });
    await other.loseDatabase();
    await other.clock.advanceBy(1_000);
    const away = { status: 503, code: 5011, errors: undefined };
    expect(failureOf(await own.send('GET', '/api/queue-settings'))).toEqual(away);
    expect(failureOf(await own.signIn({ token: other.adminToken }))).toEqual(away);
    const headers = { authorization: `Bearer ${other.adminToken}` };
    expect((await ask(other.url, 'GET', '/api/queue-settings', headers)).status).toBe(200);
  });
});
