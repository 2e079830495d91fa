import { describe, expect, it } from 'vitest';
import { aptSources } from './apt-sources.ts';

function suitesIn(path: string, text: string): readonly string[] {
  const { release, diagnostics } = aptSources.read(path, Buffer.from(text));
  expect(diagnostics).toEqual([]);
  return release?.['SUITES']?.split(' ') ?? [];
}

describe('one-line format', () => {
  it.each<[string, string, readonly string[]]>([
    ['one entry', 'deb http://deb.debian.org/debian bookworm main\n', ['bookworm']],
    ['no end of the last line', 'deb http://deb.debian.org/debian bookworm main', ['bookworm']],
    ['CRLF', 'deb http://deb.debian.org/debian bookworm main\r\n', ['bookworm']],
    ['several entries', 'deb http://a trixie main\ndeb http://a trixie-updates main\n', ['trixie', 'trixie-updates']],
    ['several components', 'deb http://a sid main contrib non-free\n', ['sid']],
    ['main as the last component', 'deb http://a sid contrib main\n', ['sid']],
    ['blanks and tabs', ' deb\thttp://a  sid \t main \n', ['sid']],
    ['options', 'deb [signed-by=/a.gpg arch=amd64] http://a sid main\n', ['sid']],
    ['options that touch the address', 'deb [arch=amd64]http://a sid main\n', ['sid']],
    ['options with a hash sign', 'deb [signed-by=#1] http://a sid main\n', ['sid']],
    ['an address in brackets', 'deb http://[::1]/debian sid main\n', ['sid']],
    ['a disc with blanks in its name', 'deb cdrom:[Debian GNU/Linux 12.0 - DVD 1]/ bookworm main\n', ['bookworm']],
    ['a comment behind', 'deb http://a sid main # not stable\n', ['sid']],
    ['a comment that hides main', 'deb http://a sid contrib # main\n', []],
    ['an entry that is a comment', '# deb http://a sid main\n', []],
    ['an entry that is a comment without a blank', '#deb http://a sid main\n', []],
    ['sources only', 'deb-src http://a sid main\n', []],
    ['contrib only', 'deb http://a sid contrib\n', []],
    ['a flat repository', 'deb http://a ./\n', []],
    ['brackets that are never closed', 'deb [arch=amd64 http://a sid main\n', []],
    ['an entry that breaks off', 'deb http://a\n', []],
    ['nothing', '', []],
    ['junk', '\u0000\u0001<html>', []],
  ])('%s', (_, text, suites) => {
    expect(suitesIn('etc/apt/sources.list', text)).toEqual(suites);
    expect(suitesIn('etc/apt/sources.list.d/more.list', text)).toEqual(suites);
  });
});

describe('deb822 format', () => {
  const stanza = (fields: Readonly<Record<string, string>>): string =>
    Object.entries({ Types: 'deb', URIs: 'http://a', Suites: 'sid', Components: 'main', ...fields })
      .map(([name, value]) => `${name}: ${value}\n`)
      .join('');

  it.each<[string, string, readonly string[]]>([
    ['one suite', stanza({}), ['sid']],
    ['several suites', stanza({ Suites: 'trixie trixie-updates' }), ['trixie', 'trixie-updates']],
    [
      'suites over several lines',
      stanza({ Suites: 'trixie\n trixie-updates\n\tsid' }),
      ['trixie', 'trixie-updates', 'sid'],
    ],
    ['suites that start on the next line', stanza({ Suites: '\n trixie' }), ['trixie']],
    ['several types', stanza({ Types: 'deb-src deb' }), ['sid']],
    ['several components', stanza({ Components: 'contrib main' }), ['sid']],
    ['field names in other case', stanza({}).toLowerCase(), ['sid']],
    ['no blank after the colon', stanza({}).replaceAll(': ', ':'), ['sid']],
    ['CRLF', stanza({}).replaceAll('\n', '\r\n'), ['sid']],
    ['no end of the last line', stanza({}).trimEnd(), ['sid']],
    ['several stanzas', `${stanza({ Suites: 'a' })}\n \t\n\n${stanza({ Suites: 'b' })}`, ['a', 'b']],
    [
      'CRLF between stanzas',
      `${stanza({ Suites: 'a' })}\n${stanza({ Suites: 'b' })}`.replaceAll('\n', '\r\n'),
      ['a', 'b'],
    ],
    ['a comment between fields', stanza({ Suites: 'a\n# b\n c' }), ['a', 'c']],
    ['a comment at the start', `# made by hand\n${stanza({})}`, ['sid']],
    ['a key in the middle', stanza({ 'Signed-By': '\n -----BEGIN-----\n .\n main: deb\n -----END-----' }), ['sid']],
    ['enabled', stanza({ Enabled: 'yes' }), ['sid']],
    ['sources only', stanza({ Types: 'deb-src' }), []],
    ['contrib only', stanza({ Components: 'contrib' }), []],
    ['no components', 'Types: deb\nSuites: sid\n', []],
    ['no suites', 'Types: deb\nComponents: main\n', []],
    ['a stanza that is a comment', stanza({}).replaceAll(/^/gm, '#'), []],
    ['nothing', '', []],
    ['junk', '\u0000\u0001<html>', []],
  ])('%s', (_, text, suites) => {
    expect(suitesIn('etc/apt/sources.list.d/debian.sources', text)).toEqual(suites);
  });

  it.each(['no', 'No', 'false', 'without', 'off', 'disable'])('disables only the stanza with Enabled: %s', (word) => {
    const text = `${stanza({ Enabled: word, Suites: 'a' })}\n${stanza({ Suites: 'b' })}`;
    expect(suitesIn('etc/apt/sources.list.d/debian.sources', text)).toEqual(['b']);
  });
});

it.each(['debian.sources.bak', 'more.list.save', 'README', 'list'])('ignores a file named %s, as apt does', (name) => {
  const text = 'deb http://a sid main\n\nTypes: deb\nSuites: sid\nComponents: main\n';
  expect(suitesIn(`etc/apt/sources.list.d/${name}`, text)).toEqual([]);
});
