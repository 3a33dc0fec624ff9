import { createHash, randomUUID } from 'node:crypto';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ABORT, open } from 'lmdb';

const size = 512;
const longestSocketPath = 100;
const fileName = 'holder';

/** A new path for a control socket of a folder: in it if the system allows one so long. */
export const newSocketPath = async (dir: string): Promise<string> => {
  const real = await realpath(dir);
  const id = randomUUID().slice(0, 8);
  const name = `event-store-${createHash('sha256').update(real).digest('hex').slice(0, 24)}-${id}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`;
  const inside = join(real, `control-${id}.sock`);
  return Buffer.byteLength(inside) <= longestSocketPath ? inside : join(tmpdir(), `${name}.sock`);
};

/** The control socket of the process that last took hold of a folder, be it alive or not; empty if there was none. */
export const readHolder = (dir: string): string => {
  try {
    return readFileSync(join(dir, fileName), 'utf8').trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
};

/** Always as many bytes, written over the old ones, so that a full disk can't stand in the way of a start. */
const writeHolder = (dir: string, socketPath: string): void => {
  const file = openSync(join(dir, fileName), 'a+');
  closeSync(file);
  const existing = openSync(join(dir, fileName), 'r+');
  writeSync(existing, socketPath.padEnd(size, ' '), 0);
  closeSync(existing);
};

/**
 * Makes `next` the holder of a folder if `seen` still is; answers whether it did.
 * LMDB's lock between processes, which outlives no process, is borrowed for it: nothing is ever stored there.
 */
export const replaceHolder = async (dir: string, seen: string, next: string): Promise<boolean> => {
  const env = open({ path: join(dir, 'holder.lock'), noSubdir: true, mapSize: 2 ** 20 });
  let replaced = false;
  env.transactionSync(() => {
    if (readHolder(dir) === seen) {
      writeHolder(dir, next);
      replaced = true;
    }
    return ABORT;
  });
  await env.close();
  return replaced;
};
