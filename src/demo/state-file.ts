import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { refusal } from './refusal.ts';

/** Which demo it is: another one on the same folder is refused. `arrivals` is a digest of the day's calls. */
const identity = z.object({
  file: z.string(),
  day: z.string(),
  arrivals: z.string(),
  seed: z.int(),
  share: z.number(),
  scheduled: z.number(),
});
const occupancy = z.object({
  id: z.string(),
  state: z.enum(['READY', 'BUSY', 'AWAY', 'OUT']),
  readyMs: z.number(),
  busyMs: z.number(),
  awayMs: z.number(),
  outMs: z.number(),
  calls: z.int(),
});
const state = z.object({
  demo: identity,
  /** No instant after this one has been used: the clock goes on from here. */
  instant: z.int(),
  /** Bookings before this one in the plan are acknowledged or refused. */
  settled: z.int(),
  /** How many of those were refused, by the service's code. */
  refused: z.record(z.string(), z.int()),
  agents: z.array(occupancy),
});

export type DemoIdentity = z.infer<typeof identity>;
export type DemoState = z.infer<typeof state>;

const NAME = 'demo-clock.json';

const sentences: { readonly [K in keyof DemoIdentity]: (kept: DemoIdentity) => string } = {
  day: ({ day }) => `the day ${day}`,
  file: ({ file }) => `the arrivals of ${file}`,
  arrivals: ({ file }) => `other arrivals of ${file}`,
  seed: ({ seed }) => `seed ${seed}`,
  share: ({ share }) => `a share of ${share}`,
  scheduled: ({ scheduled }) => `${scheduled} of the callbacks scheduled`,
};

/**
 * What an earlier run of this demo left in `dataDir`; nothing when the folder is empty or missing. Refuses a folder that holds another
 * demo or another service's data, and a state that can't be read.
 */
export const readDemoState = (dataDir: string, wanted: DemoIdentity): DemoState | undefined => {
  const path = join(dataDir, NAME);
  if (!existsSync(path)) {
    if (existsSync(dataDir) && readdirSync(dataDir).length > 0)
      throw refusal(`${dataDir} holds data that isn't the demo's; give the demo a folder of its own with DATA_DIR.`);
    return undefined;
  }
  let kept: DemoState;
  try {
    kept = state.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    throw refusal(`${path} can't be read; give the demo another folder with DATA_DIR.`);
  }
  for (const key of identity.keyof().options)
    if (kept.demo[key] !== wanted[key])
      throw refusal(
        `${dataDir} holds a demo with ${sentences[key](kept.demo)}; go on with that, or give this one another folder with DATA_DIR.`,
      );
  return kept;
};

/** Replaces the state in one step: a kill at any moment leaves the old one or the new one. */
export const writeDemoState = (dataDir: string, next: DemoState): void => {
  mkdirSync(dataDir, { recursive: true });
  const path = join(dataDir, NAME);
  writeFileSync(`${path}.new`, JSON.stringify(next));
  renameSync(`${path}.new`, path);
};
