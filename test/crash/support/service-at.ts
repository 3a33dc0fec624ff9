/** The whole service on a clock that reads START_AT (epoch ms) when it starts, and runs as time does. */
import { startClock } from '../../../src/clock.ts';
import { readConfig } from '../../../src/config.ts';
import { openLog } from '../../../src/log.ts';
import { startService } from '../../../src/service/start.ts';

const startAt = Number(process.env.START_AT);
const begun = Date.now();
const config = readConfig(process.env);
await startService({ config, clock: startClock(undefined, () => startAt + Date.now() - begun), log: openLog(config.LOG_LEVEL) });
