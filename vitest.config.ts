import { availableParallelism } from 'node:os';
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Short files whose tests run long: a worker that begins one of them last would be waited for. */
const LONG = ['test/faults/', 'test/integrations/', 'test/web/'];

/** Begins with the files that take long, and then with the largest, as vitest does by itself. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- it is a method of vitest's class
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

function isLong({ moduleId }: TestSpecification): boolean {
  return LONG.some((folder) => moduleId.includes(`/${folder}`));
}

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
    globalSetup: ['test/fixtures/built-program.ts', 'src/database/testing/postgres-server.ts'],
    // One more than processors: a tenth of the time a worker only waits, for a timer or for a process of its own.
    maxWorkers: availableParallelism() + 1,
    // The files of a worker share the modules, which have no state: loading them anew for each file takes longer than most tests.
    isolate: false,
    sequence: { sequencer: LongFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

export default config;
