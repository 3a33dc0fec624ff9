/** Requests that begin in one turn of the event loop: a booking is about half a millisecond of work until it waits for its append. */
const IN_A_TURN = 16;

/**
 * Calls what it is given at once, or, when `most` were called in this turn of the event loop, in a later one, in order: so that hundreds of
 * requests that come at the same moment don't hold up timers, leases and the answers to others until all of them have begun.
 */
export const turnTaker = (most = IN_A_TURN): ((begin: () => void) => void) => {
  let begun = 0;
  let scheduled = false;
  let waiting: (() => void)[] = [];
  const schedule = () => {
    if (!scheduled) setImmediate(next);
    scheduled = true;
  };
  const next = () => {
    scheduled = false;
    const due = waiting.slice(0, most);
    waiting = waiting.slice(most);
    begun = due.length;
    if (begun > 0) schedule();
    for (const begin of due) begin();
  };
  return (begin) => {
    schedule();
    if (begun >= most) {
      waiting.push(begin);
      return;
    }
    begun += 1;
    begin();
  };
};
