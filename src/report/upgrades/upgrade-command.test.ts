import { describe, expect, it } from 'vitest';
import { upgradeCommand, type UpgradedPackage } from './upgrade-command.ts';

function command(type: string, namespace: string, names: readonly string[], version = '1.2'): string | null {
  const packages: readonly UpgradedPackage[] = names.map((name) => ({ type, namespace, package: name }));
  return upgradeCommand(packages, version);
}

describe('the command of an upgrade', () => {
  it.each<[type: string, namespace: string, names: readonly string[], expected: string | null]>([
    [
      'deb',
      'debian:12',
      ['openssl', 'libssl3', 'openssl'],
      'apt-get update && apt-get install -y --only-upgrade libssl3 openssl',
    ],
    ['apk', 'alpine:3.20', ['libcrypto3', 'libssl3'], 'apk add --no-cache --upgrade libcrypto3 libssl3'],
    ['rpm', 'rhel:9', ['openssl-libs'], 'dnf upgrade -y openssl-libs'],
    ['rpm', 'rhel:7', ['openssl-libs'], 'yum update -y openssl-libs'],
    ['rpm', 'amzn:2', ['openssl-libs'], 'yum update -y openssl-libs'],
    ['rpm', 'amzn:2023', ['openssl-libs'], 'dnf upgrade -y openssl-libs'],
    ['rpm', 'sles:15.6', ['libopenssl3'], 'zypper --non-interactive update libopenssl3'],
    ['rpm', 'opensuse-leap:15.6', ['libopenssl3'], 'zypper --non-interactive update libopenssl3'],
    ['rpm', 'photon:5.0', ['openssl'], 'tdnf upgrade -y openssl'],
    ['rpm', 'azurelinux:3', ['openssl'], 'tdnf upgrade -y openssl'],
    ['npm', 'npm', ['@babel/core'], 'npm install "@babel/core@1.2"'],
    ['pypi', 'pypi', ['jinja2'], 'pip install --upgrade "jinja2>=1.2"'],
    ['golang', 'golang', ['golang.org/x/net'], 'go get golang.org/x/net@v1.2'],
    ['golang', 'golang', ['stdlib'], null],
    ['cargo', 'cargo', ['tokio'], 'cargo update tokio --precise 1.2'],
    ['gem', 'gem', ['rails'], 'bundle update --conservative rails'],
    ['composer', 'composer', ['symfony/http-kernel'], 'composer update --with-dependencies symfony/http-kernel'],
    ['nuget', 'nuget', ['Newtonsoft.Json'], 'dotnet add package Newtonsoft.Json --version 1.2'],
    ['maven', 'maven', ['org.example:core'], null],
    ['generic', 'generic', ['nginx'], null],
  ])('for %s in %s of %j', (type, namespace, names, expected) => {
    expect(command(type, namespace, names)).toBe(expected);
  });

  it.each([
    'a; reboot',
    '$(reboot)',
    '`reboot`',
    '-o',
    'a b',
    'a\nb',
    "a'",
    'a"b',
    'a|b',
    'a>b',
    'a&b',
    '',
    '@/x',
    'ä',
  ])('is absent for the name %j, which a shell could understand differently', (name) => {
    expect(command('deb', 'debian:12', ['libssl3', name])).toBeNull();
    expect(command('npm', 'npm', ['left-pad'], name)).toBeNull();
  });

  it('does not depend on versions of system packages, which may contain any character', () => {
    expect(command('rpm', 'fedora:40', ['curl'], '1^20240101~rc1')).toBe('dnf upgrade -y curl');
  });

  it('keeps the version in the form of Go modules', () => {
    expect(command('golang', 'golang', ['golang.org/x/net'], 'v0.23.0')).toBe('go get golang.org/x/net@v0.23.0');
  });

  it('is absent without packages', () => {
    expect(upgradeCommand([], '1')).toBeNull();
  });
});
