import type { Bytes } from './messages.ts';

/** Whole messages of one client. `pipelineOpen`: more must follow before the engine answers ReadyForQuery. */
export type Messages = { readonly bytes: Bytes; readonly pipelineOpen: boolean };

const codeOf = (letter: string) => letter.charCodeAt(0);
const terminate = codeOf('X');
const pipelined = new Set(['P', 'B', 'D', 'E', 'C', 'H'].map(codeOf)); // Parse, Bind, Describe, Execute, Close, Flush wait for Sync
const startupVersion = 196_608; // protocol 3.0

const lengthAt = (bytes: Bytes, offset: number) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(offset);

const join = (a: Bytes, b: Bytes): Bytes => {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
};

/**
 * Takes one client's bytes as they come and gives back whole messages, several in one piece where they came so.
 * Terminate is dropped: it would end the one session that all clients share.
 * The startup packet comes as a piece of its own; other untyped packets (SSL and cancel requests) are dropped.
 */
export const frontendMessages = (): ((chunk: Bytes) => Messages[]) => {
  let rest: Bytes = new Uint8Array(0);
  return (chunk) => {
    const bytes = rest.length === 0 ? chunk : join(rest, chunk);
    const pieces: Messages[] = [];
    let from = 0;
    let at = 0;
    let last = 0; // type of the message before `at`
    const cut = (next: number) => {
      if (at > from) pieces.push({ bytes: bytes.subarray(from, at), pipelineOpen: pipelined.has(last) });
      from = next;
    };
    while (bytes.length - at >= 5) {
      const type = bytes[at] ?? 0;
      const end = at + (type === 0 ? lengthAt(bytes, at) : 1 + lengthAt(bytes, at + 1));
      if (end > bytes.length) break;
      if (type === 0 || type === terminate) cut(end);
      if (type === 0 && end - at >= 8 && lengthAt(bytes, at + 4) === startupVersion) {
        pieces.push({ bytes: bytes.subarray(at, end), pipelineOpen: false });
      }
      last = type;
      at = end;
    }
    cut(at);
    rest = bytes.slice(at);
    return pieces;
  };
};
