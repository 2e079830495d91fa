import { describe, expect, it } from 'vitest';
import { type Machine, preflight } from './missing-programs.ts';
import type { TestProgram } from './test-programs.ts';

const PROGRAMS: readonly TestProgram[] = [
  { debianPackage: 'nginx', found: { path: '/usr/sbin/nginx' }, purpose: 'a load balancer' },
  { debianPackage: 'zsh', found: { command: ['zsh', '-c', ':'] }, purpose: 'shell completion' },
  { debianPackage: 'rpm', found: { command: ['rpm', '--version'] }, purpose: 'rpm databases' },
];

const DEBIAN: Machine = {
  succeeds: ([command]) => command === 'rpm',
  isThere: () => false,
  hasApt: true,
  isRoot: false,
  isCi: false,
};

describe('preflight', () => {
  it('lists all missing programs with one command that installs them', () => {
    expect(preflight(PROGRAMS, DEBIAN)).toEqual({
      kind: 'refuse',
      install: ['nginx', 'zsh'],
      text: [
        'The tests need programs that are not installed:',
        '  nginx (a load balancer)',
        '  zsh (shell completion)',
        'Install on Debian: sudo apt-get install --no-install-recommends nginx zsh',
      ].join('\n'),
    });
  });

  it('is ready when no program is missing', () => {
    expect(preflight(PROGRAMS, { ...DEBIAN, succeeds: () => true, isThere: () => true })).toEqual({ kind: 'ready' });
  });

  it.each<[string, Partial<Machine>, 'install' | 'refuse']>([
    ['as root', { isRoot: true }, 'install'],
    ['in CI', { isCi: true }, 'install'],
    ['as root without apt', { isRoot: true, hasApt: false }, 'refuse'],
  ])('%s it installs or lists the programs without a prompt', (_, machine, kind) => {
    expect(preflight(PROGRAMS, { ...DEBIAN, ...machine })).toMatchObject({ kind, install: ['nginx', 'zsh'] });
  });
});
