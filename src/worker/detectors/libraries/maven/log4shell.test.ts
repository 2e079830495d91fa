/**
 * Tests where in an image Clair finds log4j-core 2.14.1, which CVE-2021-44228 (Log4Shell) affects, and where it does
 * not.
 */
import { describe, expect, it } from 'vitest';
import { inChunks, type Member, tarOf } from '../../../../bytes/testing/tar-builder.ts';
import { readLayer } from '../../../layer/layer-reader.ts';
import { initialState, nextState } from '../../../layer/layer-state.ts';
import { javaArchives } from './detector.ts';
import { jarOf } from './testing/jar-builder.ts';

const JNDI = 'org/apache/logging/log4j/core/lookup/JndiLookup';
const POM = 'META-INF/maven/org.apache.logging.log4j/log4j-core/pom.properties';

function log4j(version: string): Buffer {
  return jarOf({ poms: [`org.apache.logging.log4j:log4j-core:${version}`], classes: [JNDI] });
}

const VULNERABLE = log4j('2.14.1');
const EAR = jarOf({ members: { 'shop.war': jarOf({ members: { 'WEB-INF/lib/log4j-core-2.14.1.jar': VULNERABLE } }) } });
const APP = 'org.example:app:1.0';

const file = (name: string, content: Buffer): Member => ({ name, content });

/** Returns the paths and versions of log4j-core in an image with these layers, and the codes of diagnostics. */
async function found(...layers: readonly (readonly Member[])[]): Promise<readonly string[]> {
  let state = initialState();
  let lines: readonly string[] = [];
  for (const members of layers) {
    const source = { where: 'layer.tar', open: async () => inChunks(tarOf(...members)) };
    const next = nextState(state, (await readLayer(source, [javaArchives])).contents, [javaArchives]);
    state = next.state;
    const { features, diagnostics } = next.conclusion;
    lines = [
      ...[...features.values()].flatMap(({ feature: { name, version }, path }) => {
        return name === 'org.apache.logging.log4j:log4j-core' ? [`${version} at ${path}`.trim()] : [];
      }),
      ...diagnostics.map(({ code }) => code).filter((code) => code.startsWith('library-')),
    ];
  }
  return lines;
}

describe('log4j-core is found', () => {
  it.each<[what: string, layers: readonly (readonly Member[])[], expected: readonly string[]]>([
    [
      'as an archive',
      [[file('opt/log4j-core-2.14.1.jar', VULNERABLE)]],
      [`2.14.1 at opt/log4j-core-2.14.1.jar!/${POM}`],
    ],
    [
      'in a war in an ear',
      [[file('opt/shop.ear', EAR)]],
      [`2.14.1 at opt/shop.ear!/shop.war!/WEB-INF/lib/log4j-core-2.14.1.jar!/${POM}`],
    ],
    [
      'shaded with its descriptor',
      [
        [
          file(
            'opt/app-1.0.jar',
            jarOf({ poms: [APP, 'org.apache.logging.log4j:log4j-core:2.14.1'], classes: [JNDI] }),
          ),
        ],
      ],
      [`2.14.1 at opt/app-1.0.jar!/${POM}`],
    ],
    [
      'shaded without its descriptor, with an incomplete result',
      [[file('opt/app-1.0.jar', jarOf({ poms: [APP], classes: [JNDI] }))]],
      [`at opt/app-1.0.jar!/${JNDI}.class`, 'library-version-unknown'],
    ],
    [
      'below other layers',
      [[file('opt/log4j-core-2.14.1.jar', VULNERABLE)], [file('opt/other.jar', jarOf({ poms: [APP] }))]],
      [`2.14.1 at opt/log4j-core-2.14.1.jar!/${POM}`],
    ],
  ])('%s', async (_, layers, expected) => {
    expect(await found(...layers)).toEqual(expected);
  });
});

describe('log4j-core is not found', () => {
  it.each<[what: string, layers: readonly (readonly Member[])[], expected: readonly string[]]>([
    [
      'after a layer above deleted its archive',
      [[file('opt/shop.ear', EAR)], [file('opt/.wh.shop.ear', Buffer.alloc(0))]],
      [],
    ],
    [
      'after a layer above deleted its directory',
      [[file('opt/shop.ear', EAR)], [file('.wh.opt', Buffer.alloc(0))]],
      [],
    ],
    [
      'with the version of an archive that a layer above replaced',
      [[file('opt/log4j-core.jar', VULNERABLE)], [file('opt/log4j-core.jar', log4j('2.17.1'))]],
      [`2.17.1 at opt/log4j-core.jar!/${POM}`],
    ],
    [
      'where the class was removed from an archive without a descriptor',
      [[file('opt/app-1.0.jar', jarOf({ poms: [APP], classes: ['org/apache/logging/log4j/core/lookup/MapLookup'] }))]],
      [],
    ],
    [
      'in log4j-api',
      [
        [
          file(
            'opt/log4j-api-2.14.1.jar',
            jarOf({ poms: ['org.apache.logging.log4j:log4j-api:2.14.1'], classes: ['a/B'] }),
          ),
        ],
      ],
      [],
    ],
  ])('%s', async (_, layers, expected) => {
    expect(await found(...layers)).toEqual(expected);
  });
});
