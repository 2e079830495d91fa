import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runCount } from '../../../../../test/fixtures/run-count.ts';
import { detectorsOfName, indexPatterns } from '../../../layer/patterns/pattern-index.ts';
import type { FileFacts } from '../../detector.ts';
import { gem } from './detector.ts';

function read(path: string, content: string | Uint8Array): FileFacts {
  return gem.read(path, Buffer.from(content));
}

/** Returns the gems as `name version` and the codes of the diagnostics. */
function shown(path: string, content: string | Uint8Array): readonly string[] {
  const { features = [], diagnostics } = read(path, content);
  return [
    ...features.map(({ feature, path: at }) => {
      expect([feature.type, at]).toEqual(['gem', path]);
      expect(feature).not.toHaveProperty('flags');
      return `${feature.name} ${feature.version}`;
    }),
    ...diagnostics.map(({ code }) => code),
  ];
}

const RACK = `# -*- encoding: utf-8 -*-
# stub: rack 3.1.20 ruby lib

Gem::Specification.new do |s|
  s.name = "rack".freeze
  s.version = "3.1.20".freeze

  s.metadata = { "name" => "x" } if s.respond_to? :metadata=
  s.description = "s.name = \\"y\\"".freeze
  s.add_runtime_dependency(%q<irb>.freeze, ["~> 1.10".freeze])
end
`;

describe('an installed gem is read from', () => {
  it.each([
    ['the home of Ruby', 'usr/local/lib/ruby/gems/3.3.0/specifications/rack-3.1.20.gemspec'],
    ['the default gems of Ruby', 'usr/local/lib/ruby/gems/3.3.0/specifications/default/rack-3.1.20.gemspec'],
    ['the home of the official image', 'usr/local/bundle/specifications/rack-3.1.20.gemspec'],
    ["Debian's integration", 'usr/share/rubygems-integration/all/specifications/rack-3.1.20.gemspec'],
    ["Fedora's default gems", 'usr/share/gems/specifications/default/rack-3.1.20.gemspec'],
    ["Bundler's path", 'srv/app/vendor/bundle/ruby/3.3.0/specifications/rack-3.1.20.gemspec'],
    ['a home named like tests', 'srv/gems/test/specifications/rack-3.1.20.gemspec'],
    ['the root', 'specifications/rack-3.1.20.gemspec'],
  ])('%s', (_, path) => {
    expect(detectorsOfName(path, indexPatterns([gem]))).toEqual([gem]);
    expect(shown(path, RACK)).toEqual(['rack 3.1.20']);
  });

  it('both copies of an upgraded default gem', () => {
    const home = 'usr/local/lib/ruby/gems/3.3.0/specifications';
    expect(shown(`${home}/default/json-2.7.2.gemspec`, 's.name = "json"\ns.version = "2.7.2"\n')).toEqual([
      'json 2.7.2',
    ]);
    expect(shown(`${home}/json-2.9.1.gemspec`, 's.name = "json"\ns.version = "2.9.1"\n')).toEqual(['json 2.9.1']);
  });
});

describe('no installed gem is', () => {
  it.each([
    ['the source of a gem', 'srv/app/rack.gemspec'],
    ['the source inside an installed gem', 'usr/local/bundle/gems/rack-3.1.20/rack.gemspec'],
    ['the source of a gem from a repository', 'usr/local/bundle/bundler/gems/rack-0a1b2c/rack.gemspec'],
    ['a file in a folder named alike', 'srv/my-specifications/rack.gemspec'],
    ['a file deeper in the folder', 'usr/local/bundle/specifications/cache/rack.gemspec'],
    ['a default without specifications', 'srv/default/rack.gemspec'],
    ['test data of a gem', 'usr/gems/rubygems-update-3.2.0/test/rubygems/specifications/rack.gemspec'],
    ['test data of a gem', 'usr/local/bundle/gems/bundler-2.5/spec/specifications/rack.gemspec'],
  ])('%s: %s', (_, path) => {
    expect(shown(path, RACK)).toEqual([]);
    expect(shown(path, 'broken')).toEqual([]);
  });

  it.each([
    'srv/app/Gemfile.lock',
    'usr/local/bundle/gems/auth0-5.0.0/Gemfile.lock',
    'usr/local/bundle/cache/rack.gem',
  ])('%s, which is not wanted', (path) => {
    expect(detectorsOfName(path, indexPatterns([gem]))).toEqual([]);
  });
});

describe('the specification', () => {
  const path = 'usr/local/bundle/specifications/x.gemspec';
  it.each([
    [
      'has a version without the platform',
      's.name = "x"\ns.version = "1.18.2"\ns.platform = "x86_64-linux"',
      ['x 1.18.2'],
    ],
    ['may have the older notation', '  s.name = %q{x}\n  s.version = "0.8.7"\n', ['x 0.8.7']],
    ['may have single quotes', "  s.name = 'x'\n  s.version = '1'\n", ['x 1']],
    ['may have CRLF', 's.name = "x".freeze\r\ns.version = "1".freeze\r\n', ['x 1']],
    [
      'may have NUL in a list of extensions',
      '# stub: x 1 ruby lib\n# stub: a\0b\n\ns.name = "x"\ns.version = "1"\n',
      ['x 1'],
    ],
    ['has the first assignment', 's.name = "x"\ns.name = "y"\ns.version = "1"\ns.version = "2"\n', ['x 1']],
    ['may have only the stub line', '# stub: x 1.0 java lib\n\nload "other.rb"\n', ['x 1.0']],
    ['is not evaluated', 's.name = "x"\ns.version = X::VERSION\n', ['library-unreadable']],
    ['has no part of an expression', 's.name = "x"\ns.version = "1" + "2"\n', ['library-unreadable']],
    ['has no escapes', 's.name = "\\x61"\ns.version = "1"\n', ['library-unreadable']],
    ['has no interpolation across lines', 's.name = "a\nb"\ns.version = "1"\n', ['library-unreadable']],
    ['may not be empty', '', ['library-unreadable']],
    ['may not have control characters', 's.name = "a\0b"\ns.version = "1"\n', ['library-unreadable']],
    ['may not have an empty version', 's.name = "x"\ns.version = ""\n', ['library-unreadable']],
    ['may not have a version without end', `s.name = "x"\ns.version = "${'1'.repeat(5000)}"\n`, ['library-unreadable']],
    ['may not start after its limit', `${'#\n'.repeat(40_000)}s.name = "x"\ns.version = "1"\n`, ['library-unreadable']],
  ])('%s', (_, content, expected) => {
    expect(shown(path, content)).toEqual(expected);
  });

  it('in a broken file names the file', () => {
    expect(read(path, 's.name = "x"').diagnostics).toEqual([
      { code: 'library-unreadable', message: `"${path}" was skipped: it has no version`, where: path },
    ]);
  });

  it('yields one gem or one diagnostic for any input', () => {
    const noise = fc.uint8Array({ maxLength: 40 });
    const valid = Buffer.from(RACK);
    const mutated = fc.tuple(fc.nat(RACK.length), fc.nat(8), noise).map(([at, length, other]) => {
      return Buffer.concat([valid.subarray(0, at), other, valid.subarray(at + length)]);
    });
    fc.assert(
      fc.property(fc.oneof(mutated, noise), (bytes) => {
        const { features = [], diagnostics } = gem.read(path, bytes);
        const arePrintable = features.every(({ feature }) => /^\P{Cc}+$/u.test(feature.name + feature.version));
        expect(arePrintable && features.length + diagnostics.length === 1).toBe(true);
      }),
      { numRuns: runCount(2000, 160) },
    );
  });

  it('is read in bounded time', () => {
    const units = [' ', '\n', 's.name = "', ' \n', '"', '# stub: ', 's.version = "1"    ', '\0'];
    const started = performance.now();
    for (const unit of units) {
      read(path, unit.repeat(200_000));
      read(path, `${`s.name = "x"${unit.repeat(900)}y`.slice(0, 8000)}\n`.repeat(40));
    }
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
