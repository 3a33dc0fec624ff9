import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frontendMessages } from '../../src/embedded/postgres/frontend-messages.ts';

const typed = (type: string, body: Uint8Array) => {
  const message = Buffer.alloc(5 + body.length);
  message.write(type);
  message.writeUInt32BE(4 + body.length, 1);
  message.set(body, 5);
  return message;
};
const untyped = (code: number) => {
  const message = Buffer.alloc(16, 'x');
  message.writeUInt32BE(16);
  message.writeUInt32BE(code, 4);
  return message;
};
const startup = untyped(196_608);
const terminate = typed('X', new Uint8Array(0));

const message = fc.oneof(
  fc
    .tuple(fc.constantFrom('Q', 'P', 'B', 'D', 'E', 'S', 'H', 'd'), fc.uint8Array({ maxLength: 40 }))
    .map(([type, body]) => typed(type, body)),
  fc.constantFrom(startup, terminate, untyped(80_877_102), untyped(80_877_103)),
);

describe('messages of a client', () => {
  it('come out whole, in order, without terminate and requests to cancel or encrypt, however the bytes arrive', () =>
    fc.assert(
      fc.property(fc.array(message), fc.array(fc.nat(60), { minLength: 1 }), (messages, sizes) => {
        const bytes = Uint8Array.from(Buffer.concat(messages));
        const take = frontendMessages();
        const taken: Uint8Array[] = [];
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = 1 + (sizes[i % sizes.length] ?? 0);
          for (const piece of take(bytes.slice(at, at + size))) taken.push(piece.bytes);
          at += size;
        }
        const forwarded = messages.filter((m) => m === startup || (m[0] !== 0 && m !== terminate));
        expect(Buffer.concat(taken)).toEqual(Buffer.concat(forwarded));
      }),
    ));

  it('leave the pipeline open until Sync', () => {
    const take = frontendMessages();
    const openAfter = (...types: string[]) =>
      take(Uint8Array.from(Buffer.concat(types.map((type) => typed(type, Buffer.from('1')))))).map((m) => m.pipelineOpen);
    expect(openAfter('P', 'B', 'E')).toEqual([true]);
    expect(openAfter('S')).toEqual([false]);
    expect(openAfter('P', 'B', 'E', 'S')).toEqual([false]);
    expect(openAfter('Q', 'P')).toEqual([true]);
  });

  it('give the startup packet alone', () => {
    const pieces = frontendMessages()(
      Uint8Array.from(Buffer.concat([startup, typed('Q', Buffer.from('1')), typed('S', Buffer.from('2'))])),
    );
    expect(pieces.map(({ bytes }) => bytes[0])).toEqual([0, 'Q'.charCodeAt(0)]);
  });
});
