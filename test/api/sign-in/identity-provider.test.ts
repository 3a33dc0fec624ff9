import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { serve } from '../../support/serve.ts';
import { ask, at, failureOf } from '../support/ask.ts';
import { NOW, startApi, type TestApi } from '../support/service.ts';
import { putUser } from './support/accounts.ts';
import { browser } from './support/browser.ts';
import { AUDIENCE, makeKey, publicOf, signed, startProvider } from './support/provider.ts';

const SECOND_MS = 1_000;
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const [first, second, third] = [await makeKey('first'), await makeKey('second'), await makeKey('third')];

const users = {
  sue: { groups: ['Supervisors', 'Somewhere else'], preferred_username: 'Sue from Sales' },
  ann: { groups: 'Administrators', preferred_username: 'administrator' },
  gus: {},
  bad: { groups: { Administrators: true }, preferred_username: 'x\u202ey' },
};

let provider: Awaited<ReturnType<typeof startProvider>>;
let api: TestApi;
const env = () => ({ OIDC_ISSUER: provider.issuer, OIDC_AUDIENCE: AUDIENCE });
beforeAll(async () => {
  provider = await startProvider({ start: NOW, keys: [first], users });
  api = await startApi(undefined, env());
});
afterAll(async () => {
  await api?.close();
  await provider?.close();
});

const sessionOf = async (token: string, to = api) => (await ask(to.url, 'GET', '/api/session', bearer(token))).body;
const refused = { status: 401, code: 2002, errors: undefined };
const answerTo = async (token: string, to = api) => failureOf(await ask(to.url, 'GET', '/api/queue-settings', bearer(token)));
/** The claims of a token that is good, but for what a test changes. */
const claims = (changed: Readonly<Record<string, unknown>> = {}) => {
  const now = Math.floor(api.clock.now() / SECOND_MS);
  return { iss: provider.issuer, aud: AUDIENCE, sub: 'sue', groups: ['Supervisors'], iat: now, exp: now + 600, ...changed };
};

describe('a token that the provider issued', () => {
  it('is its user’s, in the groups that there are here', async () => {
    expect(await sessionOf(await provider.tokenOf('sue'))).toEqual({
      actor: { kind: 'user', id: `${provider.issuer}#sue`, name: 'sue' },
      ...{ groups: ['Supervisors'], roles: ['Supervisor'], rights: [] },
      permissions: expect.objectContaining({ callbackChanges: 'W', queueSettings: 'R' }),
    });
    expect((await answerTo(await provider.tokenOf('sue'))).status).toBe(200);
  });

  it('opens nothing without groups, or with what are none', async () => {
    for (const user of ['gus', 'bad']) {
      const token = await provider.tokenOf(user);
      expect(await sessionOf(token)).toMatchObject({ groups: [], roles: [], permissions: {} });
      expect(await answerTo(token)).toMatchObject({ status: 403, code: 2003 });
    }
  });

  it('begins a session that ends with it', async () => {
    const own = browser(api.url);
    expect((await own.signIn({ token: await provider.tokenOf('sue') })).status).toBe(201);
    expect((await own.send('GET', '/api/queue-settings')).status).toBe(200);
    await api.clock.advanceBy(3_600 * SECOND_MS);
    expect((await own.send('GET', '/api/queue-settings')).status).toBe(401);
  });

  it('can’t be taken for a local user of that name', async () => {
    await putUser(api, 'sue', 'open sesame', 'Administrators');
    expect(await sessionOf(await signed(first, claims()))).toMatchObject({
      actor: { id: `${provider.issuer}#sue`, name: `${provider.issuer}#sue` },
      roles: ['Supervisor'],
    });
  });

  it('is taken where users come from: a key’s door takes none, and an API key’s header neither', async () => {
    const token = await signed(first, claims());
    expect((await ask(api.url, 'POST', '/engagement/v3/callbacks/create', bearer(token), {})).status).toBe(401);
    expect(failureOf(await ask(api.url, 'GET', '/api/session', { 'x-api-key': token }))).toEqual(refused);
  });
});

describe('a token is refused', () => {
  const now = () => Math.floor(api.clock.now() / SECOND_MS);
  it.each<[string, () => Record<string, unknown>]>([
    ['for another audience', () => ({ aud: 'https://other.example' })],
    ['for none', () => ({ aud: undefined })],
    ['of another issuer', () => ({ iss: 'https://other.example' })],
    ['of none', () => ({ iss: undefined })],
    ['about nobody', () => ({ sub: undefined })],
    ['about somebody who can’t be shown', () => ({ sub: 'sue\u202e' })],
    ['without an end', () => ({ exp: undefined })],
    ['that expired more than 30 seconds ago', () => ({ exp: now() - 30 })],
    ['that counts in more than 30 seconds only', () => ({ nbf: now() + 31 })],
  ])('%s', async (_, changed) => expect(await answerTo(await signed(first, claims(changed())))).toEqual(refused));

  it('no sooner: clocks differ by 30 seconds', async () => {
    for (const changed of [{}, { exp: now() - 29 }, { nbf: now() + 30 }]) {
      expect((await answerTo(await signed(first, claims(changed)))).status).toBe(200);
    }
  });

  it('when the provider made it for somebody else', async () =>
    expect(await answerTo(await provider.tokenOf('sue', 'https://other.example'))).toEqual(refused));

  it('once it has expired by the service’s clock', async () => {
    const token = await signed(first, claims());
    expect((await answerTo(token)).status).toBe(200);
    await api.clock.advanceBy(630 * SECOND_MS);
    expect(await answerTo(token)).toEqual(refused);
  });

  it('when anything in it was altered', async () => {
    const [header = '', payload = '', signature = ''] = (await signed(first, claims())).split('.');
    const forged = Buffer.from(JSON.stringify(claims({ groups: ['Administrators'] }))).toString('base64url');
    const flipped = (signature[0] === 'A' ? 'B' : 'A') + signature.slice(1);
    for (const token of [
      `${header}.${forged}.${signature}`,
      `${header}.${payload}.${flipped}`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
    ]) {
      expect(await answerTo(token)).toEqual(refused);
    }
  });

  it('when it is signed by nobody, or with the public key as a secret', async () => {
    const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const alg of ['none', 'None', 'NONE']) {
      expect(await answerTo(`${encoded({ alg, kid: 'first' })}.${encoded(claims())}.`)).toEqual(refused);
    }
    const known = publicOf(first);
    for (const secret of [JSON.stringify(known), known.x ?? '', Buffer.from(known.x ?? '', 'base64url').toString('latin1')]) {
      const token = await new SignJWT(claims()).setProtectedHeader({ alg: 'HS256', kid: 'first' }).sign(Buffer.from(secret, 'latin1'));
      expect(await answerTo(token)).toEqual(refused);
    }
  });

  it('when it brings its own key, or says where to fetch one', async () => {
    const own = await makeKey('first');
    const fetched: unknown[] = [];
    const trap = await serve((request, response) => {
      fetched.push(request.url);
      response.end(JSON.stringify({ keys: [publicOf(own)] }));
    });
    const { importJWK } = await import('jose');
    const header = { alg: 'ES256', kid: 'first', jwk: publicOf(own), jku: `${trap.url}/keys`, x5u: `${trap.url}/x5u` };
    const token = await new SignJWT(claims()).setProtectedHeader(header).sign(await importJWK(own, 'ES256'));
    expect(await answerTo(token)).toEqual(refused);
    expect(fetched).toEqual([]);
  });

  it('when it is nonsense', async () => {
    for (const token of ['.', '..', 'a.b.c', 'a.b.c.d.e', `${'A'.repeat(8_000)}.A.A`]) expect(await answerTo(token)).toEqual(refused);
  });

  it('where no provider is set', async () => {
    const other = await startApi();
    onTestFinished(other.close);
    expect(await answerTo(await signed(first, claims()), other)).toEqual(refused);
  });
});

describe('keys of the provider', () => {
  it('that are new are found by the first token that names them, and those that went are refused', async () => {
    await api.clock.advanceBy(30 * SECOND_MS);
    await provider.rotate([second, first]);
    const old = await signed(first, claims());
    expect((await answerTo(await signed(second, claims()))).status).toBe(200);
    expect((await answerTo(old)).status).toBe(200);
    await provider.rotate([second]);
    await api.clock.advanceBy(10 * 60 * SECOND_MS);
    expect(await answerTo(await signed(first, claims()))).toEqual(refused);
    expect((await answerTo(await signed(second, claims()))).status).toBe(200);
    await provider.rotate([first]);
    await api.clock.advanceBy(10 * 60 * SECOND_MS);
  });

  /** A stand-in for what is between us and the provider: it counts, holds back and breaks off. */
  const between = async () => {
    const asked: string[] = [];
    const state = { keys: [first], isAway: false, held: undefined as Promise<void> | undefined };
    const proxy = await serve(async (request, response) => {
      asked.push(request.url ?? '');
      await state.held;
      if (state.isAway) return void response.destroy();
      const url = `http://${request.headers.host}`;
      const isDiscovery = request.url === '/.well-known/openid-configuration';
      response.end(JSON.stringify(isDiscovery ? { issuer: url, jwks_uri: `${url}/keys` } : { keys: state.keys.map(publicOf) }));
    });
    const other = await startApi(undefined, { OIDC_ISSUER: proxy.url, OIDC_AUDIENCE: AUDIENCE });
    onTestFinished(other.close);
    const tokenBy = (key: typeof first) => {
      const now = Math.floor(other.clock.now() / SECOND_MS);
      return signed(key, { iss: proxy.url, aud: AUDIENCE, sub: 'sue', groups: ['Supervisors'], exp: now + 36_000 });
    };
    return { asked, state, other, tokenBy };
  };

  it('are asked for once for many tokens at once, and not again for those that follow', async () => {
    const { asked, other, tokenBy } = await between();
    const token = await tokenBy(first);
    const answers = await Promise.all(Array.from({ length: 20 }, () => answerTo(token, other)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    await answerTo(token, other);
    expect(asked).toEqual(['/.well-known/openid-configuration', '/keys']);
  });

  it('that aren’t there are looked for once in 30 seconds, however many tokens name them', async () => {
    const { asked, state, other, tokenBy } = await between();
    await answerTo(await tokenBy(first), other);
    state.keys = [third];
    for (let n = 0; n < 5; n++) expect(await answerTo(await tokenBy(await makeKey(`made up ${n}`)), other)).toEqual(refused);
    expect(await answerTo(await tokenBy(third), other)).toEqual(refused);
    expect((await answerTo(await tokenBy(first), other)).status).toBe(200);
    expect(asked).toHaveLength(2);
    await other.clock.advanceBy(30 * SECOND_MS);
    expect((await answerTo(await tokenBy(third), other)).status).toBe(200);
    expect(asked).toHaveLength(4);
  });

  it('that can’t be asked for make its tokens 503, without a question for each, and other credentials go on', async () => {
    const { asked, state, other, tokenBy } = await between();
    state.isAway = true;
    const token = await tokenBy(first);
    for (let n = 0; n < 3; n++) {
      const answer = await ask(other.url, 'GET', '/api/queue-settings', bearer(token));
      expect(failureOf(answer)).toMatchObject({ status: 503, code: 5010 });
      expect(answer.headers.get('retry-after')).toBe('5');
    }
    expect(asked).toHaveLength(1);
    expect(failureOf(await browser(other.url).signIn({ token }))).toMatchObject({ status: 503, code: 5010 });
    expect((await answerTo(other.adminToken, other)).status).toBe(200);
    state.isAway = false;
    await other.clock.advanceBy(5 * SECOND_MS);
    expect((await answerTo(token, other)).status).toBe(200);
  });

  it('are used for an hour while the provider is away', async () => {
    const { state, other, tokenBy } = await between();
    const token = await tokenBy(first);
    expect((await answerTo(token, other)).status).toBe(200);
    state.isAway = true;
    await other.clock.advanceBy(3_599 * SECOND_MS);
    expect((await answerTo(token, other)).status).toBe(200);
    await other.clock.advanceBy(6 * SECOND_MS);
    expect(await answerTo(token, other)).toMatchObject({ status: 503, code: 5010 });
  });

  it('of one that calls itself otherwise aren’t taken', async () => {
    const impostor = await serve((_request, response) => {
      response.end(JSON.stringify({ issuer: provider.issuer, jwks_uri: `${provider.issuer}/jwks` }));
    });
    const other = await startApi(undefined, { OIDC_ISSUER: impostor.url, OIDC_AUDIENCE: AUDIENCE });
    onTestFinished(other.close);
    expect(await answerTo(await signed(first, claims({ iss: impostor.url })), other)).toMatchObject({ status: 503, code: 5010 });
  });
});

describe('the provider’s groups', () => {
  const groupsUnder = async (settings: Readonly<Record<string, string>>, more: Readonly<Record<string, unknown>>) => {
    const other = await startApi(undefined, { ...env(), ...settings });
    onTestFinished(other.close);
    return at(await sessionOf(await signed(first, claims(more)), other), 'groups');
  };
  it('become ours by a prefix, which counts only where it stands', async () => {
    const groups = ['cc-Supervisors', 'Administrators', 'xcc-Managers'];
    expect(await groupsUnder({ OIDC_GROUPS_PREFIX: 'cc-' }, { groups })).toEqual(['Supervisors']);
  });
  it('become ours by a map, one or several of each, and no other', async () => {
    const OIDC_GROUPS_MAP = '{ "leads": ["Supervisors", "Managers"], "devs": "Callback Developers" }';
    const groups = ['leads', 'devs', 'Administrators', 'toString', '__proto__'];
    expect(await groupsUnder({ OIDC_GROUPS_MAP }, { groups })).toEqual(['Callback Developers', 'Managers', 'Supervisors']);
  });
  it('are found under the claim that is set, by its name or its path', async () => {
    const claim = { realm_access: { roles: ['Managers'] }, 'https://x.example/groups': ['Supervisors'], groups: ['Administrators'] };
    expect(await groupsUnder({ OIDC_GROUPS_CLAIM: 'realm_access.roles' }, claim)).toEqual(['Managers']);
    expect(await groupsUnder({ OIDC_GROUPS_CLAIM: 'https://x.example/groups' }, claim)).toEqual(['Supervisors']);
    expect(await groupsUnder({ OIDC_GROUPS_CLAIM: 'constructor.name' }, claim)).toEqual([]);
  });
  it('belong to whom the name claim shows, if it can be shown', async () => {
    const other = await startApi(undefined, { ...env(), OIDC_NAME_CLAIM: 'preferred_username' });
    onTestFinished(other.close);
    const nameIn = async (more: object) =>
      at(await sessionOf(await signed(first, claims(more as Record<string, unknown>)), other), 'actor', 'name');
    expect(await nameIn(users.sue)).toBe('Sue from Sales');
    expect(await nameIn({ preferred_username: 'x\u202ey' })).toBe('sue');
    expect(await nameIn({ preferred_username: 'administrator' })).toBe(`${provider.issuer}#sue`);
  });
});
