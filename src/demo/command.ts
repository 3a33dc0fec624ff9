import { type DemoDeps, runDemo } from './demo.ts';
import { demoOptions } from './options.ts';
import { isRefusal } from './refusal.ts';

const INTERRUPTED = 130;

/**
 * `npm run demo`: reads the options, plays the day on DATA_DIR (./data when unset) and answers the exit code: 0 when the day was
 * played, 1 with a sentence on `err` when something doesn't fit, 130 when `signal` stopped it. Unexpected errors are thrown.
 */
export const demoCommand = async (
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  deps: Omit<DemoDeps, 'dataDir'>,
): Promise<number> => {
  try {
    const summary = await runDemo(demoOptions(argv), { ...deps, dataDir: env.DATA_DIR || './data' });
    return summary === undefined ? INTERRUPTED : 0;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    deps.err.write(`${error.message}\n`);
    return 1;
  }
};
