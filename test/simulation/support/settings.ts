export const RING_LIMIT_S = 60;
export const SLOT_CAPACITY = 3;
export const SLOT_MINUTES = 15;
export const MAX_ATTEMPTS = 3;
export const PURGE_MINUTES = { first: 240, edited: 150 };
export const EDITED_PACING = 0.5;

/** Of each queue at first. */
export const queueSettings = {
  ...{ placeWithinSeconds: 10, ringLimitSeconds: RING_LIMIT_S, reportLimitSeconds: 120, handlingLimitMinutes: 30 },
  ...{ maxDialAttempts: MAX_ATTEMPTS, dialRetryMinutes: 4, slotCapacity: SLOT_CAPACITY, slotDurationMinutes: SLOT_MINUTES },
  ...{ callbackPurgeMinutes: PURGE_MINUTES.first, desiredTimeWindowSeconds: 600 },
};
