/**
 * Tests Java archives without a descriptor, from the image to the findings. Clair derives the group from the Java
 * packages of the classes.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DocumentedApi, documentedApi } from '../../../src/api/testing/api-documentation.ts';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { zipOf } from '../../../src/bytes/testing/zip-builder.ts';
import { jarOf } from '../../../src/worker/detectors/libraries/maven/testing/jar-builder.ts';
import { buildLayer, writeOciLayout } from '../../../src/worker/testing/image-builder.ts';
import { knowImage } from '../../../src/worker/testing/indexed-image.ts';

const LOG4J = 'org.apache.logging.log4j:log4j-core';
const GUAVA = 'com.google.guava:guava';
const CLASSES = ['org/apache/logging/log4j/core/Logger', 'org/apache/logging/log4j/core/lookup/JndiLookup'];

let server: ClairServer;
let api: DocumentedApi;
let digest: string;

beforeAll(async () => {
  server = await startClairServer();
  api = await documentedApi(server);
  const inFolder = (name: string): string => join(server.folder, name);
  const ranges = [{ type: 'ECOSYSTEM', events: [{ introduced: '2.0' }, { fixed: '2.15.0' }] }];
  const affected = [LOG4J, GUAVA].map((name) => ({ package: { ecosystem: 'Maven', name }, ranges }));
  const id = 'GHSA-jfh8-c2jp-5v3q';
  const content = JSON.stringify({ id, modified: '2099-01-01T00:00:00Z', summary: 'Log4Shell', affected });
  mkdirSync(inFolder('osv/Maven'), { recursive: true });
  writeFileSync(inFolder('osv/Maven/all.zip'), zipOf({ name: `${id}.json`, content }));
  await server.clair.updater.update('osv', { from: inFolder('osv') });
  const tar = await buildLayer({
    'opt/log4j-core-2.14.1.jar': jarOf({ classes: CLASSES }),
    'opt/fixed/log4j-core-2.17.1.jar': jarOf({ classes: CLASSES }),
    'opt/guava.jar': jarOf({ classes: ['com/google/common/base/Ascii'] }),
    'opt/own.jar': jarOf({ classes: ['com/example/shop/Main'] }),
  });
  writeOciLayout(inFolder('image'), [{ tar, createdBy: 'COPY . /' }], 'app:1');
  digest = (await knowImage(server.clair.worker, `oci:${inFolder('image')}`)).image.digest;
});
afterAll(() => server.close());

it('reports the vulnerable archive, and other archives without a version: incomplete if advisories name libraries of their domain', async () => {
  type Body = { readonly findings: readonly object[]; readonly diagnostics: readonly { readonly where: string }[] };
  const { status, body } = await api.send<Body>('GET', `/v2/images/${digest}/report`);
  expect(status).toBe(200);
  const vulnerable = { package: 'log4j-core', version: '2.14.1', paths: ['opt/log4j-core-2.14.1.jar'] };
  expect(body.findings).toEqual([expect.objectContaining({ ...vulnerable, candidates: [LOG4J], fixedIn: '2.15.0' })]);
  expect(body.diagnostics.filter(({ where }) => /guava|own/.test(where))).toEqual([
    expect.objectContaining({ where: 'opt/guava.jar', code: 'library-version-unknown', incomplete: true }),
    expect.objectContaining({ where: 'opt/own.jar', code: 'library-without-advisories', incomplete: false }),
  ]);
});
