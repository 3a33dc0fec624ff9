import { columnDefaults } from '../configuration/columns.ts';
import { type Configuration, settingsOf, takesBookings } from '../configuration/state.ts';
import type { OpenState } from './events.ts';
import type { Callback } from './state.ts';

type State = OpenState | 'COMPLETED';

/** One callback as a table's row or its own stream gives it, with where it stands in line (seconds; null is unknown). Instants are UTC text. */
export type CallbackRow = Pick<
  Callback,
  'queue' | 'kind' | 'direction' | 'phoneNumber' | 'reason' | 'desiredTime' | 'createdAt' | 'updatedAt'
> & {
  readonly id: string;
  readonly state: State;
  readonly waiting: { readonly position: number; readonly estimatedWaitSeconds: number | null };
};

/** The one who asks, as far as the answer depends on it. */
export type Asker = { readonly mayChange: boolean };

/** A callback as it is shown. Position and EWT (seconds, −1 for unknown) are there while it waits or is being made, the reason once it is over. */
export type CallbackView = {
  readonly id: string;
  readonly desiredTime: string;
  readonly callbackState: State;
  readonly callbackReason?: string;
  readonly phoneNumber: string | null;
  readonly positionInQueue?: number;
  readonly estimatedWaitTime?: number;
  readonly kind: Callback['kind'];
  readonly direction: Callback['direction'];
  readonly serviceName: string;
  readonly late: boolean;
  readonly canCancel: boolean;
  readonly canReschedule: boolean;
  readonly canRecreate: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
};

/** Still SCHEDULED past the window of its desired time (1.4). */
const isLate = ({ queue, state, desiredTime }: CallbackRow, configuration: Configuration, now: number): boolean => {
  const { desiredTimeWindowSeconds } = settingsOf(configuration, queue) ?? columnDefaults;
  return state === 'SCHEDULED' && now > Date.parse(desiredTime) + desiredTimeWindowSeconds * 1000;
};

const inLine = ({ state, waiting }: CallbackRow) => {
  if (state === 'QUEUED') return { positionInQueue: waiting.position, estimatedWaitTime: waiting.estimatedWaitSeconds ?? -1 };
  return state === 'ROUTING' || state === 'PROCESSING' ? { positionInQueue: 0, estimatedWaitTime: 0 } : {};
};

/** What is shown of a callback at `now` (epoch ms) to the one who asks: everything that depends on time, settings or rights is computed here (1.4, 1.9, 3.5). */
export const view = (row: CallbackRow, configuration: Configuration, now: number, asker: Asker): CallbackView => {
  const { id, state, reason, phoneNumber, kind, direction, queue, desiredTime, createdAt, updatedAt } = row;
  return {
    id,
    desiredTime,
    callbackState: state,
    ...(state === 'COMPLETED' && reason !== null ? { callbackReason: reason } : {}),
    phoneNumber,
    ...inLine(row),
    kind,
    direction,
    serviceName: queue,
    late: isLate(row, configuration, now),
    canCancel: asker.mayChange && state !== 'PROCESSING' && state !== 'COMPLETED',
    canReschedule: asker.mayChange && state === 'SCHEDULED',
    canRecreate: asker.mayChange && state === 'COMPLETED' && phoneNumber !== null && takesBookings(configuration, queue),
    createdAt,
    updatedAt,
  };
};
