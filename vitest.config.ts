import { defineConfig } from 'vitest/config';

// Packages are read from their sources, so that a test needs no build of what it tests. Node gets these conditions too, for
// `require` as well: with 'import' among them a CommonJS package would be handed ES modules.
const fromSource = { ssr: { resolve: { conditions: ['@trunkline/source', 'node'] } } };

const everywhere = {
  // No limit here measures anything: a machine of two slow cores under load must stay within all of them.
  expect: { poll: { timeout: 60_000 } },
  // A process loads its modules once for all the files that it tests: loading them for each took longer than the unit tests.
  isolate: false,
};

/** They wait for a good part of their time (for locks, leases, backoffs): three files at a time share two cores well. */
const onRealParts = {
  maxWorkers: 3,
  sequence: { groupOrder: 1 },
};

export default defineConfig({
  test: {
    projects: [
      {
        ...fromSource,
        test: {
          name: 'unit',
          maxWorkers: 2,
          ...everywhere,
          // Property tests on a busy machine of two cores.
          testTimeout: 120_000,
          include: ['packages/*/src/**/*.test.ts'],
          exclude: ['packages/*/src/**/*.int.test.ts', 'packages/e2e/**'],
        },
      },
      {
        ...fromSource,
        test: {
          name: 'integration',
          ...everywhere,
          ...onRealParts,
          include: ['packages/*/src/**/*.int.test.ts'],
          globalSetup: ['packages/test-kit/src/global-setup.ts'],
          testTimeout: 240_000,
          hookTimeout: 300_000,
        },
      },
      {
        ...fromSource,
        test: {
          name: 'e2e',
          ...everywhere,
          include: ['packages/e2e/src/**/*.test.ts'],
          globalSetup: ['packages/test-kit/src/global-setup.ts'],
          testTimeout: 600_000,
          hookTimeout: 300_000,
          ...onRealParts,
        },
      },
    ],
  },
});
