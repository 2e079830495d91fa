import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { imageUpgrades } from '../../report/upgrades/image-upgrades.ts';
import type { ReadingOptions } from '../api-options.ts';
import { imageOfDigest } from './images.ts';
import { IMAGE_DIGEST } from './shapes.ts';

const PARAMS = Type.Object({ digest: IMAGE_DIGEST });

const UPGRADE = Type.Object(
  {
    type: Type.String({ description: 'package URL type, such as deb or npm' }),
    namespace: Type.String(),
    name: Type.String({ description: 'name of the source package or library' }),
    packages: Type.Array(Type.Object({ name: Type.String(), version: Type.String() }, { title: 'UpgradedPackage' }), {
      description: 'installed packages with findings that the upgrade fixes',
    }),
    version: Type.String({ description: 'lowest version that fixes all these findings' }),
    layers: Type.Array(Type.Integer(), { description: 'indexes of the layers that added the packages, ascending' }),
    command: Type.Union([Type.String(), Type.Null()], {
      description:
        'shell command for the Dockerfile (packages) or for the source code of the application (libraries); null if Clair knows no command, or if a name or version has special characters',
    }),
    severities: Type.Object({}, { description: 'fixed findings by severity; severities without findings are absent' }),
    fixed: Type.Integer({ description: 'number of fixed findings' }),
    exploited: Type.Integer({ description: 'number of fixed findings with a CVE in KEV' }),
    vulnerabilities: Type.Array(Type.String(), {
      description: 'IDs of the fixed vulnerabilities, known exploited first, then worst severity first',
    }),
  },
  { title: 'Upgrade' },
);

const ANSWER = Type.Object({
  upgrades: Type.Array(UPGRADE),
  fixes: Type.Integer({ description: 'total number of findings that the upgrades fix' }),
  findings: Type.Integer({ description: 'number of findings in the image, excluding suppressed findings' }),
});

/** Registers `GET /images/:digest/upgrades`. */
export function imageUpgradesRoute(server: FastifyInstance, { store, report }: ReadingOptions): void {
  server.get<{ Params: Type.Static<typeof PARAMS> }>(
    '/images/:digest/upgrades',
    {
      schema: { params: PARAMS },
      config: {
        isLong: true,
        described: {
          summary:
            'List the package upgrades that fix findings of an image, with the command of each upgrade if there is one.',
          description:
            'Upgrades that fix a known exploited vulnerability come before all other upgrades. Within each group, upgrades are sorted by the worst severity that they fix, then by the number of findings that they fix. Only published fixes are listed. Each installed version of a library has its own upgrade. Suppressed findings are left out.',
          answers: { 200: ANSWER },
          errors: [400, 404],
        },
      },
    },
    async ({ params: { digest } }) => {
      const { image, layers } = await imageOfDigest(store, digest);
      const { findings } = await report(image, layers);
      const upgrades = imageUpgrades(findings);
      const fixes = upgrades.reduce((sum, { fixed }) => sum + fixed, 0);
      return { upgrades, fixes, findings: findings.length };
    },
  );
}
