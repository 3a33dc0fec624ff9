import { BrokenCircuitError, CircuitState, ConsecutiveBreaker, circuitBreaker, ExponentialBackoff, handleWhenResult } from 'cockatiel';

const FAILURES = 5;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/** Causes that tell nothing of how the contact center is: the message wasn't wanted any more. */
const OURS: ReadonlySet<string> = new Set(['PLACE_BY_PASSED', 'ABORTED', 'NO_LONGER_WANTED']);

const fails = (result: unknown): boolean => {
  if (typeof result !== 'object' || result === null || !('kind' in result) || !('cause' in result)) return false;
  return (result.kind === 'unreachable' || result.kind === 'unknown') && typeof result.cause === 'string' && !OURS.has(result.cause);
};

type NotSent = { readonly kind: 'unreachable'; readonly cause: 'CIRCUIT_OPEN' };

/** Keeps messages from a contact center that doesn't take them. */
export type ConnectorBreaker = {
  /** Sends, or answers `unreachable` without sending while the circuit is open. */
  readonly through: <R>(send: () => Promise<R>) => Promise<R | NotSent>;
  /** Whether messages are kept back, also while one is under way that tests the contact center: others wait for what becomes of it. */
  readonly isOpen: () => boolean;
};

/**
 * A circuit that opens after five failures in a row: no connection, no usable answer, or 5xx. After a pause that grows from
 * `firstPauseMs` to `longestPauseMs`, with jitter, one message goes through and decides. Counts the machine's time, which is the network's.
 */
export const connectorBreaker = ({ firstPauseMs = FIRST_PAUSE_MS, longestPauseMs = LONGEST_PAUSE_MS } = {}): ConnectorBreaker => {
  const circuit = circuitBreaker(handleWhenResult(fails), {
    halfOpenAfter: new ExponentialBackoff({ initialDelay: firstPauseMs, maxDelay: Math.max(firstPauseMs, longestPauseMs) }),
    breaker: new ConsecutiveBreaker(FAILURES),
  });
  return {
    through: async (send) => {
      try {
        return await circuit.execute(send);
      } catch (error) {
        if (error instanceof BrokenCircuitError) return { kind: 'unreachable', cause: 'CIRCUIT_OPEN' };
        throw error;
      }
    },
    isOpen: () => circuit.state !== CircuitState.Closed,
  };
};
