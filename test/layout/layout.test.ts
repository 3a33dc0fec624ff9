import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { environment } from '../../src/config.ts';
import { accessEvents } from '../../src/domain/access/events.ts';
import { auditEvents } from '../../src/domain/audit/events.ts';
import { businessDayEvents } from '../../src/domain/business-day/events.ts';
import { callbackEvents } from '../../src/domain/callback/events.ts';
import { catalogue } from '../../src/domain/catalogue.ts';
import { configurationEvents } from '../../src/domain/configuration/events.ts';
import { dispatchEvents } from '../../src/domain/dispatch/events.ts';
import { doNotCallEvents } from '../../src/domain/do-not-call/events.ts';
import { duplicatesEvents } from '../../src/domain/duplicates/events.ts';
import { operationsEvents } from '../../src/domain/operations/events.ts';
import { placesEvents } from '../../src/domain/places/events.ts';
import { root, type Source, sourcesIn, textOf } from './sources.ts';

const sources = sourcesIn('src');
const byPath = new Map(sources.map((source) => [source.path, source]));
/** The part of the product that a file belongs to: its folder below src, or the file itself. */
const partOf = (path: string): string => path.split('/')[1] ?? '';
/** Imports of files in these parts that go where they may not. */
const trespasses = (part: string, mayImport: (to: string, from: Source) => boolean): string[] =>
  sources
    .filter(({ path }) => partOf(path) === part)
    .flatMap((from) => from.imports.filter((to) => !mayImport(to, from)).map((to) => `${from.path} → ${to}`));
const isIn =
  (...parts: string[]) =>
  (to: string) =>
    parts.includes(partOf(to));

describe('imports', () => {
  it('are read: the check sees the whole product', () => {
    expect(sources.length).toBeGreaterThan(100);
    const imports = sources.flatMap((source) => source.imports);
    expect(imports.length).toBeGreaterThan(300);
    expect(imports.filter((to) => !byPath.has(to))).toEqual([]);
  });

  it('of the domain stay in it', () => expect(trespasses('domain', isIn('domain'))).toEqual([]));
  it('of the domain reach no I/O', () => {
    const pure = new Set(['zod', 'luxon', 'libphonenumber-js/max', 'i18n-iso-countries', 're2js', 'node:util', 'date-holidays']);
    const used = sources.filter(({ path }) => partOf(path) === 'domain').flatMap(({ packages }) => packages);
    expect([...new Set(used)].filter((name) => !pure.has(name))).toEqual([]);
  });
  it('of commands reach the domain, the event store and the clock only', () =>
    expect(trespasses('commands', isIn('commands', 'domain', 'eventstore', 'clock.ts'))).toEqual([]));
  it('of the event store reach the domain only', () => expect(trespasses('eventstore', isIn('eventstore', 'domain'))).toEqual([]));
  it('of what is embedded reach nothing of the product, and of keys nothing but that', () => {
    expect(trespasses('keys', isIn('keys', 'embedded'))).toEqual([]);
    expect(trespasses('embedded', isIn('embedded'))).toEqual([]);
  });
  it.each(['projections', 'live', 'processes', 'commands', 'eventstore', 'integrations'])(
    'of %s never reach the API, nor the wiring',
    (part) => expect(trespasses(part, (to) => !isIn('api', 'service', 'main.ts')(to))).toEqual([]),
  );
  it('of projections reach the domain and the event store, and of another part types only', () =>
    expect(
      trespasses(
        'projections',
        (to, { typesOnly }) => isIn('projections', 'domain', 'eventstore', 'clock.ts')(to) || typesOnly.includes(to),
      ),
    ).toEqual([]));
  it('of live views reach the domain and the event store, and of another part types only', () =>
    expect(
      trespasses('live', (to, { typesOnly }) => isIn('live', 'domain', 'eventstore', 'clock.ts')(to) || typesOnly.includes(to)),
    ).toEqual([]));
  it('of the wiring are made by the wiring and the command line only', () => {
    const wiring = sources.filter(({ path }) => partOf(path) === 'service' || path === 'src/main.ts').map(({ path }) => path);
    const users = sources.filter(({ imports }) => imports.some((to) => wiring.includes(to))).map(({ path }) => path);
    expect(users.filter((path) => !wiring.includes(path))).toEqual([]);
  });
  it('of the command line are made by nobody', () =>
    expect(sources.filter(({ imports }) => imports.includes('src/main.ts')).map(({ path }) => path)).toEqual([]));

  it('run in no circle', () => {
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (path: string, way: readonly string[]): void => {
      if (way.includes(path)) circles.push([...way.slice(way.indexOf(path)), path].join(' → '));
      else if (!done.has(path)) {
        for (const to of byPath.get(path)?.imports ?? []) visit(to, [...way, path]);
        done.add(path);
      }
    };
    for (const { path } of sources) visit(path, []);
    expect(circles).toEqual([]);
  });

  it('of packages are all named as dependencies, and all dependencies are used', () => {
    const manifest = z.object({ dependencies: z.record(z.string(), z.string()) }).parse(JSON.parse(textOf('package.json')));
    const nameOf = (specifier: string) =>
      specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/');
    const used = new Set(sources.flatMap(({ packages }) => packages.filter((name) => !name.startsWith('node:')).map(nameOf)));
    const named = Object.keys(manifest.dependencies);
    expect([...used].filter((name) => !named.includes(name) && !inDevelopment.has(name))).toEqual([]);
    expect(named.filter((name) => !used.has(name) && !neededByOthers.has(name))).toEqual([]);
  });
});

/** Pinned for a package that uses it; and loaded in development only, where sources run as they are. */
const neededByOthers = new Set(['google-protobuf']);
const inDevelopment = new Set(['tsx']);

describe('sources', () => {
  /** The poller is one machine, the events of a callback one table: up to here. */
  const longer: Readonly<Record<string, number>> = { 'src/domain/callback/events.ts': 220, 'src/processes/kit/poller.ts': 260 };
  it('have at most 200 lines each', () =>
    expect(sources.filter(({ path, lines }) => lines > (longer[path] ?? 200)).map(({ path, lines }) => `${path}: ${lines}`)).toEqual([]));
  it('have no loose ends, and silence no compiler', () => {
    const loose = /\bTODO\b|\bFIXME\b|\bXXX\b|@ts-ignore|@ts-nocheck|@ts-expect-error/;
    expect(sources.filter(({ path }) => loose.test(textOf(path))).map(({ path }) => path)).toEqual([]);
  });
  it('never listen to a stream of events with an async function', () =>
    expect(sources.filter(({ path }) => /\.on\(\s*['"]data['"]\s*,\s*async/.test(textOf(path))).map(({ path }) => path)).toEqual([]));
});

describe('the event catalogue', () => {
  it('has every type once: none is in two streams', () => {
    const all = [
      callbackEvents,
      placesEvents,
      duplicatesEvents,
      dispatchEvents,
      businessDayEvents,
      doNotCallEvents,
      configurationEvents,
      accessEvents,
      auditEvents,
      operationsEvents,
    ].flatMap((events) => Object.keys(events));
    expect(new Set(all).size).toBe(all.length);
    expect(Object.keys(catalogue).sort()).toEqual([...all].sort());
  });
  it('takes in the events of every file that has some', () => {
    const files = sources
      .filter(({ path }) => /^src\/domain\/.*\/events\.ts$/.test(path) && path !== 'src/domain/kit/events.ts')
      .map(({ path }) => path);
    expect(byPath.get('src/domain/catalogue.ts')?.imports).toEqual(expect.arrayContaining(files));
  });
  it('names personal fields that there are, which may be null, beside the key that seals them', () => {
    for (const [type, { data, personal }] of Object.entries(catalogue)) {
      const shape: Readonly<Record<string, z.ZodType>> = data.shape;
      for (const name of personal) expect(shape[name]?.safeParse(null).success, `${type}.${name}`).toBe(true);
      if (personal.length > 0) expect(shape, type).toHaveProperty('keyId');
      expect(shape, type).toHaveProperty('at');
    }
  });
  it('has an upcaster from each older version', () => {
    for (const [type, spec] of Object.entries(catalogue)) {
      const steps: Readonly<Record<string, unknown>> = 'up' in spec ? (spec.up as Readonly<Record<string, unknown>>) : {}; // where a row has any
      expect(Object.keys(steps), type).toEqual(Array.from({ length: spec.v - 1 }, (_, index) => String(index + 1)));
    }
  });
});

describe('documentation', () => {
  const docs = [
    'README.md',
    ...(existsSync(join(root, 'docs'))
      ? readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name}`)
      : []),
  ]
    .filter((path) => path.endsWith('.md') && existsSync(join(root, path)))
    .map((path) => readFileSync(join(root, path), 'utf8'))
    .join('\n');
  it('names every environment variable', () =>
    expect(Object.keys(environment.shape).filter((name) => !new RegExp(`\`${name}\``).test(docs))).toEqual([]));
  it('names every event type', () => expect(Object.keys(catalogue).filter((type) => !docs.includes(type))).toEqual([]));
});
