import { describe, expect, it } from 'vitest';
import { findingOf, libraryFindingOf } from '../testing/report-builder.ts';
import { imageUpgrades } from './image-upgrades.ts';

const OPENSSL = { name: 'openssl', version: '3.0.9-1' };
const KEV = { kev: { added: '2025-01-01' } };

describe('the upgrades of an image', () => {
  it('name the packages, their layers, and the vulnerabilities that the upgrade fixes', () => {
    const findings = [
      findingOf({ id: 'CVE-1', package: 'libssl3', version: '3.0.9-1', source: OPENSSL, severity: 'Low', layer: 2 }),
      findingOf({ id: 'CVE-2', package: 'libssl3', version: '3.0.9-1', source: OPENSSL, layer: 2 }),
      findingOf({ id: 'CVE-2', package: 'openssl', version: '3.0.9-1', source: OPENSSL, fixedIn: '3.0.11-1' }),
    ];
    expect(imageUpgrades(findings)).toEqual([
      {
        type: 'deb',
        namespace: 'debian:12',
        name: 'openssl',
        packages: [
          { name: 'libssl3', version: '3.0.9-1' },
          { name: 'openssl', version: '3.0.9-1' },
        ],
        version: '3.0.11-1',
        layers: [0, 2],
        command: 'apt-get update && apt-get install -y --only-upgrade libssl3 openssl',
        severities: { High: 2, Low: 1 },
        exploited: 0,
        fixed: 3,
        vulnerabilities: ['CVE-2', 'CVE-1'],
      },
    ]);
  });

  it('with exploited vulnerabilities come first, also within an upgrade', () => {
    const exploited = findingOf({ id: 'CVE-3', package: 'zlib1g', severity: 'Low', cves: [{ id: 'CVE-3', ...KEV }] });
    const upgrades = imageUpgrades([
      findingOf({ severity: 'Critical' }),
      findingOf({ id: 'CVE-4', package: 'zlib1g', severity: 'High' }),
      exploited,
    ]);
    expect(upgrades.map(({ name, exploited: count, vulnerabilities }) => [name, count, vulnerabilities])).toEqual([
      ['zlib1g', 1, ['CVE-3', 'CVE-4']],
      ['curl', 0, ['CVE-1']],
    ]);
  });

  it('of a library have the installed version beside the name', () => {
    const [upgrade] = imageUpgrades([libraryFindingOf()]);
    expect(upgrade).toMatchObject({
      name: 'lodash',
      packages: [{ name: 'lodash', version: '4.17.20' }],
      command: 'npm install "lodash@4.17.21"',
    });
  });
});
