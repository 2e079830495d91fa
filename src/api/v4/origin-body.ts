import { typeOfNamespace } from '../../ecosystems/index.ts';
import { isLibrary } from '../../model/package-kind.ts';
import { distributionBody } from './inventory-body.ts';
import type { VulnerabilityBody } from './vulnerability-report-body.ts';

/** Returns the distribution or repository of a namespace. Absent members are omitted, because Quay fails on null. */
export function originBody(namespace: string): Pick<VulnerabilityBody, 'distribution' | 'repository'> {
  const type = typeOfNamespace(namespace);
  if (type !== '' && isLibrary({ type })) return { repository: { id: '', name: type, key: '', uri: '', cpe: '' } };
  const [id = '', version = ''] = namespace.split(/:(.*)/s);
  if (id === '') return {};
  const prettyName = `${id} ${version}`.trim();
  return { distribution: { ...distributionBody({ id, version, namespace, prettyName }), id: '' } };
}
