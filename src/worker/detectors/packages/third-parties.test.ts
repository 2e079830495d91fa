import { describe, expect, it } from 'vitest';
import { apkThirdPartyOf, thirdPartyOf } from './third-parties.ts';

/** Maintainer, version and source package of real and made-up packages, and the third party that built each package. */
const CASES: readonly (readonly [string, string, string, string | undefined])[] = [
  ['NGINX Packaging <nginx-packaging@f5.com>', '1.25.3-1~bookworm', 'nginx', 'nginx.org'],
  ['nginx packaging <NGINX-PACKAGING@F5.COM> ', '1.25.3-1~bookworm', 'nginx', 'nginx.org'],
  ['Konstantin Pavlov <thresh@nginx.com>', '1.18.0-2~buster', 'nginx', 'nginx.org'],
  ['Docker <support@docker.com>', '5:27.0.3-1~debian.12~bookworm', 'docker-ce', 'Docker'],
  ['Containerd team <help@containerd.io>', '1.4.3-1', 'containerd.io', 'Docker'],
  ['Debian PostgreSQL Maintainers <team+postgresql@tracker.debian.org>', '17.2-1.pgdg120+1', 'postgresql-17', 'PGDG'],
  ['Debian PostgreSQL Maintainers <team+postgresql@tracker.debian.org>', '16.1-1.pgdg22.04+1', 'postgresql-16', 'PGDG'],
  [
    'Debian PHP Maintainers <team+pkg-php@tracker.debian.org>',
    '8.2.12-1+0~20231026.48+debian12~1.gbp6f4a3d',
    'php8.2',
    'deb.sury.org',
  ],
  [
    'Debian PHP Maintainers <team+pkg-php@tracker.debian.org>',
    '7.4.34-18+ubuntu20.04.1+deb.sury.org+1',
    'php7.4',
    'deb.sury.org',
  ],
  ['Matthias Klose <doko@debian.org>', '3.11.6-1+jammy1', 'python3.11', 'deadsnakes'],
  ['Ivan Iguaran <ivan@nodesource.com>', '20.18.1-1nodesource1', 'nodejs', 'NodeSource'],
  ['Nobody', '7.10.1-2nodesource1~xenial1', 'nodejs', 'NodeSource'],
  ['MariaDB Developers <developers@lists.mariadb.org>', '1:11.4.0', 'mariadb', 'mariadb.org'],
  [
    'MariaDB Developers <maria-developers@lists.launchpad.net>',
    '1:10.6.12+maria~ubu2004',
    'mariadb-10.6',
    'mariadb.org',
  ],
  ['MySQL Release Engineering <mysql-build@oss.oracle.com>', '8.0.35-1debian12', 'mysql-community', 'MySQL'],
  ['Percona Server Development Team <mysql-dev@percona.com>', '8.0.25-15-1.bookworm', 'percona-server', 'Percona'],
  ['Proxmox Support Team <support@proxmox.com>', '3.1.7-pve3', 'corosync', 'Proxmox'],
  ['cudatools <cudatools@nvidia.com>', '11.5.0-1', 'cuda', 'NVIDIA'],
  // Packages of a distribution, and rebuilds that keep the maintainer of the distribution.
  ['Debian Nginx Maintainers <pkg-nginx-maintainers@alioth-lists.debian.net>', '1.22.1-9+deb12u1', 'nginx', undefined],
  ['Debian HAProxy Maintainers <team+haproxy@tracker.debian.org>', '2.8.3-1~bpo12+1', 'haproxy', undefined],
  ['Ubuntu Developers <ubuntu-devel-discuss@lists.ubuntu.com>', '8.1.2-1ubuntu2.14', 'php8.1', undefined],
  ['Alex Doyle <adoyle@nvidia.com>', '1.0-1', 'a', undefined],
  ['Debian OpenSSL Team <pkg-openssl-devel@alioth-lists.debian.net>', '1.1.1d-0+deb10u6+rpt1', 'openssl', undefined],
  ['GRUB Maintainers <pkg-grub-devel@alioth-lists.debian.net>', '2.06-13+pmx1', 'grub2', undefined],
  ['Martin Pitt <mpitt@debian.org>', '5.5.0+debpgdg-1', 'a', undefined],
  ['Matthias Klose <doko@ubuntu.com>', '3.10.12-1~22.04.3', 'python3.10', undefined],
  ['A <a@debian.org>', '1.2-1+jammy1', 'other', undefined],
  ['In-house team <packages@example.com>', '1.2.3', 'nginx', undefined],
  ['', '1', 'nginx', undefined],
  ['someone at docker.com', '1', 'a', undefined],
];

describe('thirdPartyOf', () => {
  it.each(CASES)('%s %s of %s: %s', (maintainer, version, source, expected) => {
    expect(thirdPartyOf({ maintainer, version, source })).toBe(expected);
  });
});

it.each([
  ['NGINX Packaging <nginx-packaging@f5.com>', 'nginx.org'],
  ['Natanael Copa <ncopa@alpinelinux.org>', undefined],
  ['Docker <support@docker.com>', undefined],
  ['', undefined],
])('finds the builder of an apk package by %s: %s', (maintainer, expected) => {
  expect(apkThirdPartyOf(maintainer)).toBe(expected);
});
