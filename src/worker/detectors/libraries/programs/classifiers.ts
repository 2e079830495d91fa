import type { Classifier } from './classifier.ts';

/**
 * Returns the user's classifiers and the Clair classifiers; a user's classifier replaces all Clair classifiers
 * with the same name.
 */
export function classifiersWith(own: readonly Classifier[]): readonly Classifier[] {
  const names = new Set(own.map(({ name }) => name));
  return [...own, ...CLASSIFIERS.filter(({ name }) => !names.has(name))];
}

/**
 * The programs that Clair recognises. Go and traefik are found by their build information (`go-programs`), and Java by
 * its `release` file. The expressions match strings in real builds of Debian, Alpine, npm and the projects themselves.
 */
export const CLASSIFIERS: readonly Classifier[] = [
  { name: 'bash', files: ['bash', 'bash-static'], expressions: ['@(#)Bash version {version}('] },
  {
    name: 'bun',
    files: ['bun', 'bunx', 'bun-profile'],
    expressions: ['/bun-v{version}/bun-', 'Bun/{version}\\0', 'bun add v{version} ('],
  },
  {
    name: 'busybox',
    files: ['busybox*', 'bbstatic'],
    expressions: ['BusyBox v{version} (', 'BusyBox v{version}\\0'],
  },
  { name: 'curl', files: ['curl'], expressions: ['\\0curl {version} (', '\\0curl/{version}\\0'] },
  { name: 'curl', files: ['libcurl*.so*'], expressions: ['libcurl/{version}\\0', 'CLIENT libcurl {version}'] },
  {
    name: 'deno',
    files: ['deno'],
    // A commit hash may follow the version directly, as in `2.2.15Deno/2.2.155f6b13`.
    expressions: ['Deno/{version}+', '{version}Deno/{number}', 'Deno/{version}'],
  },
  {
    name: 'envoy',
    files: ['envoy', 'envoy-contrib'],
    expressions: [
      '\\0{semver}\\0RELEASE\\0',
      '\\0{semver}\\0Unable to',
      '\\0{semver}\\0{gap}envoy_reloadable_features',
      '\\0{semver}\\0{gap}envoy.reloadable_features',
      'envoy_quic_{gap}\\0{semver}\\0',
    ],
    bitnami: 'envoy',
  },
  {
    name: 'erlang',
    files: ['beam.smp', 'erlexec'],
    expressions: ['/otp_src_{version}/erts/', '/src/otp-{version}/erts/', '\\0{version}{zeros}Erlang/OTP'],
  },
  {
    name: 'haproxy',
    files: ['haproxy'],
    expressions: [
      ' version {version}-{word}, released ',
      ' version {version}, released ',
      'HA-Proxy version {version}',
    ],
    bitnami: 'haproxy',
  },
  {
    name: 'httpd',
    files: ['httpd', 'apache2'],
    expressions: ['\\0Apache/{version}\\0', '\\0Apache/{version} ('],
    bitnami: 'apache',
  },
  {
    name: 'mariadb',
    files: ['mariadbd', 'mariadb', 'mysqld', 'mysql', 'libmariadbd.so*'],
    expressions: ['\\0{version}-MariaDB', '\\0MariaDB {version}\\0'],
    bitnami: 'mariadb',
  },
  {
    name: 'memcached',
    files: ['memcached'],
    expressions: ['\\0memcached {version}\\0', '\\0VERSION {version}\\0'],
    bitnami: 'memcached',
  },
  {
    name: 'mongodb',
    files: ['mongod', 'mongos'],
    expressions: ['{semver}\\0tcmalloc', '{semver}{zeros}heap_size', '{semver}{zeros}cppdefines'],
    bitnami: 'mongodb',
  },
  { name: 'mysql', files: ['mysqld', 'mysql'], expressions: ['/mysql-{version}/', '/mysql-{version}-'] },
  {
    name: 'nginx',
    files: ['nginx', 'nginx-debug'],
    expressions: ['nginx version: nginx/{version}', 'nginx version: openresty/{version}', '\\0Server: nginx/{version}'],
    bitnami: 'nginx',
  },
  {
    name: 'node',
    files: ['node', 'nodejs', 'libnode.so*'],
    expressions: ['node.js/v{version}', 'nodejs.org/download/release/v{version}/', '\\0node v{version}\\0'],
    bitnami: 'node',
  },
  {
    name: 'openssl',
    files: ['libcrypto.so*', 'libcrypto-*.so*', 'openssl'],
    expressions: ['\\0OpenSSL {version} {number} ', '\\0OpenSSL {version}  {number} ', '\\0OpenSSL {version}\\0'],
  },
  {
    name: 'perl',
    files: ['perl', 'perl5*', 'libperl.so*'],
    // Debian has a directory for each series, such as `/usr/share/perl/5.36`.
    expressions: ['supported by Perl {version}\\0', '\\0v{version}\\0panic: ', '/perl5/{version}', '/perl/{version}'],
  },
  {
    name: 'php',
    files: ['php*', 'libphp*.so*'],
    expressions: ['X-Powered-By: PHP/{version}'],
    bitnami: 'php',
  },
  {
    name: 'postgresql',
    files: ['postgres'],
    expressions: ['postgres (PostgreSQL) {version}', '\\0PostgreSQL {version} on '],
    bitnami: 'postgresql',
  },
  {
    name: 'python',
    files: ['python*', 'libpython*.so*'],
    expressions: ['\\0{release}.{patch}\\0', '/Python-{release}.{patch}\\0'],
    bitnami: 'python',
  },
  {
    name: 'redis',
    files: ['redis-server', 'redis-check-rdb', 'redis-check-aof', 'redis-sentinel'],
    expressions: [
      '{version}buildkitsandbox-{number}',
      '\\0{version}\\0{number}\\0c11-builtin\\0',
      '\\0{version}\\0{number}\\0atomic-builtin\\0',
      '\\0{version}\\0c11-builtin\\0',
      '\\0{version}\\0atomic-builtin\\0',
      'Redis version {version}',
    ],
    bitnami: 'redis',
  },
  {
    name: 'ruby',
    files: ['ruby*', 'libruby*.so*'],
    expressions: ['ruby {version} (20', 'ruby {version}p{number} (20'],
    bitnami: 'ruby',
  },
  {
    name: 'valkey',
    files: ['valkey-server', 'valkey-check-rdb', 'valkey-check-aof', 'valkey-sentinel'],
    expressions: [
      '{version}buildkitsandbox-{number}',
      '\\0ga\\0{version}\\0{number}\\0',
      '\\0{version}\\0{number}\\0{number}\\0c11-builtin\\0',
      'Running mode=%s, port=%d.\\0{version}\\0{number}\\0',
      "Can't open the log file: %s\\0{version}\\0",
    ],
    bitnami: 'valkey',
  },
];
