import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { ConfigurationEvent } from '../src/domain/configuration/events.ts';
import { CONFIGURATION_STREAM } from '../src/domain/configuration/events.ts';
import { accumulate, draftOf, initialConfiguration } from '../src/domain/configuration/state.ts';
import { startEventStore } from '../src/embedded/event-store/start.ts';
import { connectEventStore } from '../src/eventstore/client.ts';
import { configurationView } from '../src/live/configuration.ts';
import { figuresOf } from './kit/figure.ts';
import { withFolder } from './kit/service.ts';

const QUEUES = 1_000;
const RULES = 500;
const CHANGES = 200_000;
const CHUNK = 500;
const at = '2026-03-02T10:00:00.000Z';

const figure = figuresOf('configuration');

const hours = { zone: 'Europe/Paris', weekly: { mon: 'all-day' as const }, exceptions: [], holidays: [] };
const settings = { callbackApplication: 'ringback', businessHours: 'always', slotCapacity: 5, maxDialAttempts: 3, pacing: 0.8 };
const days = { sun: { '02:00': 2 }, mon: { '09:00': 5, '10:00': 5 } };

/** Queues of ten columns, rules of all kinds, and which queue has which. */
const made = (): ConfigurationEvent[] => [
  { type: 'BusinessHoursCreated', data: { name: 'always', hours, at } },
  { type: 'QueueCreated', data: { queue: 'default', settings, at } },
  ...Array.from({ length: QUEUES }, (_, n): ConfigurationEvent => ({ type: 'QueueCreated', data: { queue: `q${n}`, settings, at } })),
  ...Array.from({ length: RULES }, (_, n): ConfigurationEvent => {
    const name = `r${n}`;
    if (n % 3 === 0)
      return { type: 'NumberRuleCreated', data: { name, rule: { countries: ['US', 'CA'], blockedPatterns: ['^1900'] }, at } };
    if (n % 3 === 1) return { type: 'CapacityRuleCreated', data: { name, rule: { days, duration: 60, exceptions: [] }, at } };
    return { type: 'RegionRuleCreated', data: { name, rule: { preferred: ['east'], fallback: ['west'], ignored: [] }, at } };
  }),
  ...Array.from(
    { length: QUEUES },
    (_, n): ConfigurationEvent => ({ type: 'NumberRuleAssigned', data: { queue: `q${n}`, name: 'r0', before: null, at } }),
  ),
];

/** The n-th change: columns of a queue mostly, a rule or an assignment now and then. */
const change = (n: number): ConfigurationEvent => {
  const queue = `q${n % QUEUES}`;
  if (n % 10 === 8) {
    const rule = { countries: ['US'], blockedPatterns: [`^1${n}`] };
    return { type: 'NumberRuleChanged', data: { name: `r${(n % (RULES / 10)) * 3}`, before: rule, after: rule, at } };
  }
  if (n % 10 === 9) return { type: 'NumberRuleAssigned', data: { queue, name: `r${(n % 100) * 3}`, before: 'r0', at } };
  const changes = { slotCapacity: { before: n, after: n % 1_000 }, maxDialAttempts: { before: 3, after: 1 + (n % 9) } };
  return { type: 'QueueSettingsChanged', data: { queue, changes, at } };
};

const events = [...made(), ...Array.from({ length: CHANGES }, (_, n) => change(n))];

const foldInMemory = (): void => {
  const start = performance.now();
  const draft = draftOf(initialConfiguration);
  for (const [revision, event] of events.entries()) accumulate(draft, { event, revision: BigInt(revision), by: 'ann' });
  figure(`fold/${CHANGES} changes in memory`, performance.now() - start, 'ms', 2_000);
};

/** No field of the configuration is personal, so nothing is sealed. */
const sealer = {
  seal: async () => '',
  open: async () => undefined,
  hash: (label: string, ...parts: string[]) => `${label}${parts.join('')}`,
};

const fromTheStore = async (dir: string): Promise<void> => {
  const server = await startEventStore({ dir });
  const store = await connectEventStore(server.connectionString, sealer);
  const append = async (some: readonly ConfigurationEvent[]): Promise<void> => {
    const context = { commandId: randomUUID(), correlationId: 'bench', causationId: 'bench' };
    await store.append(CONFIGURATION_STREAM, some, 'any', { ...context, actor: { kind: 'user', id: 'ann', name: 'ann' } });
  };
  const startUp = async (name: string, aim: number): Promise<void> => {
    const start = performance.now();
    const view = configurationView();
    for await (const event of store.readStream(CONFIGURATION_STREAM)) view.apply(event);
    view.current();
    figure(name, performance.now() - start, 'ms', aim);
  };
  try {
    const few = made().length;
    for (let n = 0; n < few; n += CHUNK) await append(events.slice(n, Math.min(few, n + CHUNK)));
    await startUp(`start/${QUEUES} queues and ${RULES} rules`, 1_000);
    for (let n = few; n < events.length; n += CHUNK) await append(events.slice(n, n + CHUNK));
    await startUp(`start/after ${CHANGES} changes more`, 10_000);
  } finally {
    await store.close();
    await server.close();
  }
};

foldInMemory();
await withFolder(fromTheStore);
