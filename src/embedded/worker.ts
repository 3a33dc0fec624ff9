import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

const throughTsx = (url: URL) =>
  `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(url.href)}); })`;

/**
 * Starts the worker thread in the file `name` (no extension) beside the caller, in the same form as the caller:
 * compiled `.js` in a build, `.ts` through tsx in development and tests.
 * `base` is the caller's `import.meta.url`; `workerData` must be cloneable.
 */
export const startWorker = (base: string, name: string, workerData: unknown): Worker =>
  fileURLToPath(base).endsWith('.ts')
    ? new Worker(throughTsx(new URL(`${name}.ts`, base)), { eval: true, workerData })
    : new Worker(new URL(`${name}.js`, base), { workerData });
