import { randomUUID } from 'node:crypto';
import { constants, existsSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import { createDatabase } from '../../src/embedded/postgres/files.ts';

const engineVersion = (): string => {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  const { version }: { version: string } = JSON.parse(readFileSync(join(dirname(entry), '..', 'package.json'), 'utf8'));
  return version;
};

const template = join(tmpdir(), `ringback-test-postgres-${engineVersion()}`);

/** Whoever gets there first has made it; the others throw theirs away. */
const makeTemplate = async () => {
  const own = `${template}-${randomUUID()}`;
  await createDatabase(own);
  try {
    await rename(own, template);
  } catch (error) {
    await rm(own, { recursive: true, force: true });
    if (!existsSync(template)) throw error;
  }
};
let making: Promise<void> | undefined;

const parents: string[] = [];
afterAll(async () => {
  await Promise.all(parents.map((parent) => rm(parent, { recursive: true, force: true })));
});

/**
 * A directory with an empty embedded database, for `startPostgres`: a copy of one that is made once for all runs,
 * because making one takes seconds. Removed, with what was set aside beside it, when the test file is done.
 */
export const freshPostgresDir = async (): Promise<string> => {
  if (!existsSync(template)) {
    making ??= makeTemplate();
    await making;
  }
  const parent = await mkdtemp(join(tmpdir(), 'ringback-postgres-'));
  parents.push(parent);
  const dir = join(parent, 'postgres');
  await cp(template, dir, { recursive: true, mode: constants.COPYFILE_FICLONE });
  return dir;
};
