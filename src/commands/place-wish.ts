import type { Hold } from '../domain/callback/events.ts';

/** A wish for a place at `instant` (epoch ms); `checked` refuses it when its slot is full. */
export type PlaceWish = {
  readonly queue: string;
  readonly callbackId: string;
  readonly holdId: string;
  readonly instant: number;
  readonly decidedAt: number | null;
  readonly checked: boolean;
  readonly now: string;
};
/** The desired time of a user's scheduled callback lies in no open slot (1.5). */
export type OfficeClosed = { readonly code: 'OFFICE_CLOSED' };
/** Why a place wasn't to be had; `position` is that of the log as of which the slot was full. */
export type PlaceRefusal = { readonly code: 'SLOT_FULL'; readonly position: bigint } | OfficeClosed;
export type PlaceTaken = { readonly ok: true; readonly hold: Hold } | { readonly ok: false; readonly refusal: PlaceRefusal };

/** A booking or move that was refused for its slot is full: at `desiredTime` (epoch ms), as of `position` of the log. */
export type SlotFull = { readonly code: 'SLOT_FULL'; readonly queue: string; readonly desiredTime: number; readonly position: bigint };

/** Why a place at `desiredTime` (epoch ms) wasn't to be had. */
export const notTaken = (refusal: PlaceRefusal, queue: string, desiredTime: number): SlotFull | OfficeClosed =>
  refusal.code === 'SLOT_FULL' ? { ...refusal, queue, desiredTime } : refusal;
