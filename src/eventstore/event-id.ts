import { createHash } from 'node:crypto';

/**
 * The id of the `index`-th event that a command appends to a stream: a UUID (version 8) from command, stream, index and unsealed data.
 * The same append again carries the same ids; a retry that decides differently carries others, and conflicts.
 */
export const eventId = (commandId: string, streamId: string, index: number, type: string, data: unknown): string => {
  const digest = createHash('sha256')
    .update(JSON.stringify([commandId, streamId, index, type, data]))
    .digest();
  digest.writeUInt8((digest.readUInt8(6) & 0x0f) | 0x80, 6);
  digest.writeUInt8((digest.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = digest.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};
