import { fileBytes } from '../../bytes/file-bytes.ts';
import type { Clair } from '../../compose/clair.ts';
import type { Report } from '../../model/report/report.ts';
import { reportImage } from '../image/image-report.ts';
import { openImage, parseTarget } from '../../worker/sources/target.ts';

const NO_IMAGE = { kind: 'layer', reference: '', digest: '', platform: '', layers: [] };

/** Analyses an archive of a root file system as a layer, and returns its report. */
export async function reportOfLayer({ worker, store }: Clair, path: string): Promise<Report> {
  const source = { where: path, open: async () => fileBytes(path) };
  const layer = await worker.analyzeLayer({ name: path, parent: null, source });
  return await reportImage(store, NO_IMAGE, [layer], Date.now());
}

/** Analyses an image as `clair scan` does, and returns its report. */
export async function reportOfImage({ worker, store }: Clair, target: string): Promise<Report> {
  const image = await openImage(parseTarget(target));
  try {
    return await reportImage(store, NO_IMAGE, await worker.analyzeImage(image), Date.now());
  } finally {
    await image.close();
  }
}

/** Returns the findings of a report as sorted lines of the form `IDENTIFIER PACKAGE VERSION`. */
export function findingsOf({ findings }: Report): readonly string[] {
  return findings.map(({ id, package: name, version }) => `${id} ${name} ${version}`).toSorted();
}
