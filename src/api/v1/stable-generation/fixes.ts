import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { ClairError } from '../../../errors.ts';
import type { AffectedPackage } from '../../../model/advisories/advisory.ts';
import type { RouteOptions } from '../../api-options.ts';
import { copiedSeverity, refuseRemoval, startedFrom, withPackages } from '../manual-edits.ts';
import { NAMESPACE_NAME, PACKAGE_NAME, VULNERABILITY_NAME } from '../shapes.ts';
import { FIX } from './answer-shapes.ts';
import { schemeOfKnown } from './namespaces.ts';
import { affectedOf, formatsOf, POSTED_FIX } from './posted-fix.ts';
import { fixesIn } from './vulnerability-json.ts';

const ALL = Type.Object({ namespace: NAMESPACE_NAME, name: VULNERABILITY_NAME });
const ONE = Type.Object({ ...ALL.properties, feature: PACKAGE_NAME });

/** The package name is optional in the body, because the path contains it. */
const POSTED = Type.Object({
  Feature: Type.Object({ ...POSTED_FIX.properties, Name: Type.Optional(Type.String()) }, { title: 'PostedFeature' }),
});

type OnePath = { Params: Type.Static<typeof ONE> };

/** Registers the routes below `/namespaces/:namespace/vulnerabilities/:name/fixes`. */
export function fixRoutes(server: FastifyInstance, { store }: RouteOptions): void {
  const path = '/namespaces/:namespace/vulnerabilities/:name/fixes';

  server.get<{ Params: Type.Static<typeof ALL> }>(
    path,
    {
      schema: { params: ALL },
      config: {
        described: {
          summary: 'List the packages that a vulnerability affects in a namespace, with their fixed versions.',
          answers: { 200: Type.Object({ Features: Type.Array(FIX) }) },
          errors: [400, 404],
        },
      },
    },
    async ({ params: { namespace, name } }) => {
      const format = await schemeOfKnown(store, namespace);
      const { affected } = await advisoriesIn(namespace, name);
      return { Features: fixesIn(namespace, format, affected) };
    },
  );

  server.put<OnePath & { Body: Type.Static<typeof POSTED> }>(
    `${path}/:feature`,
    {
      schema: { params: ONE, body: POSTED },
      config: {
        described: {
          summary: 'Set the fixed version of a package.',
          description: 'The version `None` means that no fix exists. Replaces only the fix of this package.',
          answers: { 200: Type.Object({ Feature: FIX }) },
          errors: [400, 404, 413],
        },
      },
    },
    async ({ params: { namespace, name, feature }, body: { Feature: posted } }) => {
      const { Name: named = '' } = posted;
      if (named !== '' && named !== feature) {
        throw new ClairError('request/invalid', `body.Feature.Name is ${named}, but the path names ${feature}`);
      }
      const fix = { ...posted, Name: feature };
      const format = await schemeOfKnown(store, namespace);
      const { records, affected } = await advisoriesIn(namespace, name);
      const added = affectedOf(fix, namespace, copiedSeverity(name, affected));
      await store.manual.edit({
        name,
        at: store.now(),
        formats: formatsOf(namespace, [fix]),
        change: (present = startedFrom(name, records)) => withPackages(present, [added]),
      });
      return { Feature: fixesIn(namespace, format, [added])[0] };
    },
  );

  server.delete<OnePath>(
    `${path}/:feature`,
    {
      schema: { params: ONE },
      config: {
        described: {
          summary: 'Delete the manual fix of a package.',
          answers: { 200: null },
          errors: [400, 404],
        },
      },
    },
    async ({ params: { namespace, name, feature } }, reply) => {
      await schemeOfKnown(store, namespace);
      const { records } = await advisoriesIn(namespace, name);
      const isMeant = (each: AffectedPackage): boolean => each.namespace === namespace && each.package === feature;
      const know = records.filter((record) => record.affected.some(isMeant));
      if (know.length === 0) {
        throw new ClairError('fix/not-found', `${name} does not affect ${feature} in ${namespace}`);
      }
      await store.manual.edit({
        name,
        at: store.now(),
        change(present) {
          if (present?.affected.some(isMeant) !== true) refuseRemoval(`the fix of ${feature} in ${name}`, know);
          return { ...present, affected: present.affected.filter((each) => !isMeant(each)) };
        },
      });
      return await reply.send();
    },
  );

  /**
   * Returns the advisories of a vulnerability and its affected packages in a namespace. @throws ClairError
   * `vulnerability/not-found`
   */
  async function advisoriesIn(namespace: string, name: string) {
    const records = await store.vulnerabilities.find(name);
    const affected = records.flatMap((record) => record.affected).filter((each) => each.namespace === namespace);
    if (affected.length > 0) return { records, affected };
    throw new ClairError('vulnerability/not-found', `vulnerability ${name} in ${namespace} not found`);
  }
}
