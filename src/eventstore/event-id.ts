/**
 * The id of the `index`-th event that a command appends to a stream: a UUID (version 8) from command, stream, index and unsealed data.
 * The same append again carries the same ids; a retry that decides differently carries others, and conflicts. The hash is keyed, since
 * an id outlives personal data and a plain one would let it be guessed.
 */
export const eventId = (
  keyedHash: (label: string, ...parts: string[]) => string,
  { commandId, streamId, index, type, data }: { commandId: string; streamId: string; index: number; type: string; data: unknown },
): string => {
  const digest = Buffer.from(keyedHash('event-id', commandId, streamId, String(index), type, JSON.stringify(data)), 'base64url');
  digest.writeUInt8((digest.readUInt8(6) & 0x0f) | 0x80, 6);
  digest.writeUInt8((digest.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = digest.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};
