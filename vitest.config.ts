import { defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  test: {
    include: [
      'src/**/*.test.ts',
      'web/**/*.test.ts',
      'test/**/*.test.ts',
      'bench/**/*.test.ts',
      'scripts/**/*.test.ts',
    ],
    exclude: ['test/deploy/**'],
    globalSetup: ['test/fixtures/built-program.ts', 'test/fixtures/postgres-server.ts'],
    // Half of two processors would be left free by default.
    maxWorkers: '100%',
    // The files of a worker share the modules, which have no state: loading them anew for each file takes longer than most tests.
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

export default config;
