import { expect, it } from 'vitest';
import { advisory } from '../../../database/testing/packages.ts';
import { alsoOfCentos } from './centos.ts';

it.each<[string, object, readonly string[]]>([
  ['about a release from which CentOS was rebuilt', { namespace: 'rhel:7' }, ['rhel:7', 'centos:7']],
  ['about a release from which CentOS was not rebuilt', { namespace: 'rhel:9' }, ['rhel:9']],
  ['about a layered product only', { namespace: 'rhel:8', cpe: 'cpe:/a:redhat:openshift:4' }, ['rhel:8']],
])('applies a statement %s', async (_, of, namespaces) => {
  const said = advisory('CVE-2099-0001', { package: 'bash', fixed: '4.2-1.el7', ...of });
  async function* feed() {
    yield said;
  }
  for await (const { affected, ...rest } of alsoOfCentos(feed())) {
    expect({ ...rest, affected: said.affected }).toEqual(said);
    expect(affected).toEqual(namespaces.map((namespace) => ({ ...said.affected[0], namespace })));
  }
});
