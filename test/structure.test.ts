import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ERRORS } from '../src/errors.ts';
import { severityOfScore } from '../src/model/cvss/cvss.ts';
import { SEVERITIES } from '../src/model/severity.ts';
import { FORMAT_LOADERS } from '../src/cli/output/format-loaders.ts';
import { FORMATS } from '../src/report/index.ts';
import { ENRICHERS } from '../src/updater/enrichers/index.ts';
import { FETCHERS } from '../src/updater/fetchers/index.ts';
import { SCHEMES } from '../src/versions/index.ts';
import { DETECTORS } from '../src/worker/detectors/index.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MAX_LINES = 400;
const MAX_FILES = 25;

/** The folders of src, and the folders that each may import; see docs/explanation/architecture.md. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  model: ['versions'],
  versions: [],
  ecosystems: ['model', 'versions'],
  bytes: ['threads'],
  config: ['bytes'],
  database: ['ecosystems', 'model', 'threads', 'versions'],
  threads: [],
  worker: ['ecosystems', 'bytes', 'database', 'model', 'threads', 'versions'],
  updater: ['ecosystems', 'bytes', 'database', 'model', 'threads', 'versions'],
  notifier: ['ecosystems', 'bytes', 'database', 'model', 'suppression', 'threads'],
  housekeeper: ['database', 'model'],
  suppression: ['config', 'model'],
  report: ['ecosystems', 'database', 'model', 'suppression', 'threads', 'version.ts', 'versions'],
  counting: ['ecosystems', 'database', 'model', 'report', 'suppression', 'threads'],
  health: ['database', 'model'],
  api: ['ecosystems', 'bytes', 'database', 'health', 'model', 'report', 'suppression', 'threads', 'versions', 'worker'],
  client: ['bytes', 'model'],
  cli: [
    'ecosystems',
    'client',
    'compose',
    'config',
    'database',
    'model',
    'notifier',
    'report',
    'suppression',
    'threads',
    'updater',
    'version.ts',
    'worker',
  ],
  executable: ['cli'],
  compose: [
    'ecosystems',
    'api',
    'bytes',
    'counting',
    'database',
    'health',
    'housekeeper',
    'model',
    'notifier',
    'report',
    'suppression',
    'threads',
    'updater',
    'version.ts',
    'worker',
  ],
  errors: [],
  'errors.ts': ['errors'],
  'version.ts': [],
};

/** Detectors, parsers, versions and the model must be pure. */
const PURE = /^src\/(ecosystems|model|versions|worker\/detectors|updater\/formats)\//;
const IMPURE_MODULES = /^node:(fs|http|https|net|child_process|worker_threads)|^(better-sqlite3|pg|fastify|pino)$/;

/** Reads rpm databases in SQLite format, from memory, with a single query. */
const FOREIGN_SQLITE = 'src/worker/detectors/packages/rpm/read-sqlite.ts';

const EXPORTED_FUNCTION = /^export (?:(?:async )?function|const \w+(?:: .+)? = (?:async )?\(.*=>)/;

const sources = filesBelow('src').filter((path) => path.endsWith('.ts'));
/** Test builders are in `testing/` beside the code that they build; production code must not import them. */
const code = sources.filter((path) => !path.endsWith('.test.ts') && !path.includes('/testing/'));
const pageCode = filesBelow('web').filter((path) => /(?<!\.test)\.tsx?$/.test(path));

describe('the source tree', () => {
  it('has only the planned folders', () => {
    expect(readdirSync(join(ROOT, 'src')).toSorted()).toEqual(Object.keys(ARROWS).toSorted());
  });

  it.each(code)('%s imports only from the folders below it', (path) => {
    const room = roomOf(path);
    const allowed = new Set([room, 'errors.ts', ...(ARROWS[room] ?? [])]);
    const others = importsOf(path)
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => roomOf(relative(ROOT, resolve(ROOT, dirname(path), specifier))));
    expect(others.filter((other) => !allowed.has(other))).toEqual([]);
  });

  it.each(code.filter((path) => PURE.test(path) && path !== FOREIGN_SQLITE))('%s does no input or output', (path) => {
    expect(importsOf(path).filter((specifier) => IMPURE_MODULES.test(specifier))).toEqual([]);
  });

  it('keeps detectors independent of the rest of the worker', () => {
    const detectors = code.filter((path) => path.startsWith('src/worker/detectors/'));
    const outside = detectors.flatMap((path) =>
      importsOf(path)
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => relative(ROOT, resolve(ROOT, dirname(path), specifier)))
        .filter((target) => target.startsWith('src/worker/') && !target.startsWith('src/worker/detectors/')),
    );
    expect(outside).toEqual([]);
  });

  it('keeps the database contracts independent of the queries', () => {
    const inside = code
      .filter((path) => path.startsWith('src/database/contracts/'))
      .flatMap((path) => importsOf(path).map((specifier) => relative(ROOT, resolve(ROOT, dirname(path), specifier))));
    expect(inside.filter((target) => target.startsWith('src/database/queries/'))).toEqual([]);
  });

  it('lets the web UI import the types of the model, and nothing else of the server', () => {
    const outside = pageCode.flatMap((path) =>
      importsOf(path)
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => relative(ROOT, resolve(ROOT, dirname(path), specifier)))
        .filter((target) => !target.startsWith('web/src/') && !target.startsWith('src/model/')),
    );
    expect(outside).toEqual([]);
  });

  it('uses SQLite only in its engine, and in one reader of rpm databases', () => {
    const importers = code.filter((path) => importsOf(path).includes('better-sqlite3'));
    expect(importers.filter((path) => !path.startsWith('src/database/engines/sqlite/'))).toEqual([FOREIGN_SQLITE]);
  });

  it('uses PostgreSQL only in its engine', () => {
    const importers = code.filter((path) =>
      importsOf(path).some((name) => name === 'pg' || name === 'pg-copy-streams'),
    );
    expect(importers.filter((path) => !path.startsWith('src/database/engines/postgres/'))).toEqual([]);
    expect(importers).not.toEqual([]);
  });

  it('keeps SQL in src/database', () => {
    const sql = /\b(SELECT\s[\s\S]*\sFROM|INSERT\s+INTO|DELETE\s+FROM|UPDATE\s+\w+\s+SET)\b/;
    const elsewhere = code.filter((path) => roomOf(path) !== 'database' && path !== FOREIGN_SQLITE);
    expect(elsewhere.filter((path) => sql.test(read(path)))).toEqual([]);
  });
});

describe('imports', () => {
  it('of production code include no test builders', () => {
    expect(code.filter((path) => importsOf(path).some((specifier) => specifier.includes('/testing/')))).toEqual([]);
  });

  it('have no cycle', () => {
    const targets = new Map(
      code.map((path) => {
        const files = importsOf(path).filter((specifier) => specifier.startsWith('.'));
        return [path, files.map((specifier) => relative(ROOT, resolve(ROOT, dirname(path), specifier)))];
      }),
    );
    expect([...targets.keys()].flatMap((path) => circleFrom(path, targets) ?? [])).toEqual([]);
  });
});

describe('every folder', () => {
  it(`has at most ${MAX_FILES} files`, () => {
    const folders = ['src', 'web', 'test', 'bench', 'scripts', 'integrations'].flatMap(filesBelow).map(dirname);
    const counts = new Map<string, number>();
    for (const folder of folders) counts.set(folder, (counts.get(folder) ?? 0) + 1);
    expect([...counts].filter(([, count]) => count > MAX_FILES)).toEqual([]);
  });
});

describe('every file', () => {
  const all = ['src', 'web', 'test', 'bench', 'scripts', 'integrations']
    .flatMap(filesBelow)
    .filter((path) => /\.(ts|tsx|css|mjs|sql|sh)$/.test(path));

  it(`has at most ${MAX_LINES} lines`, () => {
    expect(all.filter((path) => read(path).split('\n').length - 1 > MAX_LINES)).toEqual([]);
  });

  it('has a specific name in kebab case', () => {
    expect(
      all.filter(
        (path) =>
          !/^[a-z0-9]+(-[a-z0-9]+)*(\.test|\.engines\.test|\.long\.test|\.config)?\.(ts|tsx|css|mjs|sql|sh)$/.test(
            basename(path),
          ),
      ),
    ).toEqual([]);
    expect(all.filter((path) => /\b(utils?|helpers?|common|manager|and)\b/.test(basename(path)))).toEqual([]);
  });

  it('has no merge conflict', () => {
    const pages = ['CHANGELOG.md', 'README.md', ...filesBelow('docs').filter((path) => path.endsWith('.md'))];
    // The formatter writes the last marker of a conflict in Markdown as nested quotations.
    const marker = /^(?:<{7}|>{7}|(?:> ){6}>) /m;
    expect([...all, ...pages].filter((path) => marker.test(read(path)))).toEqual([]);
  });

  it('has no default export', () => {
    expect([...code, ...pageCode].filter((path) => /^export default/m.test(read(path)))).toEqual([
      'web/vite.config.ts',
    ]);
  });
});

describe('every exported function', () => {
  it('has a doc comment', () => {
    const written = [...code, ...pageCode].filter((path) => !path.includes('/testing/'));
    const undocumented = written.flatMap((path) =>
      read(path)
        .split('\n')
        .filter((line, at, all) => EXPORTED_FUNCTION.test(line) && all[at - 1]?.endsWith('*/') !== true)
        .map((line) => `${path}: ${line}`),
    );
    expect(undocumented).toEqual([]);
  });
});

describe('tests of stores', () => {
  it('have the file name of the tests of engines', () => {
    const tests = ['src', 'bench', 'scripts', 'web'].flatMap(filesBelow).filter((path) => path.endsWith('.test.ts'));
    const needing = tests.filter((path) =>
      /\b(ENGINES|(new|migrated)PostgresSource|startPostgres)\b|\binject\('postgres'\)/.test(read(path)),
    );
    expect(needing).toEqual(tests.filter((path) => path.endsWith('.engines.test.ts')));
  });
});

describe('the lists agree with the folders', () => {
  it('of version schemes', () => {
    expect(Object.keys(SCHEMES).toSorted()).toEqual(namesIn('src/versions', ['index', 'scheme']));
    for (const [id, scheme] of Object.entries(SCHEMES)) expect(scheme.id).toBe(id);
  });

  it('of fetchers, each with its parser, tests and test data', () => {
    expect(FETCHERS.map(({ id }) => id).toSorted()).toEqual(foldersIn('src/updater/fetchers'));
    for (const { id } of FETCHERS) {
      const files = readdirSync(join(ROOT, 'src/updater/fetchers', id));
      expect(files).toEqual(expect.arrayContaining(['fetcher.ts', 'testdata']));
      const parsers = files.filter((file) => /^parse(-[a-z0-9]+)?\.ts$/.test(file));
      expect(parsers).not.toEqual([]);
      expect(files).toEqual(expect.arrayContaining(parsers.map((file) => file.replace('.ts', '.test.ts'))));
    }
  });

  it('of enrichers, each with its parser and tests, and without repeated names', () => {
    expect(ENRICHERS.map(({ id }) => id).toSorted()).toEqual(foldersIn('src/updater/enrichers'));
    for (const { id } of ENRICHERS) {
      const files = readdirSync(join(ROOT, 'src/updater/enrichers', id));
      expect(files).toEqual(expect.arrayContaining(['enricher.ts', 'parse.ts', 'parse.test.ts']));
    }
    const ids = [...FETCHERS, ...ENRICHERS].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    // Each kind of enrichment has one feed.
    expect(new Set(ENRICHERS.map(({ kind }) => kind)).size).toBe(ENRICHERS.length);
  });

  it('of detectors', () => {
    const listed = (kind: string): string[] => DETECTORS.filter((each) => each.kind === kind).map(({ id }) => id);
    expect(listed('os').toSorted()).toEqual(namesIn('src/worker/detectors/os', ['distributions']));
    expect(listed('packages').toSorted()).toEqual(foldersIn('src/worker/detectors/packages'));
    expect(listed('repositories').toSorted()).toEqual(namesIn('src/worker/detectors/repositories', []));
    expect(new Set(DETECTORS.map(({ id }) => id)).size).toBe(DETECTORS.length);
  });

  it('of channels', () => {
    const files = namesIn('src/notifier/channels', ['channel', 'index']);
    const listed = importsOf('src/notifier/channels/index.ts').map((path) => basename(path, '.ts'));
    expect(listed.filter((name) => files.includes(name)).toSorted()).toEqual(files);
  });

  it('of output formats', async () => {
    expect(FORMATS.map(({ id }) => id).toSorted()).toEqual(namesIn('src/report', ['format', 'index']));
    expect(FORMAT_LOADERS.map(({ id }) => id)).toEqual(FORMATS.map(({ id }) => id));
    expect(await Promise.all(FORMAT_LOADERS.map(({ load }) => load()))).toEqual(FORMATS);
  });
});

describe('the documentation', () => {
  it.each([['docs/reference/errors.md', Object.keys(ERRORS)]])('%s lists exactly the defined codes', (path, codes) => {
    const named = [...read(path).matchAll(/^\| `([^`]+)` +\|/gm)].map(([, name]) => name ?? '');
    expect(named.toSorted()).toEqual(codes.toSorted());
  });

  it('of severities has the bounds of the scores, and each severity', () => {
    const page = read('docs/explanation/severity.md');
    const rows = [...page.matchAll(/^\| (\d+\.\d)(?: to (\d+\.\d))? +\| (\w+) +\|$/gm)];
    expect(rows.map(([, , , severity]) => severity)).toEqual(['Negligible', 'Low', 'Medium', 'High', 'Critical']);
    for (const [, from, to = from, severity] of rows) {
      expect([severityOfScore(Number(from)), severityOfScore(Number(to))]).toEqual([severity, severity]);
    }
    expect(SEVERITIES.filter((severity) => !page.includes(`**${severity}**`))).toEqual([]);
  });

  it('lists every feed with its severity words', () => {
    const ids = FETCHERS.map(({ id }) => id).toSorted();
    const rows = [...read('docs/reference/coverage.md').matchAll(/^\| `([^`]+)` +\| http/gm)].map(
      ([, name]) => name ?? '',
    );
    expect(rows.toSorted()).toEqual([...ids, ...ENRICHERS.map(({ id }) => id)].toSorted());
    const cells = [...read('docs/explanation/severity.md').matchAll(/^\| (`[^|]*`) +\|/gm)]
      .map(([, cell]) => cell ?? '')
      .join(', ');
    expect(ids.filter((id) => !cells.includes(`\`${id}\``))).toEqual([]);
  });

  it('lists the distributions of every feed', () => {
    const rows = [...read('docs/reference/coverage.md').matchAll(/^\| `([^`]+)` +\| http[^|]*\| ([^|]+)\|/gm)];
    const named = new Map(
      rows.map(([, source = '', cell = '']) => {
        const namespaces = [...cell.matchAll(/`([^`:]+)(?::[^`]*)?`/g)].map(([, distribution = '']) => distribution);
        return [source, [...new Set(namespaces)].toSorted()];
      }),
    );
    for (const { id, distributions } of FETCHERS) expect(named.get(id)).toEqual(distributions.toSorted());
  });

  it('lists every dependency with its reason', () => {
    const { dependencies, devDependencies, overrides } = JSON.parse(read('package.json')) as Record<
      'dependencies' | 'devDependencies' | 'overrides',
      Record<string, string>
    >;
    const page = read('docs/explanation/dependencies.md');
    expect(Object.keys(dependencies).filter((name) => !page.includes(`\n| ${name} `))).toEqual([]);
    const tools = Object.keys(devDependencies).filter((name) => !name.startsWith('@types/'));
    expect([...tools, ...Object.keys(overrides)].filter((name) => !page.includes(name))).toEqual([]);
  });

  const pages = ['README.md', ...filesBelow('docs').filter((path) => path.endsWith('.md'))];

  it.each(pages)('%s names only paths that exist', (path) => {
    const named = [...read(path).matchAll(/`((?:src|test|bench|docs|scripts|integrations)\/[\w./-]*)`/g)].map(
      ([, name]) => name ?? '',
    );
    expect(named.filter((name) => statSync(join(ROOT, name), { throwIfNoEntry: false }) === undefined)).toEqual([]);
  });
});

function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .toSorted();
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

function roomOf(path: string): string {
  return path.split('/')[1] ?? '';
}

function importsOf(path: string): string[] {
  const text = read(path);
  const atStart = text.matchAll(/^(?:import|export)\s(?:[^'"]*?\sfrom\s)?'([^']+)'/gm);
  const later = text.matchAll(/\bawait import\('([^']+)'\)/g);
  return [...atStart, ...later].map(([, name]) => name ?? '');
}

/** Returns the files on the shortest import path from a file back to itself; undefined when there is no such path. */
function circleFrom(start: string, targets: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const ways: (readonly string[])[] = [[start]];
  const seen = new Set<string>();
  for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
    for (const target of targets.get(way.at(-1) ?? '') ?? []) {
      if (target === start) return way;
      if (!seen.has(target)) ways.push([...way, target]);
      seen.add(target);
    }
  }
  return undefined;
}

function foldersIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted();
}

/** Returns the names of the item files of a list, without the list and its contract. */
function namesIn(folder: string, others: readonly string[]): string[] {
  return readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => basename(name, '.ts'))
    .filter((name) => !others.includes(name))
    .toSorted();
}
