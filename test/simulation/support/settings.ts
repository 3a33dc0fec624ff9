/** Ten minutes of clock time in a second. */
export const SPEED = 600;
export const RING_LIMIT_S = 900;
export const SLOT_CAPACITY = 3;
export const SLOT_MINUTES = 15;
export const MAX_ATTEMPTS = 3;
export const PURGE_MINUTES = { first: 240, edited: 150 };
export const EDITED_PACING = 0.5;

/** Of each queue at first. A second of the machine's is ten minutes here, so limits on what goes over a network are wide. */
export const queueSettings = {
  ...{ placeWithinSeconds: 600, ringLimitSeconds: RING_LIMIT_S, reportLimitSeconds: 1800, handlingLimitMinutes: 30 },
  ...{ maxDialAttempts: MAX_ATTEMPTS, dialRetryMinutes: 4, slotCapacity: SLOT_CAPACITY, slotDurationMinutes: SLOT_MINUTES },
  ...{ callbackPurgeMinutes: PURGE_MINUTES.first, desiredTimeWindowSeconds: 600 },
};
