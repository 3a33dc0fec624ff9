import { listen, type Signals } from '../store/signals.ts';
import type { Answers } from './send.ts';

/** Waits between looks at the store: `wait` resolves once something was added since the last look, or the client is gone. */
export type News = { readonly wait: () => Promise<void>; readonly stop: () => void };

/** Follows a stream, or everything when `stream` is undefined, for as long as the call lasts. */
export const followNews = (signals: Signals, stream: string | undefined, call: Answers): News => {
  let pending = false;
  let resume: (() => void) | undefined;
  const wake = (): void => {
    pending = true;
    resume?.();
  };
  const unlisten = listen(signals, stream, wake);
  call.on('cancelled', wake);
  call.on('close', wake);
  return {
    wait: async () => {
      if (!pending)
        await new Promise<void>((resolve) => {
          resume = resolve;
        });
      resume = undefined;
      pending = false;
    },
    stop: () => {
      unlisten();
      call.off('cancelled', wake);
      call.off('close', wake);
    },
  };
};
