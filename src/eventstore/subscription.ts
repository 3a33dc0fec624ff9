import type { AllStreamResolvedEvent, EventStoreDBClient } from '@eventstore/db-client';

/**
 * Follows `$all` after position `after`, until `signal` aborts. 'caught-up' is handed over once, after everything before it:
 * the client announces it while earlier events still wait in its buffer.
 */
export async function* subscription(
  client: EventStoreDBClient,
  after: bigint | undefined,
  signal: AbortSignal,
): AsyncGenerator<AllStreamResolvedEvent | 'caught-up'> {
  const source = client.subscribeToAll(after === undefined ? {} : { fromPosition: { commit: after, prepare: after } });
  // the client ends the call only; without destroying its stream a reader would wait for ever
  const stop = () =>
    void source.unsubscribe().then(
      () => source.destroy(),
      () => source.destroy(),
    );
  signal.addEventListener('abort', stop, { once: true });
  let announced = false;
  let wake = () => {};
  source.on('error', () => {}); // the iterator reports it; unlistened to while nobody reads, it would end the process
  source.once('caughtUp', () => {
    announced = true;
    setImmediate(() => wake());
  });
  try {
    const events = source[Symbol.asyncIterator]();
    let next = events.next();
    let behind = true;
    while (!signal.aborted) {
      const pending = next;
      const item = await new Promise<IteratorResult<AllStreamResolvedEvent> | 'caught-up'>((resolve, reject) => {
        pending.then(resolve, reject);
        wake = () => source.readableLength === 0 && behind && resolve('caught-up');
        if (announced && behind) setImmediate(wake); // after what was read already
      });
      if (item === 'caught-up') {
        behind = false;
        yield 'caught-up';
      } else {
        if (item.done) return;
        next = events.next();
        next.catch(() => {}); // awaited in the next round, if there is one
        yield item.value;
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}
