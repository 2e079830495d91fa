import { existsSync, readFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { zipOf } from '../../../../src/bytes/testing/zip-builder.ts';
import { elfFile } from '../../../../src/worker/detectors/libraries/executables/testing/elf-file.ts';
import type { BuiltSection } from '../../../../src/worker/detectors/libraries/executables/testing/field-writer.ts';
import { fatMachOFile, machOFile } from '../../../../src/worker/detectors/libraries/executables/testing/mach-o-file.ts';
import {
  elfProgram,
  ET,
  machOProgram,
  peProgram,
} from '../../../../src/worker/detectors/libraries/executables/testing/program-file.ts';
import { peFile } from '../../../../src/worker/detectors/libraries/executables/testing/pe-file.ts';
import {
  inlineInformation,
  linesOf,
  pointerInformation,
} from '../../../../src/worker/detectors/libraries/golang/testing/build-information.ts';
import { jarOf } from '../../../../src/worker/detectors/libraries/maven/testing/jar-builder.ts';
import {
  bundleFile,
  DEPS_JSON as DEPS_FILE,
} from '../../../../src/worker/detectors/libraries/nuget/testing/bundle-file.ts';
import {
  isNoCargo,
  isNoComposer,
  isNoGo,
  isNoJar,
  isNoJava,
  isNoLockfile,
  isNoNginx,
  isNoBoot,
  isNoBundle,
  isNoNpm,
  isNoNuget,
  isNoOrigin,
  isNoPlugAndPlay,
  isNoPypi,
  isNotPacked,
} from './rules.ts';

/** The bytes of a file that a library detector reads, at a path where the file is evidence. */
export type LibrarySample = {
  readonly name: string;
  readonly path: string;
  readonly bytes: Buffer;
  /**
   * Returns whether a detector may find nothing at this path, without a diagnostic, because the bytes are not evidence.
   */
  readonly isNone: (bytes: Buffer) => boolean;
};

const NEVER = (): boolean => false;
const ALWAYS = (): boolean => true;

const SITE = 'usr/lib/python3/dist-packages';

/** Returns small inputs of each ecosystem. */
export function librarySamples(): readonly LibrarySample[] {
  return [...texts(), ...archives(), ...programs()];
}

function texts(): readonly LibrarySample[] {
  const text = (path: string, content: string, isNone: LibrarySample['isNone']): LibrarySample => {
    return { name: path, path, bytes: Buffer.from(content), isNone };
  };
  const packages = ['alpha', 'beta'].map((name) => ({ name: `example/${name}`, version: '1.2.0', source: {} }));
  return [
    text(
      'srv/app/node_modules/@scope/a/package.json',
      JSON.stringify(
        { name: '@scope/a', version: '1.0.0-rc.1', engines: { node: '>=18' }, keywords: ['a', 'b'] },
        null,
        2,
      ),
      isNoNpm,
    ),
    text('usr/share/nodejs/b/package.json', '{"name":"b","version":"2.0.0"}', isNoNpm),
    text('srv/app/node_modules/c/package.json', '['.repeat(50_000), isNoNpm),
    text(
      'srv/app/node_modules/.package-lock.json',
      JSON.stringify({
        name: 'app',
        lockfileVersion: 3,
        packages: {
          'node_modules/a': { version: '1.0.0', dev: true, bundleDependencies: ['b'] },
          'node_modules/a/node_modules/b': { version: '2.0.0', inBundle: true },
          'packages/c': { link: true },
        },
      }),
      isNoLockfile,
    ),
    text('srv/app/.pnp.cjs', '/* eslint-disable */ module.exports = {};', NEVER),
    text(
      'srv/app/.pnp.cjs',
      `const RAW_RUNTIME_STATE =\n'{\\\n"packageRegistryData": [[null, [[null, {}]]], ["lodash", [["npm:4.17.20", {}]]]]}';\n`,
      isNoPlugAndPlay,
    ),
    text(
      `${SITE}/a_b-1.0.dist-info/METADATA`,
      'Metadata-Version: 2.1\nName: A.b\nVersion: 1.0+local\nSummary: a\n  folded\n\nVersion: 2\n',
      isNoPypi,
    ),
    text(`${SITE}/c-1!2.0rc1.egg-info/PKG-INFO`, 'Metadata-Version: 1.1\r\nName: c\r\nVersion: 1!2.0rc1\r\n', isNoPypi),
    text(`${SITE}/d-3.egg-info`, 'Metadata-Version: 1.0\nName: d\nVersion: 3\n', isNoPypi),
    text(`${SITE}/a_b-1.0.dist-info/INSTALLER`, 'debian\n', ALWAYS),
    text(
      `${SITE}/a_b-1.0.dist-info/direct_url.json`,
      '{"url":"https://user@example.org/a.git","vcs_info":{"vcs":"git","commit_id":"0"}}',
      isNoOrigin,
    ),
    {
      name: 'a zipped egg',
      path: `${SITE}/e-1.0-py3.egg`,
      bytes: zipOf({ name: 'EGG-INFO/PKG-INFO', content: 'Name: e\nVersion: 1.0\n' }),
      isNone: isNotPacked,
    },
    text(
      'var/lib/gems/3.3.0/specifications/a-1.0.gemspec',
      '# -*- encoding: utf-8 -*-\n# stub: a 1.0 ruby lib\n\nGem::Specification.new do |s|\n' +
        '  s.name = "a".freeze\n  s.version = "1.0.0.rc1"\n  s.platform = "x86_64-linux".freeze\nend\n',
      NEVER,
    ),
    text(
      'srv/site/vendor/composer/installed.json',
      JSON.stringify({ packages, dev: true, 'dev-package-names': ['example/beta'] }, null, 4),
      isNoComposer,
    ),
    text('srv/old/vendor/composer/installed.json', JSON.stringify(packages), isNoComposer),
    text('srv/web/web.deps.json', DEPS_JSON, isNoNuget),
    text(
      'srv/app/lib/cowboy-2.9.0/ebin/cowboy.app',
      '%% cowboy\n{application,\'cowboy\',\n [{description,"Small \\"fast\\""},\n  {vsn,"2.9.0"},\n  {modules,[a,b]}]}.\n',
      NEVER,
    ),
    text(
      'opt/conda/conda-meta/zlib-1.3.1-h4ab18f5_1.json',
      JSON.stringify({ build: 'h4ab18f5_1', files: ['lib/libz.so.1'], name: 'zlib', version: '1.3.1' }, null, 2),
      NEVER,
    ),
    text(
      'opt/java/release',
      'IMPLEMENTOR="Eclipse Adoptium"\nJAVA_RUNTIME_VERSION="21.0.5+11-LTS"\nJAVA_VERSION="21.0.5"\nOS_NAME="Linux"\n',
      isNoJava,
    ),
  ];
}

function archives(): readonly LibrarySample[] {
  const jar = {
    poms: ['org.example:a:1.0'],
    manifest: { 'Implementation-Version': '1.0' },
    classes: ['org/example/a/A'],
  };
  const boot = { members: { 'BOOT-INF/lib/b-1.0.jar': jarOf({ classes: ['com/example/b/B'] }) }, isStored: true };
  return [
    { name: 'a Java archive', path: 'usr/share/java/a-1.0.jar', bytes: jarOf(jar), isNone: isNoJar },
    { name: 'an archive in an archive', path: 'srv/app.jar', bytes: jarOf(boot), isNone: isNoBoot },
  ];
}

const DEPS_JSON = JSON.stringify({
  runtimeTarget: { name: '.NETCoreApp,Version=v8.0/linux-x64' },
  targets: { '.NETCoreApp,Version=v8.0/linux-x64': { 'Alpha/1.0.0': { runtime: { 'lib/net8.0/Alpha.dll': {} } } } },
  libraries: { 'Alpha/1.0.0': { type: 'package' } },
});
const CODE: BuiltSection = { name: '.text', content: Buffer.from('\xff Go build ID: "x"code', 'latin1'), isCode: true };
const NGINX: BuiltSection = { name: '.rodata', content: Buffer.from('\0nginx version: nginx/1.27.2\0') };
const LINES = linesOf(
  'path example.com/app',
  'mod example.com/app v1.2.3 h1:x=',
  'dep example.org/alpha v1.0.0 h1:x=',
  'dep example.org/beta v0.1.0',
  '=> example.net/fork v0.1.1 h1:x=',
  'build -ldflags="-X main.version=9.2.4"',
);
const CRATES = JSON.stringify({
  packages: ['alpha', 'beta'].map((name) => ({ name, version: '1.0.0', source: 'crates.io', dependencies: [0] })),
});

function programs(): readonly LibrarySample[] {
  const [is64, isLittleEndian] = [true, true];
  const go: BuiltSection = { name: '.go.buildinfo', content: inlineInformation('go1.24.4', LINES) };
  const table: BuiltSection = { name: '.gopclntab', content: Buffer.from('functions') };
  const pointers: BuiltSection = {
    name: '.go.buildinfo',
    content: pointerInformation('go1.17', LINES, { address: 0x10_0000, is64, isLittleEndian }),
    address: 0x10_0000,
  };
  const rust: BuiltSection = { name: '.dep-v0', content: deflateSync(CRATES) };
  const named = (name: string, bytes: Buffer, isNone: LibrarySample['isNone']): LibrarySample => {
    return { name, path: 'usr/bin/app', bytes, isNone };
  };
  const forms = (what: string, sections: readonly BuiltSection[], isNone: LibrarySample['isNone']) => [
    named(`${what} in ELF`, elfFile([CODE, ...sections]), isNone),
    named(
      `${what} in ELF, 32 bits, big endian`,
      elfFile([CODE, ...sections], { is64: false, isLittleEndian: false }),
      isNone,
    ),
    named(`${what} in PE`, peFile([CODE, ...sections]), isNone),
    named(`${what} in Mach-O`, machOFile([CODE, ...sections]), isNone),
    named(
      `${what} in Mach-O for two processors`,
      fatMachOFile([machOFile([CODE]), machOFile([CODE, ...sections])]),
      isNone,
    ),
  ];
  return [
    ...forms('Go', [go, table], isNoGo),
    { ...named('a recognised program', elfFile([NGINX, CODE]), isNoNginx), path: 'usr/sbin/nginx' },
    named(
      'a single-file application of .NET',
      bundleFile({ files: [{ path: 'web.deps.json', type: DEPS_FILE, content: DEPS_JSON }] }),
      isNoBundle,
    ),
    named('Go without a section table', elfFile([CODE, go], { hasSectionTable: false }), isNoGo),
    named('Go by pointers', elfFile([CODE, pointers, table]), isNoGo),
    ...forms('Rust', [rust], isNoCargo),
    named('a program in ELF', elfProgram({ type: ET.shared, interpreter: '/lib/ld.so', dynamic: [[1, 1]] }), ALWAYS),
    named('a program in ELF, 32 bits, big endian', elfProgram({ is64: false, isLittleEndian: false }), ALWAYS),
    named('a program in PE', peProgram(), ALWAYS),
    named('a program in Mach-O for two processors', fatMachOFile([machOProgram(), machOProgram()]), ALWAYS),
    ...(existsSync('/bin/true') ? [named('a program of the system', readFileSync('/bin/true'), ALWAYS)] : []),
  ];
}
