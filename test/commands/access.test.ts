import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { changeAccess } from '../../src/commands/access.ts';
import type { AccessCommand } from '../../src/domain/access/commands.ts';
import { ACCESS_STREAM, defaultLimits } from '../../src/domain/access/events.ts';
import { accessView } from '../../src/live/access.ts';
import { followLive } from '../../src/live/follow.ts';
import { bootstrapCredential } from '../../src/service/bootstrap.ts';
import { all, type Door, openDoor } from '../eventstore/door.ts';
import { manualClock } from '../support/manual-clock.ts';

let door: Door;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.close());

const clock = manualClock(Date.parse('2026-03-02T10:00:00.000Z'));
const now = new Date(clock.now()).toISOString();
const anyVersion = { ifMatch: '*' } as const;
const context = () =>
  ({ commandId: randomUUID(), correlationId: 'r', causationId: 'r', actor: { kind: 'user', id: 'a', name: 'ann' } }) as const;
const change = (command: AccessCommand) => changeAccess(door.store, command, context());
const administrator = (user: string, passwordHash: string | null = 'p'): AccessCommand => ({
  ...{ type: 'PutUser', user, passwordHash, groups: ['Administrators'], precondition: {}, now },
});
const remove = (user: string): AccessCommand => ({ type: 'DeleteUser', user, precondition: anyVersion, now });

describe('changes at once', () => {
  it('are decided one after another: of two administrators who delete each other, one stays', async () => {
    await change(administrator('one'));
    await change(administrator('two'));
    const answers = await Promise.all([change(remove('one')), change(remove('two'))]);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(answers.find(({ ok }) => !ok)).toEqual({ ok: false, refusal: { code: 'LAST_ADMINISTRATOR' } });
  });
  it('all hold where they are about different things, each with its own who and etag', async () => {
    const names = ['f-1', 'f-2', 'f-3', 'f-4'];
    const nameable = { queues: new Set<string>(), reads: 'all' } as const;
    const put = (folder: string) => change({ type: 'PutFolder', folder, parent: null, queues: [], nameable, precondition: {}, now });
    expect((await Promise.all(names.map(put))).every(({ ok }) => ok)).toBe(true);
    const again = await change({ type: 'PutFolder', folder: 'f-1', parent: null, queues: [], nameable, precondition: anyVersion, now });
    expect(again).toMatchObject({ ok: true, changed: false });
    const rows = again.ok ? names.map((name) => again.state.folders.get(name)) : [];
    expect(rows.map((row) => row?.updatedBy)).toEqual(names.map(() => 'ann'));
    expect(new Set(rows.map((row) => row?.revision)).size).toBe(4);
  });
});

it('what is refused leaves no event', async () => {
  const before = await door.store.lastOf(ACCESS_STREAM);
  expect(await change(remove('nobody'))).toMatchObject({ ok: false });
  expect(await change({ type: 'RevokeApiKey', apiKeyId: 'none', precondition: anyVersion, now })).toMatchObject({ ok: false });
  expect(await door.store.lastOf(ACCESS_STREAM)).toEqual(before);
});

it('a key that is revoked is refused by every node that has folded that', async () => {
  const nodes = [1, 2, 3].map(() => {
    const view = accessView();
    const feed = followLive(door.store, [{ view, after: undefined }], { log: pino({ level: 'silent' }), applied: () => undefined });
    onTestFinished(feed.close);
    return { view, feed };
  });
  const key = {
    apiKeyId: 'k',
    keyName: 'shop',
    hash: 'h',
    rights: ['callbacks' as const],
    origins: [],
    expiresAt: null,
    limits: defaultLimits,
  };
  const toldAll = async (command: AccessCommand) => {
    const done = await change(command);
    const position = done.ok ? (done.position ?? 0n) : 0n;
    expect(await Promise.all(nodes.map(({ feed }) => feed.waitFor(position, 10_000)))).toEqual([true, true, true]);
    return nodes.map(({ view }) => view.principalOf('h', clock.now())?.name);
  };
  expect(await toldAll({ type: 'CreateApiKey', ...key, now })).toEqual(['shop', 'shop', 'shop']);
  expect(await toldAll({ type: 'RevokeApiKey', apiKeyId: 'k', precondition: anyVersion, now })).toEqual([undefined, undefined, undefined]);
});

describe('credentials of a start', () => {
  const deps = () => ({ store: door.store, keyring: door.keyring, clock, newId: randomUUID });
  const credential = { name: 'admin', kind: 'token', groups: ['Administrators'] } as const;
  const types = async () => (await all(door.store.readStream(ACCESS_STREAM))).map(({ type }) => type);
  it('are made once by nodes that start at once, and the user with them', async () => {
    const before = (await types()).length;
    const made = await Promise.all([1, 2, 3].map(() => bootstrapCredential(deps(), { ...credential, given: undefined })));
    expect(made.filter((secret) => secret !== undefined)).toHaveLength(1);
    expect((await types()).slice(before)).toEqual(['UserPut', 'UserTokenIssued']);
  });
  it('of the environment take the place of the one before, once', async () => {
    const before = (await types()).length;
    expect(await bootstrapCredential(deps(), { ...credential, given: 'from the environment' })).toBe('from the environment');
    expect(await bootstrapCredential(deps(), { ...credential, given: 'from the environment' })).toBe('from the environment');
    expect((await types()).slice(before)).toEqual(['UserTokenRevoked', 'UserTokenIssued']);
  });
  it('aren’t made again for a user who was deleted, until the environment gives one', async () => {
    await change(administrator('other', 'p2'));
    expect(await change(remove('admin'))).toMatchObject({ ok: true });
    expect(await bootstrapCredential(deps(), { ...credential, given: undefined })).toBeUndefined();
    const before = (await types()).length;
    await bootstrapCredential(deps(), { ...credential, given: 'a new one' });
    expect((await types()).slice(before)).toEqual(['UserPut', 'UserTokenIssued']);
  });
  it('of the environment hold on every start, also where somebody revoked them', async () => {
    expect(await change(remove('admin'))).toMatchObject({ ok: true });
    const before = (await types()).length;
    await bootstrapCredential(deps(), { ...credential, given: 'a new one' });
    await bootstrapCredential(deps(), { ...credential, given: 'a new one' });
    expect((await types()).slice(before)).toEqual(['UserPut', 'UserTokenIssued']);
  });
});
