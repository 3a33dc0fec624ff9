import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** One kind of request, sent over and over. */
export type Load = {
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly seconds: number;
};
export type LoadResult = { readonly perSecond: number; readonly p50Ms: number; readonly p99Ms: number; readonly failed: number };

const CONNECTIONS = '256';

/** Sends a load at 256 at once from a process beside this one, and answers what came of it. */
export const runLoad = ({ url, body, headers, seconds }: Load): Promise<LoadResult> =>
  new Promise((resolve, reject) => {
    const autocannon = fileURLToPath(new URL('../../node_modules/autocannon/autocannon.js', import.meta.url));
    const flags = ['--json', '-n', '-c', CONNECTIONS, '-d', String(seconds), '-m', 'POST', '-b', body];
    const named = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}=${value}`]);
    const child = spawn(process.execPath, [autocannon, ...flags, ...named, url], { stdio: ['ignore', 'pipe', 'ignore'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('exit', () => {
      const { requests, latency, non2xx, errors, timeouts } = JSON.parse(Buffer.concat(chunks).toString());
      resolve({ perSecond: requests.average, p50Ms: latency.p50, p99Ms: latency.p99, failed: non2xx + errors + timeouts });
    });
  });
