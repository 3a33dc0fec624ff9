import { startClock } from './clock.ts';
import { ConfigError, readConfig } from './config.ts';
import { demoCommand } from './demo/command.ts';
import { openLog } from './log.ts';
import {
  backupCommand,
  exportCommand,
  importCommand,
  keysCommand,
  modelsCommand,
  replayCommand,
  restoreCommand,
  WRONG_ARGUMENTS,
} from './service/commands.ts';
import { startDemoService } from './service/demo.ts';
import { type Service, startService } from './service/start.ts';

/** Exit codes beside 0: it could not be done, or `verify` found a difference; the arguments say nothing that can be done. */
const SENTENCE_ENDS = 1;

const stopSignal = (): AbortSignal => {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  return stop.signal;
};

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })));

/** What a first start shows once: secrets are kept as keyed hashes only. */
const announce = ({ url, secrets }: Service, given: { readonly [name: string]: string | undefined }): void => {
  const made = [
    ['Administrator token', secrets.adminToken, given.BOOTSTRAP_ADMIN_TOKEN],
    ['API key', secrets.apiKey, given.BOOTSTRAP_API_KEY],
    ['Connector key', secrets.connectorKey, given.BOOTSTRAP_CONNECTOR_KEY],
  ].filter(([, secret, fromOutside]) => secret !== undefined && fromOutside === undefined);
  const lines = [`Ringback serves at ${url}`, ...made.map(([name, secret]) => `${name}: ${secret}`)];
  if (made.length > 0) lines.push('These are shown this once.');
  process.stdout.write(`${lines.join('\n')}\n`);
};

const serve = async (): Promise<number> => {
  const signal = stopSignal();
  const config = readConfig(process.env);
  const log = openLog(config.LOG_LEVEL);
  const service = await startService({ config, clock: startClock(), log });
  announce(service, process.env);
  await untilAborted(signal);
  await service.close();
  return 0;
};

const demo = (): Promise<number> =>
  demoCommand(process.argv.slice(3), process.env, {
    startService: startDemoService,
    out: process.stdout,
    err: process.stderr,
    signal: stopSignal(),
  });

const commands: Readonly<Record<string, () => Promise<number>>> = {
  serve,
  demo,
  replay: () => replayCommand(process.argv.slice(3), readConfig(process.env)),
  backup: () => backupCommand(process.argv.slice(3), readConfig(process.env)),
  restore: () => restoreCommand(process.argv.slice(3), readConfig(process.env)),
  rebuild: () => modelsCommand('rebuild', process.argv.slice(3), readConfig(process.env)),
  export: () => exportCommand(process.argv.slice(3), readConfig(process.env)),
  import: () => importCommand(process.argv.slice(3), readConfig(process.env)),
  keys: () => keysCommand(process.argv.slice(3), readConfig(process.env)),
  repair: () => modelsCommand('repair', process.argv.slice(3), readConfig(process.env)),
  verify: () => modelsCommand('verify', process.argv.slice(3), readConfig(process.env)),
};

const isWrongArguments = (error: unknown): boolean =>
  error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');

const [, , name = 'serve'] = process.argv;
const command = commands[name];
if (command === undefined) {
  process.stderr.write(`There is no command ${name}. Commands: ${Object.keys(commands).join(', ')}.\n`);
  process.exit(WRONG_ARGUMENTS);
}
command().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const expected = error instanceof ConfigError || (error instanceof Error && process.env.LOG_LEVEL !== 'debug');
    process.stderr.write(`${expected ? error.message : String(error instanceof Error ? error.stack : error)}\n`);
    process.exit(isWrongArguments(error) ? WRONG_ARGUMENTS : SENTENCE_ENDS);
  },
);
