import { describe, expect, it } from 'vitest';
import { elfFile } from '../executables/testing/elf-file.ts';
import { CLASSIFIERS } from './classifiers.ts';
import { classifiedPrograms } from './detector.ts';
import { createNameTest } from './name-test.ts';

const detector = classifiedPrograms(CLASSIFIERS);

function read(file: string, text: string): readonly string[] {
  const bytes = elfFile([{ name: '.rodata', content: Buffer.from(`\0\0\0${text}\0\0`, 'latin1'), isCode: true }]);
  const { features = [], diagnostics } = detector.read(`opt/x/bin/${file}`, bytes);
  expect(diagnostics).toEqual([]);
  return features.map(({ feature, path }) => {
    const { type, name, version, matchedAs = '-' } = feature;
    expect([type, path]).toEqual(['generic', `opt/x/bin/${file}`]);
    return `${name} ${version} ${matchedAs}`;
  });
}

describe('a program', () => {
  it.each<[file: string, text: string, expected: string]>([
    ['bash', '@(#)Bash version 5.2.37(1) release GNU', 'bash 5.2.37 -'],
    ['bun', 'https://github.com/oven-sh/bun/releases/download/bun-v1.4.5/bun-linux-x64.zip', 'bun 1.4.5 -'],
    ['busybox', 'BusyBox v1.36.1 (2024-06-10 07:11:47 UTC)', 'busybox 1.36.1 -'],
    ['curl', 'curl 8.14.1 (x86_64-pc-linux-gnu)', 'curl 8.14.1 -'],
    ['libcurl.so.4.8.0', 'libcurl/8.14.1', 'curl 8.14.1 -'],
    ['deno', 'denover2.9.6+e518fbdDeno/2.9.6+e518fbd', 'deno 2.9.6 -'],
    ['deno', "symlink target '2.2.15Deno/2.2.155f6b1329dfd377ff", 'deno 2.2.15 -'],
    ['envoy', '\x001.6.0\0RELEASE\0', 'envoy 1.6.0 envoy'],
    ['envoy', '\x001.18.6-dev\0Unable to', 'envoy 1.18.6-dev envoy'],
    ['envoy', 'envoy_quic_reset\0other\x001.28.7\0', 'envoy 1.28.7 envoy'],
    ['envoy', '\x001.36.1\0other\0envoy_reloadable_features', 'envoy 1.36.1 envoy'],
    ['beam.smp', '\x0026.1.2\0\0\0Erlang/OTP 26', 'erlang 26.1.2 -'],
    ['mongod', '\x006.0.27\0tcmalloc', 'mongodb 6.0.27 mongodb'],
    ['mongod', '\x007.0.28\0heap_size', 'mongodb 7.0.28 mongodb'],
    ['mongos', '\x008.0.17\0cppdefines', 'mongodb 8.0.17 mongodb'],
    ['beam.smp', '/usr/src/otp_src_27.1.2/erts/emulator', 'erlang 27.1.2 -'],
    ['haproxy', 'HAProxy version 2.8.3-86e043a, released 2023/09/07', 'haproxy 2.8.3 haproxy'],
    ['httpd', 'Apache/2.4.62 (Unix)', 'httpd 2.4.62 apache'],
    ['mariadbd', '11.8.9-MariaDB', 'mariadb 11.8.9 mariadb'],
    ['memcached', 'memcached 1.6.38', 'memcached 1.6.38 memcached'],
    ['mysqld', '/release/mysql-8.0.37/mysys/my_default.cc', 'mysql 8.0.37 -'],
    ['nginx', 'nginx version: nginx/1.27.2', 'nginx 1.27.2 nginx'],
    ['nginx', 'nginx version: openresty/1.25.3.2', 'nginx 1.25.3.2 nginx'],
    ['node', 'node.js/v22.14.0', 'node 22.14.0 node'],
    ['openssl', 'OpenSSL 3.0.15 3 Sep 2024', 'openssl 3.0.15 -'],
    ['libcrypto.so.1.1', 'OpenSSL 1.1.1w  11 Sep 2023', 'openssl 1.1.1w -'],
    ['perl5.40.0', '/usr/local/lib/perl5/5.40.0/x86_64', 'perl 5.40.0 -'],
    ['perl', '/usr/share/perl/5.36\0/usr/lib/perl/5.36\0v5.36.0\0panic: sysconf: %s', 'perl 5.36.0 -'],
    ['php', 'X-Powered-By: PHP/8.3.14', 'php 8.3.14 php'],
    ['postgres', 'postgres (PostgreSQL) 17.2\n', 'postgresql 17.2 postgresql'],
    ['libpython3.13.so.1.0', '3.13.1', 'python 3.13.1 python'],
    ['redis-server', 'redis 7.0.14buildkitsandbox-1702957741000000000', 'redis 7.0.14 redis'],
    ['redis-check-rdb', 'err\x007.0.15\0c11-builtin\0shutdown', 'redis 7.0.15 redis'],
    ['redis-check-rdb', '8.0.6\x0016.2.0\0c11-builtin\0shutdown', 'redis 8.0.6 redis'],
    ['redis-check-rdb', 'modules\x006.0.16\0atomic-builtin\0jemalloc', 'redis 6.0.16 redis'],
    ['libruby.so.3.3.6', 'ruby 3.3.6 (2024-11-05 revision 75015d4c1f)', 'ruby 3.3.6 ruby'],
    ['valkey-server', 'ga\x008.1.1\x007.2.4\x0014.2.0', 'valkey 8.1.1 valkey'],
    ['valkey-check-rdb', 'Running mode=%s, port=%d.\x008.0.1\x0064\x0000000000\0You', 'valkey 8.0.1 valkey'],
    ['valkey-check-rdb', "Can't open the log file: %s\x009.1.2\0include\0generic", 'valkey 9.1.2 valkey'],
  ])('is recognised by its name and a string in it: %s', (file, text, expected) => {
    expect(read(file, text)).toEqual([expected]);
  });

  it.each([
    ['another name', 'engine', 'node.js/v22.14.0'],
    ['no version', 'node', 'node.js/vX'],
    ['a version of another release', 'python3.13', '3.11.2'],
    ['a program of another project', 'php', 'nginx version: nginx/1.27.2'],
    ['another server in its place', 'mysqld', 'mysqld of another project 8.0.1'],
  ])('is not recognised with %s', (_, file, text) => {
    expect(read(file, text)).toEqual([]);
  });
});

describe('a pattern of file names', () => {
  it.each<[pattern: string, name: string, expected: boolean]>([
    ['node', 'node', true],
    ['node', 'node18', false],
    ['libpython*.so*', 'libpython3.13.so.1.0', true],
    ['libpython*.so*', 'libpython.so', true],
    ['libpython*.so*', 'libpython3.13.a', false],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['*a*b*', 'xaxbx', true],
    ['*a*b*', 'xbxax', false],
    ['ab*bc', 'abc', false],
    ['*', '', true],
  ])('%s and %s: %s', (pattern, name, expected) => {
    expect(createNameTest([pattern])(name)).toBe(expected);
  });
});
