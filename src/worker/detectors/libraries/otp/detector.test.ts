import { describe, expect, it } from 'vitest';
import { MAX_APPLICATION_BYTES } from './application-file.ts';
import { otpApplications } from './detector.ts';

const PATH = 'srv/app/lib/cowboy-2.9.0/ebin/cowboy.app';

function read(text: string, path = PATH) {
  const { features = [], diagnostics } = otpApplications.read(path, Buffer.from(text));
  return { found: features.map(({ feature, path: at }) => `${feature.name} ${feature.version} at ${at}`), diagnostics };
}

describe('an Erlang application', () => {
  it.each([
    ['as rebar3 writes it', '{application,cowboy,[{description,"Small, fast"},{vsn,"2.9.0"},{modules,[a,b]}]}.'],
    [
      'as mix writes it',
      '{application,cowboy,\n [{modules,[\'Elixir.A\',b]},\n  {vsn,"2.9.0"},\n  {env,[{a,<<"x">>}]}]}.\n',
    ],
    [
      'with comments and escapes',
      '%% {vsn,"1.0"}\n{application, \'cowboy\', [{description,"a \\"{vsn,\\" b"},{vsn, % x\n "2.9.0"}]}.',
    ],
    ['with another `vsn` further inside', '{application,cowboy,[{env,[{vsn,"1.0"},{a,{vsn,"1.1"}}]},{vsn,"2.9.0"}]}.'],
  ])('has its name and version: %s', (_, text) => {
    expect(read(text)).toEqual({ found: [`cowboy 2.9.0 at ${PATH}`], diagnostics: [] });
  });

  it('is nothing outside of `ebin`', () => {
    expect(read('{application,cowboy,[{vsn,"2.9.0"}]}.', 'srv/cowboy.app')).toEqual({ found: [], diagnostics: [] });
    expect(read('', 'srv/my-ebin/cowboy.app')).toEqual({ found: [], diagnostics: [] });
  });

  it.each([
    ['no name', ''],
    ['no name', 'application'],
    ['no name', '{application,"cowboy",[{vsn,"2.9.0"}]}.'],
    ['no name', '{release,cowboy,[{vsn,"2.9.0"}]}.'],
    ['the name "ranch", which differs from the file name', '{application,ranch,[{vsn,"2.9.0"}]}.'],
    ['no version', '{application,cowboy,[]}.'],
    ['no version', '{application,cowboy,[{vsn,git}]}.'],
    ['no version', '{application,cowboy,[{vsn,{cmd,"git describe"}}]}.'],
    ['no version', '{application,cowboy,[{vsn,"2.9.0'],
    ['no version', '{application,cowboy,[]},[{vsn,"2.9.0"}]'],
    ['an empty version', '{application,cowboy,[{vsn,""}]}.'],
    ['a version with unprintable characters', '{application,cowboy,[{vsn,"2\u0000"}]}.'],
    ['no version', `{application,cowboy,[${'{a,'.repeat(200_000)}`],
    ['no version', `{application,cowboy,[${'"\\'.repeat(500_000)}`],
    ['no version', `{application,cowboy,[${' '.repeat(MAX_APPLICATION_BYTES)}{vsn,"2.9.0"}]}.`],
  ])('is reported with %s', (why, text) => {
    const message = `"${PATH}" was skipped: it has ${why}`;
    expect(read(text)).toEqual({ found: [], diagnostics: [{ code: 'library-unreadable', message, where: PATH }] });
  });
});
