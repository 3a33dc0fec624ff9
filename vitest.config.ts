import { defineConfig } from 'vitest/config';

/** Crashes and several nodes: mostly waiting for programs of their own, so several files share a core. */
const faults = ['test/crash/**/*.test.ts', 'test/nodes/**/*.test.ts'];
/** Days on a clock of their own, which always work: one file after another, with the machine to itself. */
const simulation = ['test/simulation/**/*.test.ts'];

export default defineConfig({
  test: {
    pool: 'forks',
    setupFiles: ['test/support/fixed-seed.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 15_000 } }, // what is waited for comes; how soon is the machine's affair
    projects: [
      {
        extends: true,
        test: { name: 'service', include: ['test/**/*.test.ts'], exclude: [...faults, ...simulation], sequence: { groupOrder: 0 } },
      },
      { extends: true, test: { name: 'faults', include: faults, maxWorkers: 3, sequence: { groupOrder: 1 } } },
      { extends: true, test: { name: 'simulation', include: simulation, maxWorkers: 1, sequence: { groupOrder: 2 } } },
    ],
  },
});
