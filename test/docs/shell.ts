import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** One bash that runs blocks of commands one after another, as somebody would who pastes them into a terminal. */
export type Shell = {
  /** What the block printed, errors included, and the status of its last command. Rejects when the shell ends in the middle of it. */
  readonly run: (commands: string) => Promise<{ readonly output: string; readonly status: number }>;
  readonly close: () => void;
};

const DONE = '-- the block is done: ';

const linesOf = (child: ChildProcessByStdio<Writable, Readable, null>) =>
  createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();

/** Starts a bash in `cwd`; `dir` keeps the blocks. `npm run --silent X` runs what is built already. */
export const startShell = (options: { readonly cwd: string; readonly dir: string; readonly env: NodeJS.ProcessEnv }): Shell => {
  const { cwd, dir, env } = options;
  const child = spawn('bash', ['--noprofile', '--norc'], { cwd, env, stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = linesOf(child);
  let blocks = 0;
  child.stdin.write('exec 2>&1\nset -o pipefail -u\n');
  child.stdin.write('npm() { local command=$3; shift 4; node dist/main.js "$command" "$@"; }\n');
  return {
    run: async (commands) => {
      const file = join(dir, `block-${blocks++}.sh`);
      await writeFile(file, commands);
      child.stdin.write(`source '${file}' </dev/null; printf '\\n%s%s\\n' '${DONE}' "$?"\n`);
      const output: string[] = [];
      for (;;) {
        const { value, done } = await lines.next();
        if (done) throw new Error(`the shell ended after:\n${output.join('\n')}`);
        if (value.startsWith(DONE)) return { output: output.join('\n'), status: Number(value.slice(DONE.length)) };
        output.push(value);
      }
    },
    close: () => {
      child.kill('SIGKILL');
    },
  };
};
