import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { askHolder, type Command, isHeld } from '../../src/embedded/ask-holder.ts';
import { type CarryOut, FolderHeldError, type Held, holdFolder } from '../../src/embedded/control-socket.ts';
import { deferred } from '../support/deferred.ts';

let dir: string;
let held: Held | undefined;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ringback-control-'));
});
afterEach(async () => {
  await held?.release();
  held = undefined;
  await rm(dir, { recursive: true });
});
const hold = async (carryOut: CarryOut<Command>) => {
  held = await holdFolder(dir, 'The data', carryOut);
  return held;
};
const command = { command: 'count' };
const socketOf = () => connect(join(dir, 'control.sock'));
/** The one line that the holder answers to a line of whatever. */
const answerTo = async (line: string): Promise<unknown> => {
  const socket = socketOf();
  socket.write(`${line}\n`);
  const [answer] = await once(createInterface({ input: socket }), 'line');
  return JSON.parse(String(answer));
};

describe('a folder that is held', () => {
  it('carries out what is asked, tells how it gets on, and answers', async () => {
    await hold(async (asked, { tell }) => {
      for (const n of [1, 2, 3]) await tell({ n });
      return asked.command;
    });
    const told: unknown[] = [];
    expect(await askHolder(dir, command, (progress) => told.push(progress))).toEqual({ result: 'count' });
    expect(told).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  });

  it('answers with a sentence what fails, and what is no command, and goes on', async () => {
    await hold(() => Promise.reject(new Error('There is nothing to count.')));
    await expect(askHolder(dir, command)).rejects.toThrow('There is nothing to count.');
    expect(await answerTo('{ "command": ')).toEqual({ error: 'That is no command.' });
    expect(await isHeld(dir)).toBe(true);
  });

  it('is refused to a second holder with a sentence that names the first', async () => {
    await hold(async () => undefined);
    await expect(holdFolder(dir, 'The data', async () => undefined)).rejects.toThrow(FolderHeldError);
    await expect(holdFolder(dir, 'The data', async () => undefined)).rejects.toThrow(`(process ${process.pid})`);
  });

  it('hears that an asker was killed, and ends what was for him alone', async () => {
    const gone = deferred<void>();
    await hold(async (_, asked) => {
      asked.gone.addEventListener('abort', () => gone.resolve(), { once: true });
      for (let n = 0; !asked.gone.aborted; n++) await asked.tell({ n, filling: 'x'.repeat(10_000) });
    });
    const asking = `import { askHolder } from ${JSON.stringify(new URL('../../src/embedded/ask-holder.ts', import.meta.url).href)};
      await askHolder(${JSON.stringify(dir)}, { command: 'count' }, ({ n }) => n === 3 && process.kill(process.pid, 'SIGKILL'));`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', asking], {
      stdio: 'inherit',
      cwd: process.cwd(),
    });
    await once(child, 'exit');
    await gone.promise;
    expect(await isHeld(dir)).toBe(true);
  });

  it('does not run ahead of an asker who is slow to listen', async () => {
    const asked = deferred<void>();
    let told = 0;
    await hold(async (_, { tell }) => {
      asked.resolve();
      for (; told < 10_000; told++) await tell('x'.repeat(10_000));
    });
    const socket = socketOf();
    socket.pause();
    socket.write('{ "command": "count" }\n');
    await asked.promise;
    const before = await new Promise<number>((resolve) => setImmediate(() => resolve(told)));
    expect(before).toBeLessThan(10_000);
    socket.destroy();
  });
});

describe('a holder that ends', () => {
  it('waits for the command under way, begins no other, and lets go after that', async () => {
    const begun = deferred<void>();
    const end = deferred<string>();
    const { endCommands } = await hold(async (_, { stopping }) => {
      begun.resolve();
      const said = await end.promise;
      return `${said}${stopping.aborted}`;
    });
    const asking = askHolder(dir, command);
    await begun.promise;
    const ending = endCommands();
    await expect(askHolder(dir, command)).rejects.toThrow('The service is stopping.');
    expect(await isHeld(dir)).toBe(true);
    end.resolve('stopping: ');
    expect(await asking).toEqual({ result: 'stopping: true' });
    await ending;
    await held?.release();
    held = undefined;
    expect(await isHeld(dir)).toBe(false);
    expect(await askHolder(dir, command)).toBeUndefined();
  });

  it('is not held up by one who connects and asks nothing', async () => {
    const { release } = await hold(async () => undefined);
    const idle = socketOf();
    await once(idle, 'connect');
    await isHeld(dir); // the holder has taken up the connection before this one
    const closed = once(idle, 'close');
    idle.resume();
    await release();
    held = undefined;
    await closed;
  });

  it('by a process that was stopped, and answers nobody, stays held', async () => {
    const silent = createServer().listen(join(dir, 'control.sock'));
    onTestFinished(() => void silent.close());
    await once(silent, 'listening');
    await expect(holdFolder(dir, 'The data', async () => undefined, 1)).rejects.toThrow(FolderHeldError);
    await expect(askHolder(dir, command, undefined, 1)).rejects.toThrow(`The process that holds ${dir} doesn’t answer`);
  });

  it('without an answer is told with a sentence', async () => {
    const holding = `import { holdFolder } from ${JSON.stringify(new URL('../../src/embedded/control-socket.ts', import.meta.url).href)};
      await holdFolder(${JSON.stringify(dir)}, 'The data', async () => process.kill(process.pid, 'SIGKILL'));
      console.log('held');`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', holding], {
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: process.cwd(),
    });
    await once(createInterface({ input: child.stdout }), 'line');
    await expect(askHolder(dir, command)).rejects.toThrow(`The process that holds ${dir} ended before it answered.`);
    expect(await isHeld(dir)).toBe(false);
    await hold(async () => 'taken over');
    expect(await askHolder(dir, command)).toEqual({ result: 'taken over' });
  });
});
