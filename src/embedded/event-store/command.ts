import { parseArgs } from 'node:util';
import { askHolder, isServed } from './control.ts';
import { holdEventStore, serveEventStore } from './serve.ts';
import type { Scavenged } from './store/scavenge.ts';

const usage = `The embedded event store alone, for any EventStoreDB client.

  --data DIR      where its files are (default ./data/event-store)
  --port P        where it serves (default 2113); with --scavenge or --backup only if given
  --host H        the address it listens on (default 127.0.0.1)
  --scavenge      takes out what no reader sees any more, also while another process serves DIR
  --backup DIR    copies the store as it is into a new folder, also while another process serves DIR`;

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const tellScavenged = ({ streams, events }: Scavenged): void => say(`Scavenged ${events} events of ${streams} streams.`);

const options = (args: readonly string[]) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: { type: 'string', default: './data/event-store' },
      port: { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      scavenge: { type: 'boolean', default: false },
      backup: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const port = Number(values.port ?? 2113);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`--port ${values.port}: a port is a number from 0 to 65535.`);
  return { ...values, port, serve: values.port !== undefined || !(values.scavenge || values.backup !== undefined) };
};

/** Does what is asked through the process that serves the folder; false if none does. */
const askRunning = async (data: string, scavenge: boolean, backup: string | undefined): Promise<boolean> => {
  if (!(await isServed(data))) return false;
  if (scavenge) {
    const reply = await askHolder(data, { command: 'scavenge' });
    if (reply) tellScavenged(reply.result as Scavenged); // what serve.ts answers to it
  }
  if (backup !== undefined) {
    await askHolder(data, { command: 'backup', to: backup });
    say(`Copied to ${backup}.`);
  }
  return true;
};

/** Opens the folder that nobody serves, does what is asked, and closes it; a scavenge also gives the space back to the disk. */
const doAlone = async (data: string, scavenge: boolean, backup: string | undefined): Promise<void> => {
  const held = await holdEventStore(data);
  if (scavenge) tellScavenged(await held.scavenge());
  if (backup !== undefined) {
    await held.backUp(backup);
    say(`Copied to ${backup}.`);
  }
  await (scavenge ? held.compact() : held.close());
};

/**
 * The event store's command line, without the program's name: serves until it is told to stop (SIGINT, SIGTERM), or does the one thing asked for.
 * Rejects with a sentence for a person.
 */
export const eventStoreCommand = async (args: readonly string[]): Promise<void> => {
  const { data, port, host, scavenge, backup, serve, help } = options(args);
  if (help) return say(usage);
  const asked = scavenge || backup !== undefined;
  if (asked && (await askRunning(data, scavenge, backup))) return;
  if (!serve) return doAlone(data, scavenge, backup);
  const store = await serveEventStore({ dir: data, port, host });
  say(`The event store in ${data} serves esdb://${host}:${store.port}?tls=false`);
  const stop = (): void => {
    store.close().then(() => process.exit(0));
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  if (scavenge) tellScavenged(await store.scavenge());
  if (backup === undefined) return;
  await store.backUp(backup);
  say(`Copied to ${backup}.`);
};
