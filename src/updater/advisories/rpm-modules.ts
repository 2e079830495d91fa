import type { Advisory, AffectedPackage } from '../../model/advisories/advisory.ts';
import type { RecordDiagnostics } from '../feed/fetcher.ts';
import { addRecordDiagnostic } from './record-diagnostics.ts';

/**
 * Stands for the module stream of a package that plainly was built in a module when its advisory does not say in which.
 * It is no stream: {@link withKnownStreams} puts those that may be meant in its place.
 */
export const UNTOLD_STREAM = '?';

/** Tells whether a package with this version was built in a module: its release says so. */
export function isModular(version: string): boolean {
  return /\.module[+_]/.test(version);
}

/**
 * Finds the module streams that the title of an erratum of the Red Hat family names: `Moderate: ruby:3.3 security update`
 * gives `ruby:3.3`, `virt:rhel and virt-devel:rhel bug fix update` both. Numbers of errata are none.
 */
export function moduleStreamsIn(title: string): readonly string[] {
  const words = title.match(/(?<![^\s(])[A-Za-z0-9][\w.+-]*:[A-Za-z0-9][\w.+-]*/g) ?? [];
  return [...new Set(words.filter((word) => !/^[A-Z]+-\d{4}:\d+$/.test(word)))];
}

/**
 * Puts the module streams in which the whole feed knows a package in the place of a stream that was not told; of a package
 * that it knows in none, all the streams of its release. So such an advisory may be for a stream that it does not
 * speak of, and never for too few. The few advisories of that kind come last.
 *
 * @throws what `advisories` throws
 */
export async function* withKnownStreams(
  advisories: AsyncIterable<Advisory>,
  recordDiagnostics: RecordDiagnostics,
): AsyncGenerator<Advisory> {
  const streams = new Map<string, Set<string>>();
  const waiting: Advisory[] = [];
  for await (const advisory of advisories) {
    for (const { namespace, package: name, module } of advisory.affected) {
      if (module === undefined || module === UNTOLD_STREAM) continue;
      for (const key of [namespace, `${namespace} ${name}`]) {
        const known = streams.get(key);
        if (known === undefined) streams.set(key, new Set([module]));
        else known.add(module);
      }
    }
    if (advisory.affected.some(({ module }) => module === UNTOLD_STREAM)) waiting.push(advisory);
    else yield advisory;
  }
  for (const advisory of waiting) {
    addRecordDiagnostic(
      recordDiagnostics,
      `${advisory.id} taken as meant for each stream that may be: it does not say its module`,
    );
    yield { ...advisory, affected: advisory.affected.flatMap((each) => inKnownStreams(each, streams)) };
  }
}

function inKnownStreams(
  affected: AffectedPackage,
  streams: ReadonlyMap<string, ReadonlySet<string>>,
): readonly AffectedPackage[] {
  const { module, ...rest } = affected;
  if (module !== UNTOLD_STREAM) return [affected];
  const known = streams.get(`${rest.namespace} ${rest.package}`) ?? streams.get(rest.namespace);
  // Without any stream there are only packages outside of modules to be matched with.
  if (known === undefined) return [{ ...rest, status: 'unknown' }];
  return [...known].map((stream) => ({ ...rest, module: stream, status: 'unknown' }));
}
