import { availableParallelism } from 'node:os';
import { env } from 'node:process';
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { resultsReporter } from './scripts/test-results/results-reporter.ts';

/** Long tests in short files; a worker that started one of them last would delay the end. */
const LONG = ['test/faults/', 'test/integrations/', 'test/web/'];

/** Starts with the long tests, then with the largest files, as vitest does by default. */
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
/** Tests that start threads, servers or processes, need large inputs, or try a law on many inputs. */
const LONG_TESTS = ['{src,bench}/**/*.long.test.ts'];
const POSTGRES = 'src/database/testing/postgres-server.ts';

/** The file for the results; only CI needs it. */
const RESULTS = env['CLAIR_TEST_RESULTS'];

const config: ViteUserConfig = defineConfig({
  test: {
    reporters: RESULTS === undefined ? ['default'] : ['default', resultsReporter(RESULTS, import.meta.dirname)],
    // One more than the processors, because workers wait for timers and child processes.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongFirst },
    // Caches transformed modules until their source changes; transforming takes a third of the time of the unit tests.
    experimental: { fsModuleCache: true, fsModuleCachePath: 'node_modules/.cache/vitest-modules' },
    projects: [
      project('unit', {
        include: ['{src,bench,scripts}/**/*.test.ts', 'web/**/*.test.{ts,tsx}'],
        exclude: [...ENGINES, ...LONG_TESTS],
        // Unit tests do not wait, and each worker loads all modules.
        maxWorkers: availableParallelism(),
        sequence: { groupOrder: 0 },
      }),
      // Tests of the repository as a whole: its structure, documentation and generated pages.
      project('repository', { include: ['test/*.test.ts'] }),
      // Every store test runs on SQLite and PostgreSQL.
      project('engines', { include: ENGINES, globalSetup: [POSTGRES] }),
      project('system', {
        include: ['test/*/**/*.test.ts', ...LONG_TESTS],
        exclude: ['test/deploy/**', 'test/web/**'],
        globalSetup: ['test/fixtures/built-program.ts', POSTGRES],
      }),
      project('browser', { include: ['test/web/**/*.test.ts'], globalSetup: ['test/fixtures/built-page.ts'] }),
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
      // Projects with different numbers of workers run one after the other.
      sequence: { groupOrder: 1 },
      ...options,
      // The files of a worker share its modules, which have no state; loading them again takes longer than most tests.
      isolate: false,
      // Image names without a prefix must not select images in the Docker or Podman of the machine that runs the tests.
      env: { DOCKER_HOST: 'unix:///nonexistent/docker.sock', CONTAINER_HOST: 'unix:///nonexistent/podman.sock' },
      testTimeout: 60_000,
      hookTimeout: 60_000,
    },
  };
}

export default config;
