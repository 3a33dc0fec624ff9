import { type DestinationStream, type Logger, pino } from 'pino';

/** An error as logs show it: a client's own errors carry requests and answers, which may name people. */
const plain = (error: unknown): unknown => {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && (typeof error.code === 'string' || typeof error.code === 'number') ? { code: error.code } : {};
  return { name: error.name, message: error.message, ...code };
};

/** The service's log: JSON lines, on standard output unless `to` says otherwise. */
export const openLog = (level: string, to?: DestinationStream): Logger => {
  const options = { level, serializers: { err: plain } };
  return to === undefined ? pino(options) : pino(options, to);
};
