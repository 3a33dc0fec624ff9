import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What is asked of the process that holds a folder: a line of JSON there, and back any number of lines of progress and one of the result. */
export type Command = { readonly command: string };
export type Reply = { readonly progress: unknown } | { readonly result: unknown } | { readonly error: string };

/** Answered by every holder at once, with who he is. */
export const WHO: Command = { command: 'who' };
/** A holder that doesn't say who he is for so long hangs or was stopped. He holds the folder all the same. */
const WHO_MS = 5_000;
const LONGEST_PATH = 100;

/** Where the process that holds `dir` listens. */
export const socketPath = async (dir: string): Promise<string> => {
  const real = await realpath(dir);
  const name = `ringback-${createHash('sha256').update(real).digest('hex').slice(0, 32)}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`;
  const inside = join(real, 'control.sock');
  return Buffer.byteLength(inside) <= LONGEST_PATH ? inside : join(tmpdir(), `${name}.sock`);
};

/** The holder's answer; nobody listens there; the holder ended before it answered; or it says nothing. */
export type Answer = Exclude<Reply, { readonly progress: unknown }> | 'nobody' | 'ended' | 'silent';

type AskOptions = { readonly told?: ((progress: unknown) => void) | undefined; readonly withinMs?: number };

const ask = (path: string, command: Command, { told = () => {}, withinMs }: AskOptions = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const socket = connect(path);
    let connected = false;
    socket.once('connect', () => {
      connected = true;
    });
    if (withinMs !== undefined)
      socket.setTimeout(withinMs, () => {
        resolve('silent');
        socket.destroy();
      });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (connected) resolve('ended');
      else if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve('nobody');
      else reject(error);
    });
    socket.on('close', () => resolve('ended'));
    socket.write(`${JSON.stringify(command)}\n`);
    createInterface({ input: socket })
      .on('error', () => {})
      .on('line', (line) => {
        const reply = JSON.parse(line) as Reply; // written by the holder
        if ('progress' in reply) return told(reply.progress);
        resolve(reply);
        socket.destroy();
      });
  });

/** Asks whoever listens at `path` who he is. */
export const askWho = (path: string, withinMs = WHO_MS): Promise<Answer> => ask(path, WHO, { withinMs });

/**
 * Sends a command to the process that holds `dir`; undefined if none does. Rejects with the holder's sentence if it fails, or with one of its own
 * if he ends on the way or doesn't answer at all.
 */
export const askHolder = async <C extends Command>(
  dir: string,
  command: C,
  told?: (progress: unknown) => void,
  withinMs?: number,
): Promise<{ readonly result: unknown } | undefined> => {
  if (!existsSync(dir)) return undefined;
  const path = await socketPath(dir);
  const who = await askWho(path, withinMs);
  const reply = typeof who === 'object' && command.command !== WHO.command ? await ask(path, command, { told }) : who;
  if (reply === 'nobody') return undefined;
  if (reply === 'ended') throw new Error(`The process that holds ${dir} ended before it answered.`);
  if (reply === 'silent') throw new Error(`The process that holds ${dir} doesn’t answer: it hangs, or was stopped.`);
  if ('error' in reply) throw new Error(reply.error);
  return reply;
};

/** True while some process holds `dir`. */
export const isHeld = async (dir: string): Promise<boolean> => (await askHolder(dir, WHO)) !== undefined;
