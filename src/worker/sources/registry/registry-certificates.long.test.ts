import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createPrivateAuthority } from '../../../bytes/testing/private-authority.ts';
import { openRegistryCertificates } from './registry-certificates.ts';

const root = mkdtempSync(join(tmpdir(), 'clair-certificates-'));
afterAll(() => rmSync(root, { recursive: true }));

const [ONE, TWO, THREE] = [1, 2, 3].map((number) => createPrivateAuthority(`${number}`).certificate.trimEnd());

function file(path: string, ...content: readonly (string | undefined)[]): string {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), content.join('\n'));
  return join(root, path);
}

async function find(host: string, files: readonly string[], ...folders: readonly string[]): Promise<readonly string[]> {
  const findCertificates = await openRegistryCertificates({ files, folders: folders.map((name) => join(root, name)) });
  return await findCertificates(host);
}

describe('certificates', () => {
  it('of named files apply to every host, with several in a file and text in between', async () => {
    const files = [file('bundle.pem', '# One', ONE, '', 'Two:', TWO, ''), file('three.pem', THREE)];
    expect(await find('a.example', files)).toEqual([ONE, TWO, THREE]);
    expect(await find('b.example:5000', files)).toEqual([ONE, TWO, THREE]);
  });

  it("of folders apply to the host in the folder's name", async () => {
    file('docker/a.example:5000/ca.crt', ONE);
    file('docker/a.example:5000/other.crt', TWO);
    file('docker/a.example:5000/client.cert', 'not looked at');
    file('docker/b.example/ca.crt', TWO);
    file('docker/b.example:443/ca.crt', THREE);
    expect(await find('a.example:5000', [], 'docker')).toEqual([ONE, TWO]);
    expect(await find('b.example', [], 'docker')).toEqual([TWO, THREE]);
    expect(await find('a.example', [], 'docker')).toEqual([]);
    expect(await find('b.example:5000', [], 'docker')).toEqual([]);
    expect(await find('a.example', [], 'not-there')).toEqual([]);
  });

  it('of all places are combined', async () => {
    file('docker/c.example/ca.crt', ONE);
    file('containers/c.example/ca.crt', TWO);
    expect(await find('c.example', [file('three.pem', THREE)], 'docker', 'containers')).toEqual([THREE, ONE, TWO]);
  });
});

describe('rejects', () => {
  const broken = `-----BEGIN CERTIFICATE-----\n${'A'.repeat(64)}\n-----END CERTIFICATE-----`;

  it.each<[string, string, RegExp]>([
    ['nothing', '', /contains no certificate in PEM format$/],
    [
      'a key',
      '-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----',
      /contains no certificate in PEM format$/,
    ],
    ['a certificate that is cut off', (ONE ?? '').slice(0, -30), /contains no certificate in PEM format$/],
    ['a broken one', broken, /contains an invalid certificate$/],
    ['a broken certificate beside a valid certificate', `${ONE}\n${broken}`, /contains an invalid certificate$/],
    ['too much', `${ONE}\n${'x'.repeat(4 * 1024 * 1024)}`, /is larger than 4194304 bytes$/],
  ])('%s', async (_, content, message) => {
    const refusal = { code: 'registry/certificate-invalid', message: expect.stringMatching(message) };
    await expect(find('a.example', [file('refused.pem', content)])).rejects.toMatchObject(refusal);
    file('refused/a.example/ca.crt', content);
    await expect(find('a.example', [], 'refused')).rejects.toMatchObject(refusal);
  });

  it('a missing file', async () => {
    await expect(find('a.example', [join(root, 'none.pem')])).rejects.toMatchObject({
      code: 'registry/certificate-invalid',
      message: expect.stringMatching(/^cannot read \S*none\.pem: ENOENT/),
    });
  });

  it('no host that is a path, but finds nothing for it', async () => {
    file('secret/ca.crt', ONE);
    expect(await find('..', [], 'secret/deeper')).toEqual([]);
  });

  it('more than 100 certificate files', async () => {
    for (let number = 0; number < 101; number += 1) file(`many/a.example/${number}.crt`, ONE);
    const refusal = {
      code: 'registry/certificate-invalid',
      message: expect.stringContaining('more than 100 certificate files'),
    };
    await expect(find('a.example', [], 'many')).rejects.toMatchObject(refusal);
    await expect(find('a.example', Array(101).fill(file('one.pem', ONE)))).rejects.toMatchObject(refusal);
    expect(await find('a.example', Array(100).fill(file('one.pem', ONE)))).toHaveLength(100);
  });
});
