import type { ListedCallback } from './service-api.ts';
import { demo } from './settings.ts';

export type Terminal = { readonly write: (text: string) => unknown; readonly isTTY?: boolean | undefined };

/** One line about how far the day is. `instant` is epoch ms. */
export const progressText = (view: {
  readonly instant: number;
  readonly arrived: number;
  readonly offered: number;
  readonly callbacks: readonly ListedCallback[];
}): string => {
  const { instant, arrived, offered, callbacks } = view;
  const inState = (state: string) => callbacks.filter(({ callbackState }) => callbackState === state).length;
  const [date, time] = new Date(instant).toISOString().split('T');
  return [
    `${date} ${time?.slice(0, 5)}`,
    `calls ${arrived} of ${offered}`,
    `booked ${callbacks.length}`,
    `scheduled ${inState('SCHEDULED')}`,
    `waiting ${inState('QUEUED')}`,
    `ringing ${inState('ROUTING')}`,
    `talking ${inState('PROCESSING')}`,
    `completed ${inState('COMPLETED')}`,
  ].join('  ');
};

/** Shows one line: rewritten in place on a terminal, elsewhere a new one every few seconds. `now` is the machine's time in ms. */
export const progressLine = (out: Terminal) => {
  let shown = Number.NEGATIVE_INFINITY;
  return {
    show: (text: string, now: number): void => {
      if (out.isTTY) out.write(`\r\u001b[2K${text}`);
      else if (now - shown >= demo.lineEveryMs) {
        shown = now;
        out.write(`${text}\n`);
      }
    },
    end: (): void => {
      if (out.isTTY) out.write('\n');
    },
  };
};
