import { shownName } from '../../bytes/tar/name.ts';
import type { Detector, FileFindings } from '../detectors/detector.ts';
import type { LayerEntry } from './layer-findings.ts';

/** What each detector that wants a file read from it. */
export type Readings = ReadonlyMap<Detector, FileFindings>;

/** Returns the entry of a file: what detectors of features read stays apart, by detector; the rest is united. */
export function fileEntry(path: string, readings: Readings): LayerEntry {
  const byDetector: Record<string, FileFindings> = {};
  const others: FileFindings[] = [];
  for (const [{ id, kind }, findings] of readings) {
    const known = byDetector[id];
    if (kind !== 'features') others.push(findings);
    else byDetector[id] = known === undefined ? findings : united([known, findings]);
  }
  const hasFeatures = Object.keys(byDetector).length > 0;
  return {
    kind: 'file',
    path,
    ...((others.length > 0 || !hasFeatures) && { findings: united(others) }),
    ...(hasFeatures && { byDetector }),
  };
}

/** Copies findings, whose texts are parts of the text of the whole file and would keep it in memory. */
export function copyOf(findings: FileFindings): FileFindings {
  return JSON.parse(JSON.stringify(findings));
}

/** Returns whether the detectors found nothing in a file, not even something wrong. */
export function isSilent(readings: Readings): boolean {
  return [...readings.values()].every(({ diagnostics, ...found }) => {
    return diagnostics.length === 0 && Object.values(found).every((each) => Array.isArray(each) && each.length === 0);
  });
}

/** Returns how many packages and other features were read from a file. */
export function featureCount(readings: Readings): number {
  return [...readings.values()].reduce((sum, { packages = [], features = [] }) => {
    return sum + packages.length + features.length;
  }, 0);
}

/** Returns readings with at most `room` features, and with a diagnostic where some were cut off. */
export function cutReadings(readings: Readings, room: number, path: string, maxPackages: number): Readings {
  let left = room;
  return new Map(
    [...readings].map(([detector, findings]): [Detector, FileFindings] => {
      const packages = findings.packages?.slice(0, left);
      left -= packages?.length ?? 0;
      const features = findings.features?.slice(0, left);
      left -= features?.length ?? 0;
      const isWhole = packages?.length === findings.packages?.length && features?.length === findings.features?.length;
      if (isWhole) return [detector, findings];
      const message = `the layer has more than ${maxPackages} packages: the others of ${shownName(path)} were not read`;
      const diagnostic = { code: 'package-limit-reached', message, where: path } as const;
      const diagnostics = [...findings.diagnostics, diagnostic];
      return [detector, { ...findings, ...(packages && { packages }), ...(features && { features }), diagnostics }];
    }),
  );
}

/** Returns what is found at `path`, a hard link to the file at `target`: features lie where the link is. */
export function linkedFindings(findings: FileFindings, target: string, path: string): FileFindings {
  if (findings.features === undefined) return findings;
  const features = findings.features.map((each) => {
    return each.path.startsWith(target) ? { ...each, path: `${path}${each.path.slice(target.length)}` } : each;
  });
  return { ...findings, features };
}

/** Unites what several detectors read from one file. */
function united(all: readonly FileFindings[]): FileFindings {
  const facts = all.flatMap(({ release }) => Object.entries(release ?? {}));
  const hasRelease = all.some(({ release }) => release !== undefined);
  const packages = all.flatMap((findings) => (findings.packages === undefined ? [] : [findings.packages]));
  const features = all.flatMap((findings) => (findings.features === undefined ? [] : [findings.features]));
  // What a database says together with its log replaces what the file says by itself, so that has to be of one detector.
  const content = all.length === 1 ? all[0]?.content : undefined;
  const contentSets = all.flatMap((findings) => (findings.contentSets === undefined ? [] : [findings.contentSets]));
  return {
    ...(hasRelease && { release: Object.fromEntries(facts) }),
    ...(packages.length > 0 && { packages: packages.flat() }),
    ...(features.length > 0 && { features: features.flat() }),
    ...(contentSets.length > 0 && { contentSets: contentSets.flat() }),
    ...(content !== undefined && { content }),
    diagnostics: all.flatMap(({ diagnostics }) => diagnostics),
  };
}
