import { describe, expect, it } from 'vitest';
import { condaPackages, MAX_RECORD_BYTES } from './detector.ts';

const PATH = 'opt/conda/conda-meta/zlib-1.3.1-h4ab18f5_1.json';

function read(record: unknown, path = PATH) {
  const bytes = record instanceof Buffer ? record : Buffer.from(JSON.stringify(record));
  const { features = [], diagnostics } = condaPackages.read(path, bytes);
  return { found: features.map(({ feature, path: at }) => `${feature.name} ${feature.version} at ${at}`), diagnostics };
}

describe('a Conda package', () => {
  it('is listed by its name and version', () => {
    const record = { name: 'zlib', version: '1.3.1', build: 'h4ab18f5_1', files: ['lib/libz.so.1', 'include/zlib.h'] };
    expect(read(record)).toEqual({ found: [`zlib 1.3.1 at ${PATH}`], diagnostics: [] });
  });

  it.each([
    ['ruamel.yaml-0.18.dist-info/METADATA', ['ruamel-yaml']],
    ['Requests-2.32.3-py3.11.egg-info/PKG-INFO', ['requests']],
    ['requests-2.32.3.egg-info', ['requests']],
    ['requests.egg-info/PKG-INFO', ['requests']],
    ['requests-2.32.3.dist-info/RECORD', []],
    ['setuptools/_vendor/tomli-2.0.1.dist-info/METADATA', []],
  ])('names the Python distributions that its files describe: %s', (file, names) => {
    const directory = 'opt/conda/lib/python3.11/site-packages';
    const files = ['bin/x', `lib/python3.11/site-packages/${file}`, 7];
    const record = Buffer.from(JSON.stringify({ name: 'x', version: '2', files }));
    const distributions = names.map((name) => ({ directory, name }));
    expect(condaPackages.read(PATH, record).marks).toEqual(
      names.length === 0 ? undefined : [{ path: PATH, distributions }],
    );
  });

  it('is nothing outside of `conda-meta`', () => {
    expect(read({ name: 'zlib', version: '1.3.1' }, 'srv/old-conda-meta/a.json')).toEqual({
      found: [],
      diagnostics: [],
    });
  });

  it.each<[why: string, record: unknown]>([
    ['it is empty', Buffer.alloc(0)],
    ['it is not JSON', Buffer.from('{')],
    [`it is larger than ${MAX_RECORD_BYTES} bytes`, Buffer.alloc(MAX_RECORD_BYTES + 1, ' ')],
    ['it has no name', []],
    ['it has an empty name', { name: '', version: '1' }],
    ['it has no version', { name: 'zlib' }],
    ['it has a version that is not text', { name: 'zlib', version: 1 }],
  ])('is reported: %s', (why, record) => {
    const message = `"${PATH}" was skipped: ${why}`;
    expect(read(record)).toEqual({ found: [], diagnostics: [{ code: 'library-unreadable', message, where: PATH }] });
  });
});
