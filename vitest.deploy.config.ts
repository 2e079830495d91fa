import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** The tests that need Debian programs: `npm run check:deploy`. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/deploy/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});

export default config;
