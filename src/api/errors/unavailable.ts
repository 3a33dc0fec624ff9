const socketCodes: readonly string[] = ['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EHOSTUNREACH', 'EAI_AGAIN'];
const poolText =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|Query read timeout|Cannot use a pool)/;

const [UNDEFINED_TABLE, UNDEFINED_COLUMN] = ['42P01', '42703'];

/** Whether a table, or a column that its next version brings, isn't there: the read models are still being built. */
export const isBeingBuilt = (error: unknown): boolean => {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return code === UNDEFINED_TABLE || code === UNDEFINED_COLUMN;
};

/** Whether Postgres can't be reached, doesn't answer, has no connection left, is going down (classes 08 and 57P, 53300), or has no read models yet. */
export const isDatabaseDown = (error: Error): boolean => {
  const found: unknown = Reflect.get(error, 'code');
  const code = typeof found === 'string' ? found : '';
  const isAway = socketCodes.includes(code) || code.startsWith('08') || code.startsWith('57P') || code === '53300';
  const isSocketGone = code === 'ENOENT' && Reflect.get(error, 'syscall') === 'connect'; // a Unix socket
  return isAway || isSocketGone || isBeingBuilt(error) || poolText.test(error.message);
};
