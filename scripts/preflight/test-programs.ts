/** A program that tests run or compare Clair with. */
export type TestProgram = {
  readonly debianPackage: string;
  /** Detects the program: a command that succeeds, or the path of an executable. */
  readonly found: { readonly command: readonly [string, ...string[]] } | { readonly path: string };
  readonly purpose: string;
};

/**
 * The browser for tests, figures and pictures: headless Chromium, which takes a third of the processor time of Chromium
 * with a window.
 */
export const BROWSER_PROGRAM = '/usr/bin/chromium-headless-shell';

/** The programs that `npm test` needs besides Node. */
export const TEST_PROGRAMS: readonly TestProgram[] = [
  { debianPackage: 'bash', found: { command: ['bash', '-c', ':'] }, purpose: 'shell completion, integrations' },
  { debianPackage: 'bzip2', found: { command: ['bzip2', '--help'] }, purpose: 'the bzip2 decoder' },
  { debianPackage: 'cargo', found: { command: ['cargo', '--version'] }, purpose: 'Rust programs' },
  { debianPackage: 'chromium-headless-shell', found: { path: BROWSER_PROGRAM }, purpose: 'the web UI' },
  { debianPackage: 'composer', found: { path: '/usr/bin/composer' }, purpose: 'PHP packages' },
  { debianPackage: 'curl', found: { command: ['curl', '--version'] }, purpose: 'requests of old API clients' },
  { debianPackage: 'docker-registry', found: { command: ['docker-registry', '--version'] }, purpose: 'a registry' },
  { debianPackage: 'fish', found: { command: ['fish', '-c', ':'] }, purpose: 'shell completion' },
  { debianPackage: 'git', found: { command: ['git', '--version'] }, purpose: "Ubuntu's feed, the build in CI jobs" },
  { debianPackage: 'golang-go', found: { command: ['go', 'version'] }, purpose: 'Go programs' },
  { debianPackage: 'libdpkg-perl', found: { command: perl('Dpkg::Version') }, purpose: 'the order of dpkg versions' },
  { debianPackage: 'nginx', found: { path: '/usr/sbin/nginx' }, purpose: 'a load balancer in front of instances' },
  { debianPackage: 'perl', found: { command: perl('DB_File') }, purpose: 'BerkeleyDB files' },
  {
    debianPackage: 'python3-venv',
    found: { command: ['/usr/bin/python3', '-c', 'import ensurepip, venv'] },
    purpose: 'Python distributions',
  },
  { debianPackage: 'rabbitmq-server', found: { path: '/usr/lib/rabbitmq/bin/rabbitmq-server' }, purpose: 'a broker' },
  { debianPackage: 'rpm', found: { command: ['rpm', '--version'] }, purpose: 'rpm databases and versions' },
  { debianPackage: 'ruby', found: { path: '/usr/bin/ruby' }, purpose: 'Ruby gems' },
  { debianPackage: 'skopeo', found: { command: ['skopeo', '--version'] }, purpose: 'filling the registry' },
  { debianPackage: 'bsdutils', found: { command: ['script', '--version'] }, purpose: 'a pseudo-terminal' },
  { debianPackage: 'zsh', found: { command: ['zsh', '-c', ':'] }, purpose: 'shell completion' },
];

/** The programs that `npm run check:deploy` also needs. */
export const DEPLOY_PROGRAMS: readonly TestProgram[] = [
  { debianPackage: 'docker-compose', found: { command: ['docker-compose', 'version'] }, purpose: 'the compose file' },
  { debianPackage: 'postgresql-17', found: { path: '/usr/lib/postgresql/17/bin/pg_dump' }, purpose: 'backups' },
  { debianPackage: 'prometheus', found: { command: ['promtool', '--version'] }, purpose: 'alerts' },
];

function perl(module: string): readonly [string, ...string[]] {
  return ['perl', `-M${module}`, '-e', '1'];
}
