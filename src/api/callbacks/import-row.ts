import { z } from 'zod';
import type { BookingRequest } from '../../commands/book.ts';
import { canonicalJson } from '../idempotency.ts';
import { checkJson } from '../json-body.ts';
import { instant } from '../schemas/instant.ts';
import { name, text } from '../schemas/text.ts';
import { userData } from '../schemas/user-data.ts';

/** An open callback of another system, under its id there as `reference` (1.15). An empty cell of a CSV file is a field left out. */
export const importRow = z
  .strictObject({
    reference: name(255),
    serviceName: name(128),
    phoneNumber: z.string().max(64),
    desiredTime: instant.optional(),
    kind: z.enum(['IMMEDIATE', 'SCHEDULED']).optional(),
    priority: z.int().min(0).max(1000).optional(),
    language: z
      .string()
      .max(35)
      .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'must be a language such as en-US')
      .optional(),
    routePoint: text(256).optional(),
    surveyRP: text(256).optional(),
    channel: text(128).optional(),
    nameRecording: text(1024).optional(),
    userData: userData.optional(),
  })
  .check(({ value: { kind, desiredTime }, issues }) => {
    if (kind !== 'SCHEDULED' || desiredTime !== undefined) return;
    issues.push({ code: 'custom', path: ['desiredTime'], message: 'is required of a scheduled callback', input: null });
  });
export type ImportRow = z.output<typeof importRow>;
export const importColumns = Object.keys(importRow.shape);

const readCell = (column: string, cell: string): unknown => {
  if (column === 'priority') return /^\d{1,9}$/.test(cell) ? Number(cell) : cell;
  if (column !== 'userData') return cell;
  try {
    const value: unknown = JSON.parse(cell);
    checkJson(value);
    return value;
  } catch {
    return cell;
  }
};

/** Cells under their columns as JSON would have them; an empty one is left out. */
export const rowOfCells = (columns: readonly string[], cells: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(columns.flatMap((column, index) => (cells[index] ? [[column, readCell(column, cells[index])]] : [])));

/** Under which keyed ids what was taken over lies: an API key’s or a user’s own never begins so. */
const OWNER = 'take-over';

/**
 * A row as a booking. It has its id by the reference, so that the same row again finds the callback that it made, and another row of that
 * reference is told apart. An immediate one waits from now on, whenever it was wanted there.
 */
export const bookingOfRow = (row: ImportRow, checkCapacity: boolean): BookingRequest => {
  const desiredTime = row.kind === 'IMMEDIATE' ? null : (row.desiredTime ?? null);
  return {
    queue: row.serviceName,
    phoneNumber: row.phoneNumber,
    desiredTime,
    alwaysCheckCapacity: checkCapacity && desiredTime !== null,
    offer: {
      ...{ type: desiredTime === null ? 'ASAP' : 'SCHEDULED', timing: null, thresholdSeconds: null, inboundQueue: null },
      ...{ channel: row.channel ?? null, originationInteractionId: null },
    },
    language: row.language ?? 'en-US',
    overrides: { priority: row.priority ?? null, routePoint: row.routePoint ?? null, surveyRoutePoint: row.surveyRP ?? null },
    userData: row.userData ?? {},
    pushTargets: [],
    rest: { reference: row.reference, ...(row.nameRecording === undefined ? {} : { nameRecording: row.nameRecording }) },
    idempotency: { owner: OWNER, key: row.reference, body: canonicalJson(row) },
    limits: null,
  };
};
