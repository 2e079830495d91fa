/** A program that tests run, or compare Clair with. */
export type TestProgram = {
  /** The Debian package that has it. */
  readonly debianPackage: string;
  /** What tells that it is there: a command that succeeds, or the path of an executable. */
  readonly found: { readonly command: readonly [string, ...string[]] } | { readonly path: string };
  /** What it is for, in the line that names it as missing. */
  readonly purpose: string;
};

/** What `npm test` runs beside Node. */
export const TEST_PROGRAMS: readonly TestProgram[] = [
  { debianPackage: 'bash', found: { command: ['bash', '-c', ':'] }, purpose: 'shell completion, integrations' },
  { debianPackage: 'bzip2', found: { command: ['bzip2', '--help'] }, purpose: 'the bzip2 decoder' },
  { debianPackage: 'chromium', found: { path: '/usr/bin/chromium' }, purpose: 'the web UI' },
  { debianPackage: 'curl', found: { command: ['curl', '--version'] }, purpose: 'the API, as old clients call it' },
  { debianPackage: 'docker-registry', found: { command: ['docker-registry', '--version'] }, purpose: 'a registry' },
  { debianPackage: 'fish', found: { command: ['fish', '-c', ':'] }, purpose: 'shell completion' },
  { debianPackage: 'git', found: { command: ['git', '--version'] }, purpose: "Ubuntu's feed, the build in CI jobs" },
  { debianPackage: 'libdpkg-perl', found: { command: perl('Dpkg::Version') }, purpose: 'the order of dpkg versions' },
  { debianPackage: 'nginx', found: { path: '/usr/sbin/nginx' }, purpose: 'a load balancer in front of instances' },
  { debianPackage: 'perl', found: { command: perl('DB_File') }, purpose: 'BerkeleyDB files' },
  { debianPackage: 'rabbitmq-server', found: { path: '/usr/lib/rabbitmq/bin/rabbitmq-server' }, purpose: 'a broker' },
  { debianPackage: 'rpm', found: { command: ['rpm', '--version'] }, purpose: 'rpm databases and versions' },
  { debianPackage: 'skopeo', found: { command: ['skopeo', '--version'] }, purpose: 'filling the registry' },
  { debianPackage: 'bsdutils', found: { command: ['script', '--version'] }, purpose: 'a pseudo-terminal' },
  { debianPackage: 'zsh', found: { command: ['zsh', '-c', ':'] }, purpose: 'shell completion' },
];

/** What `npm run check:deploy` runs beside that. */
export const DEPLOY_PROGRAMS: readonly TestProgram[] = [
  { debianPackage: 'docker-compose', found: { command: ['docker-compose', 'version'] }, purpose: 'the compose file' },
  { debianPackage: 'postgresql-17', found: { path: '/usr/lib/postgresql/17/bin/pg_dump' }, purpose: 'backups' },
  { debianPackage: 'prometheus', found: { command: ['promtool', '--version'] }, purpose: 'alerts' },
];

function perl(module: string): readonly [string, ...string[]] {
  return ['perl', `-M${module}`, '-e', '1'];
}
