import type { Messages } from './frontend-messages.ts';
import type { Bytes } from './messages.ts';

/** Runs wire protocol messages in the engine's one session, handing out the answer piece by piece. */
export type Execute = (messages: Bytes, onAnswer: (bytes: Bytes) => void) => Promise<void>;

export type SessionClient = {
  readonly send: (messages: Messages) => void;
  /** Ends what the client left open, once what it sent before is done; settles then. */
  readonly leave: () => Promise<void>;
};

type Work = () => Promise<void>;
type Member = { readonly waiting: Work[] };

const idle = new TextEncoder().encode('Z\0\0\0\u0005I'); // ReadyForQuery, not in a transaction

/** Follows an answer to its end: ReadyForQuery is its last message, and may come in two pieces. */
const watchForIdle = () => {
  let tail: readonly number[] = [];
  return {
    see: (bytes: Bytes) => {
      tail = [...tail, ...bytes.subarray(-idle.length)].slice(-idle.length);
    },
    saysIdle: () => tail.length === idle.length && idle.every((byte, i) => byte === tail[i]),
  };
};

const simpleQuery = (text: string): Bytes => {
  const body = new TextEncoder().encode(`${text}\0`);
  const message = new Uint8Array(body.length + 5);
  message[0] = 'Q'.charCodeAt(0);
  new DataView(message.buffer).setUint32(1, body.length + 4);
  message.set(body, 5);
  return message;
};
const sync: Bytes = new Uint8Array(['S'.charCodeAt(0), 0, 0, 0, 4]);
const discard = () => undefined;

/**
 * Shares the engine's one session among many clients. A client holds it from its first message until ReadyForQuery says idle,
 * so through a whole transaction or pipeline; the others wait, first come first served.
 * `onFailure` hears of an engine that broke down while running: nothing runs after that.
 */
export const shareSession = (execute: Execute, onFailure: (error: unknown) => void) => {
  const members = new Set<Member>();
  const queue: Member[] = []; // one entry for each piece of work, in order of arrival
  let holder: Member | undefined;
  let running = false;

  const next = (): Work | undefined => {
    const member = holder ?? queue[0];
    const work = member?.waiting.shift();
    if (member === undefined || work === undefined) return undefined;
    queue.splice(queue.indexOf(member), 1);
    holder = member;
    return work;
  };

  const pump = async () => {
    if (running) return;
    running = true;
    try {
      for (let work = next(); work !== undefined; work = next()) await work();
      running = false;
    } catch (error) {
      onFailure(error);
    }
  };

  const enqueue = (member: Member, work: Work) => {
    member.waiting.push(work);
    queue.push(member);
    void pump();
  };

  /** Runs `work` in its turn, when nobody has the session. A failure of its own is the caller's, and not the engine's. */
  const alone = <T>(work: () => Promise<T>) =>
    new Promise<T>((resolve) => {
      enqueue({ waiting: [] }, async () => {
        const done = work();
        resolve(done);
        await done.catch(() => undefined);
        holder = undefined;
      });
    });

  const join = (onAnswer: (bytes: Bytes) => void): SessionClient => {
    const member: Member = { waiting: [] };
    let open = false; // a transaction or a pipeline of this client
    members.add(member);
    const add = (work: Work) => enqueue(member, work);
    const send = ({ bytes, pipelineOpen }: Messages) =>
      add(async () => {
        const watch = watchForIdle();
        await execute(bytes, (answer) => {
          watch.see(answer);
          onAnswer(answer);
        });
        open = pipelineOpen || !watch.saysIdle();
        if (!open) holder = undefined;
      });
    const leave = () =>
      new Promise<void>((left) => {
        if (holder !== member && member.waiting.length === 0 && members.size > 1) {
          members.delete(member); // it has nothing open: no need to wait for whoever has
          return left();
        }
        add(async () => {
          if (open) {
            await execute(sync, discard);
            await execute(simpleQuery('ROLLBACK'), discard);
          }
          members.delete(member);
          holder = undefined;
          if (members.size === 0) await execute(simpleQuery('DISCARD ALL'), discard); // the next client expects a new session
          left();
        });
      });
    return { send, leave };
  };
  return { join, alone };
};
