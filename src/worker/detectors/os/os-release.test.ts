import { describe, expect, it } from 'vitest';
import { osRelease } from './os-release.ts';

const PATH = 'etc/os-release';

function read(text: string): ReturnType<typeof osRelease.read> {
  return osRelease.read(PATH, Buffer.from(text));
}

describe('an assignment', () => {
  it.each<[string, string, string]>([
    ['bare', 'debian', 'debian'],
    ['in double quotes', '"Debian GNU/Linux"', 'Debian GNU/Linux'],
    ['in single quotes', "'Debian GNU/Linux'", 'Debian GNU/Linux'],
    ['empty', '', ''],
    ['empty in quotes', '""', ''],
    ['with another equals sign', 'a=b', 'a=b'],
    ['of several quoted parts', `"a b"'c d'e`, 'a bc de'],
    ['with the other quote inside of double quotes', `"it's"`, "it's"],
    ['with the other quote inside of single quotes', `'say "so"'`, 'say "so"'],
    ['with escapes in double quotes', '"\\"a\\" \\\\ \\$b \\`c\\`"', '"a" \\ $b `c`'],
    ['with a backslash that escapes nothing in double quotes', '"a\\nb"', 'a\\nb'],
    ['with a backslash in single quotes', "'a\\b'", 'a\\b'],
    ['with an escape outside of quotes', 'a\\ b', 'a b'],
    ['with a comment after it', 'debian # the stable one', 'debian'],
    ['with a hash sign inside of the word', 'a#b', 'a#b'],
    ['with a hash sign in quotes', '"a # b"', 'a # b'],
    ['with a tab after it', 'debian\t', 'debian'],
    ['with a second command after it', 'debian; NAME=x', 'debian'],
    ['with letters beyond ASCII', '"Débian 稳定"', 'Débian 稳定'],
    ['with a line separator of Unicode', '"a\u2028b"', 'a\u2028b'],
    ['with a quote that is never closed', '"debian', 'debian'],
  ])('%s', (_, word, value) => {
    expect(read(`ID=${word}\n`)).toEqual({ release: { ID: value }, diagnostics: [] });
  });

  it.each<[string, string]>([
    ['LF', 'ID=debian\nVERSION_ID="12"\n'],
    ['CRLF', 'ID=debian\r\nVERSION_ID="12"\r\n'],
    ['no end of the last line', 'ID=debian\nVERSION_ID="12"'],
    ['blank lines between', '\n\nID=debian\n \t\n\nVERSION_ID="12"\n\n'],
    ['comments between', '# made by hand\nID=debian\n  # VERSION_ID="11"\nVERSION_ID="12"\n'],
    ['blanks before', '  ID=debian\n\tVERSION_ID="12"\n'],
    ['a byte order mark', '\ufeffID=debian\nVERSION_ID="12"\n'],
    ['lines between that assign nothing', 'ID=debian\nhello\nexport\n=x\n1A=b\nVERSION_ID="12"\n'],
    ['the same name twice: the later assignment is used', 'ID=other\nID=debian\nVERSION_ID="12"\n'],
  ])('is read with %s', (_, text) => {
    expect(read(text)).toEqual({ release: { ID: 'debian', VERSION_ID: '12' }, diagnostics: [] });
  });

  it('is read when its name has digits or lower case', () => {
    expect(read('_a1=x\nID=debian\n').release).toEqual({ _a1: 'x', ID: 'debian' });
  });
});

describe('a file without assignments', () => {
  it.each<[string, string]>([
    ['an empty one', ''],
    ['only comments', '# ID=debian\n'],
    ['a page of a web server', '<html><body class="error">Not found</body></html>\n'],
    ['binary junk', '\u0000\u0001\u007fELF\u0002'],
  ])('%s causes a diagnostic with the file name', (_, text) => {
    const message = `${PATH} has no assignment such as ID=debian`;
    expect(read(text)).toEqual({ diagnostics: [{ code: 'release-file-unreadable', message, where: PATH }] });
  });
});
