const headerSize = 5;

/**
 * Several messages as one write. grpc-js gives each message it sends a header (no compression, length) and a write to the HTTP/2 stream,
 * and the writes cost more than the events. This is one message to it, whose `copy` puts down the true headers of all of them.
 */
export const framesOf = (messages: readonly Buffer[]): Buffer => {
  const [first] = messages;
  if (!first || messages.length === 1) return first ?? Buffer.alloc(0);
  let size = -headerSize;
  for (const message of messages) size += headerSize + message.length;
  const copy = (target: Uint8Array, targetStart = 0): number => {
    const out = Buffer.from(target.buffer, target.byteOffset, target.byteLength);
    let at = targetStart - headerSize;
    for (const message of messages) {
      out[at] = 0;
      out.writeUInt32BE(message.length, at + 1);
      at += headerSize + message.copy(out, at + headerSize);
    }
    return size;
  };
  return Object.defineProperties(Buffer.alloc(0), { byteLength: { value: size }, copy: { value: copy } });
};
