import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { zipInMemory } from './bytes.ts';
import { readZip } from './read.ts';
import { createZipUse } from './use.ts';

it('the members of a zip archive are read from an archive that another program writes', () => {
  const script =
    'import sys,zipfile\nz=zipfile.ZipFile(sys.stdout.buffer,"w",zipfile.ZIP_DEFLATED)\nz.writestr("a.txt","alpha")\nz.writestr("b/b.txt","beta")\nz.close()';
  let zip: Buffer;
  try {
    zip = execFileSync('python3', ['-c', script]);
  } catch {
    return;
  }
  const found: string[] = [];
  const visitor = {
    member: () => 'content' as const,
    content: (name: string, bytes: Uint8Array) => void found.push(`${name}: ${Buffer.from(bytes).toString()}`),
    archive: () => visitor,
    fault: (what: string) => void found.push(`! ${what}`),
    end: () => {},
  };
  readZip(zipInMemory(zip), visitor, createZipUse());
  expect(found).toEqual(['a.txt: alpha', 'b/b.txt: beta']);
});
