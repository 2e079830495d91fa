import { shownName } from '../../../../bytes/tar/name.ts';
import type { Detector, FileFacts } from '../../detector.ts';
import { textFault } from '../library-fields.ts';
import { readInstalledGemspec } from './installed-gemspec.ts';

/**
 * Reads installed Ruby gems: the specifications that RubyGems writes to `specifications` and, for gems that come with
 * Ruby, to `specifications/default`. Other `*.gemspec` files belong to source code.
 */
export const gem: Detector = {
  id: 'gem',
  kind: 'features',
  version: 1,
  wants: [{ kind: 'suffix', suffix: '.gemspec' }],
  read: readGem,
  coverage: {
    use: 'installed Ruby gems (`specifications/*.gemspec`), including the default gems of Ruby',
    notes: ['A default gem and an upgraded copy are both listed, because both are on disk.'],
  },
};

const NOTHING: FileFacts = { diagnostics: [] };

function readGem(path: string, bytes: Uint8Array): FileFacts {
  if (!isInstalled(path)) return NOTHING;
  const { name, version } = readInstalledGemspec(bytes);
  const fault = textFault('name', name) ?? textFault('version', version);
  if (name === undefined || version === undefined || fault !== undefined) {
    const message = `${shownName(path)} was skipped: it has ${fault}`;
    return { diagnostics: [{ code: 'library-unreadable', message, where: path }] };
  }
  return { features: [{ feature: { type: 'gem', name, version }, path }], diagnostics: [] };
}

const TEST_DIRECTORIES: ReadonlySet<string> = new Set(['test', 'tests', 'spec']);

/** The name of a gem's directory contains the version. */
const GEM_DIRECTORY = /-[0-9]/;

function isInstalled(path: string): boolean {
  const above = path.split('/').slice(0, -1);
  if (above.at(-1) === 'default') above.pop();
  return above.pop() === 'specifications' && !isBelowTests(above);
}

/** Returns whether a path is in the tests of a gem, such as `gems/rubygems-update-3.2.0/test/rubygems`. */
function isBelowTests(segments: readonly string[]): boolean {
  const gemAt = segments.findIndex((segment, at) => segments[at - 1] === 'gems' && GEM_DIRECTORY.test(segment));
  return gemAt !== -1 && segments.slice(gemAt + 1).some((segment) => TEST_DIRECTORIES.has(segment));
}
