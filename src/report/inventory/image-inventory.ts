import type { Store } from '../../database/contracts/store.ts';
import { ecosystemOf } from '../../ecosystems/index.ts';
import { DIAGNOSTICS } from '../../model/report/diagnostic.ts';
import type { Report } from '../../model/report/report.ts';
import type { Verdicts } from '../../model/report/match.ts';
import type { ReportableImage } from '../image/indexed-image.ts';
import { judgesOf } from '../image/ownership/judges.ts';
import { layerCoverage } from '../image/layer-coverage.ts';
import { layerDiagnostics } from '../image/layer-diagnostics.ts';
import { ownerDiagnostics } from '../image/ownership/owner-diagnostics.ts';
import { uncoveredDiagnostics } from '../image/ownership/uncovered-packages.ts';
import { reportPackages } from '../image/report-packages.ts';

/** The parts of a report that need no matching. */
export type ImageInventory = Pick<Report, 'distribution' | 'contentSets' | 'packages' | 'coverage' | 'diagnostics'> & {
  /** The digests of the layers in the stored image, base first. */
  readonly layers: readonly Pick<Report['layers'][number], 'digest'>[];
};

/**
 * Returns the packages of an indexed image, and the diagnostics about the analysis and the feeds. Only a report
 * contains the diagnostics about individual matches and about file rules, because the inventory applies neither
 * advisories nor file rules. Therefore a report can be incomplete (`package-epoch-unknown`, the diagnostics about file
 * rules) although the inventory has no diagnostic.
 */
export async function imageInventory(
  store: Pick<Store, 'snapshot'>,
  { image, layers }: ReportableImage,
  now: number,
): Promise<ImageInventory> {
  const leaf = layers.at(-1);
  if (leaf === undefined) {
    return { distribution: null, contentSets: [], packages: [], coverage: [], diagnostics: [], layers: [] };
  }
  return await store.snapshot(async (at) => {
    const installed = await at.layers.features(leaf.id);
    const judges = await judgesOf(at.feeds, installed, leaf.diagnostics);
    const features = { installed, judges };
    const coverage = await layerCoverage(at, leaf, features);
    const diagnostics = [
      ...(await layerDiagnostics(at, leaf, now, { verdicts: NO_VERDICTS, features, coverage })),
      ...ownerDiagnostics(installed, judges),
      ...uncoveredDiagnostics(installed),
    ];
    return {
      distribution: leaf.distribution,
      contentSets: leaf.contentSets,
      packages: reportPackages(installed, (of) => ecosystemOf(of).purl(of, leaf.distribution)),
      coverage,
      diagnostics: diagnostics.map((each) => ({ ...each, incomplete: DIAGNOSTICS[each.code].incomplete })),
      layers: image.layers,
    };
  });
}

const NO_VERDICTS: Verdicts = { matches: [], undecided: [], notes: [] };
