/**
 * Hands over in order what `work` makes of each item, and begins it for up to `most` items before they are asked for, so that what they need can be
 * fetched for many at once. Throws what `source` or `work` throws, in its place. Who stops early has to end `source` himself.
 */
export async function* ahead<T, R>(source: AsyncIterable<T>, most: number, work: (item: T) => R | Promise<R>): AsyncGenerator<R> {
  const begun: (R | Promise<R>)[] = [];
  let wake = () => {};
  let room = () => {};
  let left = false;
  let end: { readonly error?: unknown } | undefined;

  const read = async (): Promise<void> => {
    for await (const item of source) {
      const result = work(item);
      if (result instanceof Promise) result.catch(() => {}); // thrown when it is its turn, if anybody still waits
      begun.push(result);
      wake();
      if (begun.length >= most)
        await new Promise<void>((resolve) => {
          room = resolve;
        });
      if (left) return;
    }
  };
  void read().then(
    () => {
      end = {};
      wake();
    },
    (error: unknown) => {
      end = { error };
      wake();
    },
  );
  try {
    for (;;) {
      for (const result of begun.splice(0)) {
        room();
        yield await result;
      }
      if (begun.length > 0) continue;
      if (end !== undefined && 'error' in end) throw end.error;
      if (end !== undefined) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    left = true;
    room();
  }
}
