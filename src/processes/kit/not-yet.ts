/**
 * What is owed waits for something that comes by itself, such as a read model that is behind the log. It is tried again soon, as often as it
 * takes: no try is counted, so it is never parked for it. The message names no personal data.
 */
export class NotYetError extends Error {
  override readonly name = 'NotYetError';
}
