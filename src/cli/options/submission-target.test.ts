import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { submissionTarget } from './submission-target.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-submission-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'app.tar');
writeFileSync(path, 'x');
mkdirSync(join(folder, 'layout'));

describe('a submission target', () => {
  it.each([
    ['-', { kind: 'archive', name: 'standard-input' }],
    ['sbom:-', { kind: 'sbom', name: 'standard-input' }],
    [`sbom:${path}`, { kind: 'sbom', path, name: 'app.tar' }],
    ['debian:12', { kind: 'reference', reference: 'docker.io/library/debian:12' }],
    ['registry:localhost:5000/app', { kind: 'reference', reference: 'localhost:5000/app:latest' }],
    [path, { kind: 'archive', path, name: 'app.tar' }],
    [`docker-archive:${path}`, { kind: 'archive', path, name: 'app.tar' }],
    [`oci-archive:${path}`, { kind: 'archive', path, name: 'app.tar' }],
  ])('accepts %s', (text, target) => {
    expect(submissionTarget(text)).toEqual(target);
  });

  it.each([
    [`rootfs:${folder}`, 'use clair scan'],
    [join(folder, 'layout'), 'use clair scan'],
    [`oci:${join(folder, 'layout')}:1`, 'tar -cC'],
    ['docker:app:1', 'run docker save app:1 | clair submit -'],
    [`oci-archive:${path}:1`, 'save that image alone'],
  ])('cannot be %s, and the error names the alternative', (text, what) => {
    expect(() => submissionTarget(text)).toThrow(
      expect.objectContaining({ code: 'cli/usage', message: expect.stringContaining(what) }),
    );
  });
});
