import { createHash } from 'node:crypto';

/**
 * A number in [0, 1) that depends on its arguments alone: the same seed and words give the same draw on every machine and in every
 * order of asking.
 */
export const draw = (seed: number, ...words: readonly (string | number)[]): number =>
  createHash('sha256')
    .update(JSON.stringify([seed, ...words]))
    .digest()
    .readUIntBE(0, 6) /
  2 ** 48;

/** A draw from the log-normal distribution with this median and the standard deviation `sigma` of its logarithm. */
export const drawLogNormal = (distribution: LogNormal, seed: number, ...words: readonly (string | number)[]): number => {
  const radius = Math.sqrt(-2 * Math.log(1 - draw(seed, ...words, 'radius')));
  const normal = radius * Math.cos(2 * Math.PI * draw(seed, ...words, 'angle'));
  return distribution.medianMs * Math.exp(distribution.sigma * normal);
};

export type LogNormal = { readonly medianMs: number; readonly sigma: number };
