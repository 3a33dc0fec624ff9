/** One node, a program of its own like the service, with its leases and limits shortened as the environment says. Ends when its standard input does. */
import { pino } from 'pino';
import { z } from 'zod';
import { startClock } from '../../../src/clock.ts';
import { readConfig } from '../../../src/config.ts';
import { startService } from '../../../src/service/start.ts';

const { LEASE_LOOK_MS, LEASE_SILENCE_MS, SHORTENED_TO } = z
  .object({ LEASE_LOOK_MS: z.coerce.number(), LEASE_SILENCE_MS: z.coerce.number(), SHORTENED_TO: z.coerce.number() })
  .parse(process.env);

process.stdin.resume().once('end', () => process.exit(0));
const config = readConfig(process.env);
const service = await startService({
  config,
  clock: startClock(),
  clockSpeed: SHORTENED_TO, // limits that are no setting, such as the lease of a process's entry, are given in the machine's time
  log: pino({ level: config.LOG_LEVEL }),
  lease: { lookMs: LEASE_LOOK_MS, silenceMs: LEASE_SILENCE_MS },
});
process.stdout.write(`Ringback serves at ${service.url}\n`);
