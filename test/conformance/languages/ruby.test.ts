/** Compares the detected gems with the gems that RubyGems loads from the gem specifications in Debian packages. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { gem } from '../../../src/worker/detectors/libraries/gem/detector.ts';
import { works } from '../program.ts';
import { librariesIn, unpackedPackages } from './installed-libraries.ts';

const RUBY = '/usr/bin/ruby';
const MISSING: readonly string[] = [
  ...(works('apt-get', ['--version']) && works('dpkg-deb', ['--version']) ? [] : ['apt-get and dpkg-deb']),
  ...(works(RUBY, ['--version']) ? [] : ['the Debian package ruby']),
];
const IS_SKIPPED = MISSING.length > 0 && process.env['CI'] !== 'true';
if (MISSING.length > 0) console.warn(`ruby: ${IS_SKIPPED ? 'SKIPPED' : 'FAILS'}, missing ${MISSING.join(' and ')}`);

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'clair-ruby-')));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Prints all specifications below a directory as `NAME VERSION FILE`. */
const LIST = `
Dir.glob(File.join(ARGV[0], "**", "*.gemspec")).each do |file|
  spec = Gem::Specification.load(file) or abort "unreadable: #{file}"
  puts [spec.name, spec.version, file].join(" ")
end
`;

/** Returns the package of Ruby's standard library, whose name contains a version. */
function standardLibrary(): string {
  const depends = execFileSync('apt-cache', ['depends', 'libruby'], { encoding: 'utf8' });
  return /Depends: (libruby[0-9.]+)/.exec(depends)?.[1] ?? 'libruby';
}

describe.skipIf(IS_SKIPPED)('the gems of Debian packages', { timeout: 180_000 }, () => {
  it('are the gems that RubyGems loads', async () => {
    expect(MISSING).toEqual([]);
    const files = unpackedPackages(folder, standardLibrary(), 'ruby-nokogiri', 'ruby-rack');
    const listed = execFileSync(RUBY, ['-e', LIST, files], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map((line) => line.replace(`${files}/`, ''));
    const { libraries, diagnostics } = await librariesIn(files, gem);
    expect(libraries).toEqual(listed.toSorted());
    expect(diagnostics).toEqual([]);

    expect(libraries.length).toBeGreaterThan(80);
    expect(libraries.filter((line) => line.includes('/specifications/default/')).length).toBeGreaterThan(60);
    for (const name of ['nokogiri', 'rack', 'rexml', 'json']) {
      expect(libraries.some((line) => line.startsWith(`${name} `))).toBe(true);
    }
    for (const line of libraries) {
      const [name, version, path = ''] = line.split(' ');
      expect(basename(path)).toBe(`${name}-${version}.gemspec`);
    }
  });
});
