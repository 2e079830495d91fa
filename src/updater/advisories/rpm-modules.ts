import type { Advisory, AffectedPackage } from '../../model/advisories/advisory.ts';
import type { RecordDiagnostics } from '../feed/fetcher.ts';
import { addRecordDiagnostic, inexact } from './record-diagnostics.ts';

/**
 * The placeholder for the unnamed module stream of a modular package; {@link withKnownStreams} replaces the
 * placeholder.
 */
export const UNTOLD_STREAM = '?';

/** Returns whether a package was built in a module, according to the release in its rpm version. */
export function isModular(version: string): boolean {
  return /\.module[+_]/.test(version);
}

/**
 * Returns the module streams in the title of a Red Hat family erratum. For example, returns `ruby:3.3` for `Moderate:
 * ruby:3.3 security update`, and both streams for `virt:rhel and virt-devel:rhel bug fix update`. Ignores erratum
 * numbers.
 */
export function moduleStreamsIn(title: string): readonly string[] {
  const words = title.match(/(?<![^\s(])[A-Za-z0-9][\w.+-]*:[A-Za-z0-9][\w.+-]*/g) ?? [];
  return [...new Set(words.filter((word) => !/^[A-Z]+-\d{4}:\d+$/.test(word)))];
}

/**
 * Replaces each unknown stream with all streams in which the feed lists the package. If the feed lists the package in
 * no stream, all streams of the release are used. The resulting advisory may cover too many of these streams, but never
 * too few. Yields advisories with unknown streams after all other advisories.
 *
 * @throws the errors of `advisories`
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
      inexact(`${advisory.id} applied to all possible module streams: the advisory names no module`),
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
  // If no stream is known, only packages outside modules can match.
  if (known === undefined) return [{ ...rest, status: 'unknown' }];
  return [...known].map((stream) => ({ ...rest, module: stream, status: 'unknown' }));
}
