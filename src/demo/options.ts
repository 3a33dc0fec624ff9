import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { refusal } from './refusal.ts';

export type DemoOptions = {
  readonly file: string;
  /** `yyyy-MM-dd`. */
  readonly day: string;
  /** How many times as fast as the machine's the clock runs. */
  readonly speed: number;
  /** Share of the calls that become callbacks. */
  readonly share: number;
  /** Share of the callbacks that name a time ahead. */
  readonly scheduled: number;
  readonly agents: number;
  readonly seed: number;
};

export const demoUsage = `npm run demo -- [--file ARRIVALS.csv] [--day 1999-03-01] [--speed 600] [--share 0.3] [--scheduled 0.2] [--agents 10] [--seed 1]
  --file       arrivals: date,interval,minute_of_day,calls, a row per six-minute interval
  --day        the day to play
  --speed      how many times as fast as the real day
  --share      share of the calls that become callbacks, 0 to 1
  --scheduled  share of the callbacks that are booked for a time ahead, 0 to 1
  --agents     how many agents there are, around the clock
  --seed       another seed makes other customers`;

const numberWithin = (name: string, text: string, least: number, most: number, whole: boolean): number => {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isFinite(value) && value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
  throw refusal(`--${name} must be a ${whole ? 'whole number' : 'number'} from ${least} to ${most}, not “${text}”.`);
};

/** Reads the command line of the demo. Throws a refusal that names the option. */
export const demoOptions = (argv: readonly string[]): DemoOptions => {
  const text = (value: string) => ({ type: 'string', default: value }) as const;
  const parse = () =>
    parseArgs({
      args: [...argv],
      options: {
        file: text(fileURLToPath(new URL('../../examples/arrivals.csv', import.meta.url))),
        day: text('1999-03-01'),
        speed: text('600'),
        share: text('0.3'),
        scheduled: text('0.2'),
        agents: text('10'),
        seed: text('1'),
      },
    }).values;
  let values: ReturnType<typeof parse>;
  try {
    values = parse();
  } catch (error) {
    throw refusal(`${error instanceof Error ? error.message : String(error)}\n${demoUsage}`);
  }
  if (!/^\d{4}-\d\d-\d\d$/.test(values.day) || Number.isNaN(Date.parse(`${values.day}T00:00:00Z`)))
    throw refusal(`--day must be a date such as 1999-03-01, not “${values.day}”.`);
  return {
    file: values.file,
    day: values.day,
    speed: numberWithin('speed', values.speed, 1, 10_000, false),
    share: numberWithin('share', values.share, 0, 1, false),
    scheduled: numberWithin('scheduled', values.scheduled, 0, 1, false),
    agents: numberWithin('agents', values.agents, 1, 1_000, true),
    seed: numberWithin('seed', values.seed, 0, Number.MAX_SAFE_INTEGER, true),
  };
};
