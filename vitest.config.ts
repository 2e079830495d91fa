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

const ENGINES = ['src/**/*.engines.test.ts', 'bench/**/*.engines.test.ts'];
/** Tests that start threads, servers or processes, or try a law on many inputs. */
const LONG_TESTS = ['src/**/*.long.test.ts'];
const POSTGRES = 'src/database/testing/postgres-server.ts';

const config: ViteUserConfig = defineConfig({
  test: {
    // One more than there are processors, because workers wait for timers and child processes.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongFirst },
    // A transformed module is kept until its source changes: to transform all takes a third of the time of the unit tests.
    experimental: { fsModuleCache: true, fsModuleCachePath: 'node_modules/.cache/vitest-modules' },
    projects: [
      project('unit', {
        include: ['{src,bench,scripts}/**/*.test.ts', 'web/**/*.test.{ts,tsx}', 'test/*.test.ts'],
        exclude: [...ENGINES, ...LONG_TESTS],
        // They wait for nothing, and each worker loads all modules.
        maxWorkers: availableParallelism(),
        sequence: { groupOrder: 0 },
      }),
      // Every store test runs on SQLite and PostgreSQL.
      project('engines', { include: ENGINES, globalSetup: [POSTGRES] }),
      project('system', {
        include: ['test/*/**/*.test.ts', ...LONG_TESTS],
        exclude: ['test/deploy/**', 'test/web/**'],
        globalSetup: ['test/fixtures/built-program.ts', POSTGRES],
      }),
      project('browser', { include: ['test/web/**/*.test.ts'] }),
    ],
  },
});

type ProjectOptions = {
  readonly include: string[];
  readonly exclude?: string[];
  readonly globalSetup?: string[];
  readonly maxWorkers?: number;
  readonly sequence?: { readonly groupOrder: number };
};

function project(name: string, options: ProjectOptions) {
  return {
    test: {
      name,
      // Projects with other numbers of workers run one after the other.
      sequence: { groupOrder: 1 },
      ...options,
      // The files of a worker share the modules, which have no state: loading them anew for each file takes longer than most tests.
      isolate: false,
      testTimeout: 60_000,
      hookTimeout: 60_000,
    },
  };
}

export default config;
