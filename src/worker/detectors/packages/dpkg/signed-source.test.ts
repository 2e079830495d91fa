import { describe, expect, it } from 'vitest';

import { signedSource } from './signed-source.ts';

/**
 * Cases of a source package, its version, the binary version, `Built-Using`, and the signed source package, from Debian
 * 10 to 13 and Ubuntu 18.04 to 24.04.
 */
const CASES: readonly (readonly [string, string, string, string, string | undefined])[] = [
  ['linux-signed-amd64', '6.1.170+3', '6.1.170-3', '', 'linux 6.1.170-3'],
  ['linux-signed-amd64', '6.12.118+1', '6.12.118-1', 'linux (= 6.12.118-1)', 'linux 6.12.118-1'],
  ['linux-signed-arm64', '4.19.235+1', '4.19.235-1', '', 'linux 4.19.235-1'],
  ['linux-signed-i386', '6.7~rc5+1~exp1', '6.7~rc5-1~exp1', '', 'linux 6.7~rc5-1~exp1'],
  ['linux-signed-amd64', '6.1.38+2~bpo11+1', '6.1.38-2~bpo11+1', '', 'linux 6.1.38-2~bpo11+1'],
  ['linux-signed-5.10-amd64', '5.10.216+1~deb10u1', '5.10.216-1~deb10u1', '', 'linux-5.10 5.10.216-1~deb10u1'],
  ['linux-signed', '5.15.0-91.101', '5.15.0-91.101', '', 'linux 5.15.0-91.101'],
  ['linux-signed', '6.8.0-142.142', '6.8.0-142.142', 'linux (= 6.8.0-142.142)', 'linux 6.8.0-142.142'],
  ['linux-signed-hwe-5.4', '5.4.0-144.161~18.04.1', '5.4.0-144.161~18.04.1', '', 'linux-hwe-5.4 5.4.0-144.161~18.04.1'],
  [
    'linux-signed-azure',
    '5.4.0-1010.10+1',
    '5.4.0-1010.10',
    'linux-azure (= 5.4.0-1010.10)',
    'linux-azure 5.4.0-1010.10',
  ],
  ['grub-efi-amd64-signed', '1+2.12+9+deb13u4', '1+2.12+9+deb13u4', 'grub2 (= 2.12-9+deb13u4)', 'grub2 2.12-9+deb13u4'],
  ['grub-efi-amd64-signed', '1+2.12+9+deb13u4', '1+2.12+9+deb13u4', '', 'grub2 2.12-9+deb13u4'],
  ['grub-efi-arm64-signed', '1+2.06+3~deb11u6', '1+2.06+3~deb11u6', '', 'grub2 2.06-3~deb11u6'],
  ['grub-efi-ia32-signed', '1+2.02+dfsg1+20+deb10u4', '1+2.02+dfsg1+20+deb10u4', '', 'grub2 2.02+dfsg1-20+deb10u4'],
  ['shim-helpers-amd64-signed', '1+16.1+2~deb13u1', '1+16.1+2~deb13u1', '', 'shim 16.1-2~deb13u1'],
  [
    'shim-helpers-amd64-signed',
    '1+15+1533136590.3beb971+7',
    '1+15+1533136590.3beb971+7',
    'shim (= 15+1533136590.3beb971-7)',
    'shim 15+1533136590.3beb971-7',
  ],
  ['shim-signed', '1.51~1+deb13u1', '1.51~1+deb13u1+16.1-2~deb13u1', '', 'shim 16.1-2~deb13u1'],
  ['shim-signed', '1.33', '1.33+15+1533136590.3beb971-7', '', 'shim 15+1533136590.3beb971-7'],
  ['shim-signed', '1.51', '1.51', '', undefined],
  ['fwupd-amd64-signed', '1.2.5+2', '1.2.5+2', '', 'fwupd 1.2.5-2'],
  ['fwupd-amd64-signed', '1:1.7+1', '1:1.7+1', '', 'fwupd-efi 1:1.7-1'],
  ['fwupd-amd64-signed', '1:1.7+1', '1:1.7+1', 'fwupd-efi (= 1:1.7-1)', 'fwupd-efi 1:1.7-1'],
  [
    'fwupd-signed',
    '1.51.1~22.04.1',
    '1.51.1~22.04.1+1.4-0ubuntu0.1',
    'fwupd-efi (= 1.4-0ubuntu0.1)',
    'fwupd-efi 1.4-0ubuntu0.1',
  ],
  ['grub2-signed', '1.202', '1.202+2.12-1ubuntu7', 'grub2 (= 2.12-1ubuntu7)', 'grub2 2.12-1ubuntu7'],
  ['grub2-signed', '1.167.2', '1.167.2+2.04-1ubuntu44.2', '', 'grub2 2.04-1ubuntu44.2'],
  [
    'grub2-signed',
    '1.187.6~20.04.1',
    '1.187.6~20.04.1+2.06-2ubuntu14.4',
    'golang-1.19 (= 1.19.8-2), grub2-unsigned (= 2.06-2ubuntu14.4)',
    'grub2-unsigned 2.06-2ubuntu14.4',
  ],
  ['systemd-boot-efi-amd64-signed', '257.13+1~deb13u1', '257.13-1~deb13u1', '', 'systemd 257.13-1~deb13u1'],
  // Built-Using of an unrelated source package is ignored.
  ['linux-signed-amd64', '6.1.170+3', '6.1.170-3', 'rustc (= 1.63.0)', 'linux 6.1.170-3'],
  ['linux-signed-amd64', '6.1.170', '6.1.170', '', undefined],
  ['grub-efi-amd64-signed', '2.06', '2.06', '', undefined],
  // These source packages do not contain signed code.
  ['linux', '6.1.170-3', '6.1.170-3', '', 'linux 6.1.170-3'],
  ['linux-latest', '105+deb10u9', '4.19+105+deb10u9', '', 'linux-latest 105+deb10u9'],
  ['linux-meta', '5.15.0.91.88', '5.15.0.91.88', '', 'linux-meta 5.15.0.91.88'],
  ['python-signedjson', '1.1.4-2', '1.1.4-2', '', 'python-signedjson 1.1.4-2'],
  ['podman', '5.4.2-1', '5.4.2-1+b2', 'grub2 (= 1-1)', 'podman 5.4.2-1'],
];

describe('signedSource', () => {
  it.each(CASES)('%s %s, binary %s, "%s", gives %s', (name, sourceVersion, version, builtUsing, expected) => {
    const found = signedSource({ source: { name, version: sourceVersion }, version, builtUsing });
    expect(found && `${found.name} ${found.version}`).toBe(expected);
  });
});
